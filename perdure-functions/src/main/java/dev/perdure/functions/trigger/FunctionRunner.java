package dev.perdure.functions.trigger;

import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

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

  /**
   * Runs the function as {@link #run} does, but on the calling thread if it can: one that is there
   * for this alone, since nothing more is done on it if the run is given up.
   *
   * @param stops whether the caller stops, and has the thread interrupted therefore: then a
   *     function that takes no notice of that has its outputs interrupted in its place
   * @param then gets what came of it, once, and must not throw: before this returns, or from
   *     another thread if the run is given up because it goes on after its time
   * @throws InterruptedException if the thread is interrupted while it waits between attempts
   */
  default void runHere(Invocation invocation, BooleanSupplier stops, Consumer<Outcome> then)
      throws InterruptedException {
    then.accept(run(invocation));
  }

  /** Whether it looks at the metadata of invocations; if not, none need be given. */
  default boolean usesMetadata() {
    return true;
  }
}
