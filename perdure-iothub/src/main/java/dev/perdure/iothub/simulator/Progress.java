package dev.perdure.iothub.simulator;

import java.time.Duration;

/**
 * How far a simulation is.
 *
 * @param connected devices that are connected now
 * @param sent messages sent for the first time
 * @param acknowledged messages that are durable in the hub
 * @param failures how often a connection broke or could not be made
 * @param elapsed since the first message could be sent
 */
public record Progress(
    int connected, long sent, long acknowledged, long failures, Duration elapsed) {
  /** Acknowledged messages a second. */
  public double perSecond() {
    return elapsed.isZero() ? 0 : acknowledged / (elapsed.toNanos() / 1e9);
  }
}
