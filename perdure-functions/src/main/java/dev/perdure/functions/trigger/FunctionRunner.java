package dev.perdure.functions.trigger;

/** Runs one function of an app. Safe from any thread. */
@FunctionalInterface
public interface FunctionRunner {
  /**
   * Runs the function, again according to its retry policy if it fails, and writes its outputs.
   * Blocks until that is done; called on a thread that may be blocked, best a virtual one.
   *
   * <p>The function runs on a thread of its own. If the calling one is interrupted, the run is,
   * there is no further attempt, and the calling thread is interrupted when this returns.
   *
   * @throws InterruptedException if the thread is interrupted while it waits between attempts
   */
  Outcome run(Invocation invocation) throws InterruptedException;

  /** Whether it looks at the metadata of invocations; if not, none need be given. */
  default boolean usesMetadata() {
    return true;
  }
}
