package dev.perdure.trigger.sql.change;

import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.Outcome;
import dev.perdure.functions.trigger.Value;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A run of a function with changes, on a thread of its own, so that others can do things meanwhile.
 */
public final class FunctionRun {
  /** How long a run that was interrupted may take to notice. */
  private static final Duration INTERRUPTED = Duration.ofSeconds(1);

  private final FutureTask<Outcome> task;
  private final Thread thread;

  private FunctionRun(FunctionRunner runner, Invocation invocation, String name) {
    this.task = new FutureTask<>(() -> runner.run(invocation));
    this.thread = Thread.ofVirtual().name("function " + name).start(task);
  }

  /** Begins. */
  public static FunctionRun begin(
      FunctionRunner runner, String function, String table, List<RowChange> changes) {
    Invocation invocation =
        Invocation.of(
            new Value.Json(RowChange.toJson(changes)),
            "%s of table '%s'".formatted(RowChange.count(changes), table));
    return new FunctionRun(runner, invocation, function);
  }

  /**
   * Waits for the end.
   *
   * @return null if it takes longer
   * @throws InterruptedException if the waiting thread is interrupted; the run is too
   */
  public @Nullable Outcome await(Duration time) throws InterruptedException {
    try {
      return task.get(time.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return null;
    } catch (ExecutionException e) {
      return new Outcome(null, e.getCause());
    } catch (InterruptedException e) {
      interrupt();
      throw e;
    }
  }

  /** Interrupts the run and waits a short time until it has ended. */
  public void interrupt() throws InterruptedException {
    thread.interrupt();
    boolean ended = thread.join(INTERRUPTED);
    if (!ended) {
      System.getLogger("dev.perdure.trigger.sql")
          .log(
              System.Logger.Level.WARNING,
              "A run of the {0} goes on although it was interrupted.",
              thread.getName());
    }
  }
}
