package dev.perdure.iothub.simulator;

/** Devices cannot be simulated. */
public final class SimulationException extends RuntimeException {
  private static final long serialVersionUID = 1;

  SimulationException(String message, Throwable cause) {
    super(message, cause);
  }
}
