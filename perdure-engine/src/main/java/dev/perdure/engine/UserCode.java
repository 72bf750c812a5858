package dev.perdure.engine;

/** User code under way on a thread of its own, for whoever looks after it. Safe from any thread. */
public interface UserCode {
  /** When it began, or was to begin, by the clock of the environment. */
  long startedNanos();

  /** Whether it has not begun, for want of a CPU. */
  boolean isQueued();

  /** What it is doing at the moment. */
  StackTraceElement[] stack();

  /** The state of its thread. */
  Thread.State threadState();
}
