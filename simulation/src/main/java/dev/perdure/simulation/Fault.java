package dev.perdure.simulation;

/** What goes wrong on purpose. */
enum Fault {
  /** The power goes off: whatever was not durable is gone. */
  POWER_OFF("power off"),
  /** The power goes off while a commit is under way. */
  POWER_OFF_IN_COMMIT("power off in a commit"),
  /** Another host takes over while this one goes on without knowing. */
  FAILOVER("failover with a zombie"),
  /** The program is stopped in order and started again. */
  RESTART("orderly restart"),
  /** A commit fails and is lost. */
  COMMIT_LOST("failed commit, lost"),
  /** A commit fails but is kept: only the answer is lost. */
  COMMIT_KEPT("failed commit, kept"),
  /** A commit takes long. */
  COMMIT_SLOW("slow commit"),
  /** Somebody else has taken a partition. */
  LEASE_LOST("lost lease"),
  /** Rows cannot be written. */
  ROWS_FAILED("failed rows"),
  /** Rows that were written and not durable are gone, and the host goes on. */
  ROWS_LOST("lost rows"),
  /** A message between partitions comes late. */
  MESSAGE_DELAYED("delayed message"),
  /** A message between partitions comes twice. */
  MESSAGE_DOUBLED("doubled message"),
  /** The clock of the host jumps. */
  CLOCK_JUMPED("clock jump"),
  /** A remote worker goes away, with work in hand. */
  WORKER_GONE("remote worker gone"),
  /** A remote worker takes long. */
  WORKER_SLOW("slow remote worker"),
  /** A remote worker gives work back. */
  WORK_GIVEN_BACK("work given back"),
  /** A remote worker answers twice. */
  ANSWERED_TWICE("answer given twice"),
  /** A remote worker takes only some of the events of a step. */
  EVENTS_LEFT("events left for the next step");

  private final String words;

  Fault(String words) {
    this.words = words;
  }

  @Override
  public String toString() {
    return words;
  }
}
