package dev.perdure.functions.host;

/** Where a host is between its start and its end. Safe from any thread. */
final class HostState {
  /** What it does. */
  enum Phase {
    /** It gets ready. */
    STARTING("Starting"),
    /** It takes calls, and its triggers run. */
    RUNNING("Running"),
    /** It ends. */
    STOPPING("Stopping");

    private final String text;

    Phase(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  private volatile Phase phase = Phase.STARTING;

  Phase phase() {
    return phase;
  }

  void enter(Phase next) {
    phase = next;
  }
}
