package dev.perdure.iothub.simulator;

/** Is told of single messages. Called on the simulation's thread and has to return at once. */
public interface SimulationListener {
  /**
   * A message on its way.
   *
   * @param number counts the messages of the device, from 1
   * @param dueNanos when it should have been sent, as of {@link System#nanoTime}: what a hub that
   *     is slow holds up is counted from here
   * @param sentNanos when it was sent
   */
  record Sent(String deviceId, long number, long dueNanos, long sentNanos) {}

  /**
   * The hub has acknowledged a message: it is durable there.
   *
   * @param nowNanos as of {@link System#nanoTime}
   */
  void acknowledged(Sent message, long nowNanos);

  /** Wants to know nothing. */
  static SimulationListener none() {
    return (message, nowNanos) -> {};
  }
}
