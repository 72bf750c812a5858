package dev.perdure.iothub.simulator;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** What a simulated device has to say. Called on one thread. */
@FunctionalInterface
public interface Telemetry {
  /**
   * The payload of a message.
   *
   * @param number counts the messages of the device, from 1
   * @return not changed afterwards
   */
  byte[] payload(String deviceId, long number);

  /** Temperature and humidity that go up and down, as JSON of some 120 bytes. */
  static Telemetry weather() {
    return (deviceId, number) -> {
      double phase = number / 50.0 + deviceId.hashCode() % 100;
      return String.format(
              Locale.ROOT,
              "{\"deviceId\":\"%s\",\"messageId\":%d,\"temperature\":%.2f,\"humidity\":%.2f,\"time\":\"%s\"}",
              deviceId,
              number,
              21 + 4 * Math.sin(phase),
              50 + 15 * Math.cos(phase),
              Instant.now().truncatedTo(ChronoUnit.MILLIS))
          .getBytes(StandardCharsets.UTF_8);
    };
  }
}
