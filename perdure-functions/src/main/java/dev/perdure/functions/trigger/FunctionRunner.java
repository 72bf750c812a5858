package dev.perdure.functions.trigger;

/** Runs one function of an app. Safe from any thread. */
@FunctionalInterface
public interface FunctionRunner {
  /**
   * Runs the function, again according to its retry policy if it fails, and writes its outputs.
   * Blocks until that is done; called on a thread that may be blocked, best a virtual one.
   *
   * @throws InterruptedException if the thread is interrupted while it waits between attempts
   */
  Outcome run(Invocation invocation) throws InterruptedException;

  /** Whether it looks at the metadata of invocations; if not, none need be given. */
  default boolean usesMetadata() {
    return true;
  }
}
