package dev.perdure.iothub.simulator;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

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
      StringBuilder json = new StringBuilder(160);
      json.append("{\"deviceId\":\"").append(deviceId);
      json.append("\",\"messageId\":").append(number);
      json.append(",\"temperature\":").append(rounded(21 + 4 * Math.sin(phase)));
      json.append(",\"humidity\":").append(rounded(50 + 15 * Math.cos(phase)));
      json.append(",\"time\":\"").append(Instant.now().truncatedTo(ChronoUnit.MILLIS));
      return json.append("\"}").toString().getBytes(StandardCharsets.UTF_8);
    };
  }

  /** To two places. Formatting would cost as much as sending does. */
  private static double rounded(double value) {
    return Math.round(value * 100) / 100.0;
  }
}
