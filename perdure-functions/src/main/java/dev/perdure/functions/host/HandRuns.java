package dev.perdure.functions.host;

import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.Outcome;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** Functions that are run by hand, in the background. Safe from any thread. */
final class HandRuns implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.perdure.functions");
  private static final int CLOSING_SECONDS = 2;

  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("perdure-by-hand-", 0).factory());

  /**
   * Runs a function some time soon.
   *
   * @return false if the host is being closed
   */
  boolean run(String function, FunctionRunner runner, Invocation invocation) {
    try {
      threads.execute(() -> runNow(function, runner, invocation));
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  private static void runNow(String function, FunctionRunner runner, Invocation invocation) {
    try {
      Outcome outcome = runner.run(invocation);
      if (!outcome.succeeded()) {
        LOG.log(
            System.Logger.Level.ERROR,
            "Function '%s', which was run by hand, has failed".formatted(function),
            outcome.failure());
      }
    } catch (InterruptedException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Function ''{0}'', which was run by hand, has not ended: the host is closed",
          function);
    }
  }

  /** Lets what is under way end for a short time. */
  @Override
  public void close() {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
