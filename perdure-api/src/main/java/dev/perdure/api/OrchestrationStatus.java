package dev.perdure.api;

/** Where an orchestration stands. The names are those of Durable Functions. */
public enum OrchestrationStatus {
  /** Accepted and durable; its code has not run yet. */
  PENDING,
  /** Its code has run, and it waits for something or is running now. */
  RUNNING,
  /** Paused by an operator; what arrives is kept and handed over when it is resumed. */
  SUSPENDED,
  /** Ended with an output. */
  COMPLETED,
  /** Ended with a failure. */
  FAILED,
  /** Ended by an operator, or with its parent. */
  TERMINATED;

  /** Whether the orchestration has ended. */
  public boolean isTerminal() {
    return this == COMPLETED || this == FAILED || this == TERMINATED;
  }
}
