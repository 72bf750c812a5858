package dev.perdure.iothub.simulator;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * How devices are simulated. Immutable; each {@code with} method returns a copy.
 *
 * @param rate messages a second of each device; 0 for as fast as they are acknowledged
 * @param duration how long new messages are sent; zero for no end
 * @param messagesMax of all devices together; 0 for no limit
 * @param inFlightMax of one device: messages sent and not acknowledged
 * @param properties the property bag of each message as in its topic; may be empty
 * @param telemetry what is sent
 */
public record SimulationOptions(
    MqttTarget target,
    double rate,
    Duration duration,
    long messagesMax,
    int inFlightMax,
    String properties,
    Telemetry telemetry) {
  public static final int IN_FLIGHT_MAX = 1000;

  public SimulationOptions {
    if (!(rate >= 0 && rate <= 100_000)) {
      throw new IllegalArgumentException(
          "The rate is %s; use 0 to 100000 messages a second and device.".formatted(rate));
    }
    if (duration.isNegative()) {
      throw new IllegalArgumentException(
          "The duration is %s; use zero or more.".formatted(duration));
    }
    if (messagesMax < 0) {
      throw new IllegalArgumentException(
          "The number of messages is %d; use 0 or more.".formatted(messagesMax));
    }
    if (inFlightMax < 1 || inFlightMax > IN_FLIGHT_MAX) {
      throw new IllegalArgumentException(
          "A device may have %d messages in flight; use 1 to %d."
              .formatted(inFlightMax, IN_FLIGHT_MAX));
    }
  }

  /** One message a second and device, without end. */
  public static SimulationOptions of(MqttTarget target) {
    return new SimulationOptions(target, 1, Duration.ZERO, 0, 10, "", Telemetry.weather());
  }

  public SimulationOptions withRate(double messagesPerSecond) {
    return new SimulationOptions(
        target, messagesPerSecond, duration, messagesMax, inFlightMax, properties, telemetry);
  }

  public SimulationOptions withDuration(Duration time) {
    return new SimulationOptions(
        target, rate, time, messagesMax, inFlightMax, properties, telemetry);
  }

  public SimulationOptions withMessagesMax(long count) {
    return new SimulationOptions(target, rate, duration, count, inFlightMax, properties, telemetry);
  }

  public SimulationOptions withInFlightMax(int messages) {
    return new SimulationOptions(
        target, rate, duration, messagesMax, messages, properties, telemetry);
  }

  public SimulationOptions withProperties(String bag) {
    return new SimulationOptions(target, rate, duration, messagesMax, inFlightMax, bag, telemetry);
  }

  public SimulationOptions withTelemetry(Telemetry source) {
    return new SimulationOptions(
        target, rate, duration, messagesMax, inFlightMax, properties, source);
  }

  /** The ids of that many simulated devices: {@code sim-0001} and so on. */
  public static List<String> deviceIds(int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(number -> String.format(Locale.ROOT, "sim-%04d", number))
        .toList();
  }
}
