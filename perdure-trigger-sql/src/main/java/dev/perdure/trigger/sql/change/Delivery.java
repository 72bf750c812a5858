package dev.perdure.trigger.sql.change;

import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.Outcome;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Gives changes from a stream to a function, and confirms them when it has run: at least once each,
 * in order. A function that fails gets the same changes again, and then no more; later changes wait
 * for that.
 */
public final class Delivery {
  private static final System.Logger LOG = System.getLogger("dev.perdure.trigger.sql");

  /** How many keys are named in the log. */
  private static final int KEYS_SHOWN = 100;

  private final String function;
  private final String table;
  private final FunctionRunner runner;
  private final Turnstile turnstile;
  private final Attempts attempts;
  private final Duration keepAlive;

  /**
   * For one function.
   *
   * @param table the name of the table, for the log
   * @param keepAlive how often the stream is told to show that it is alive
   */
  public Delivery(
      String function,
      String table,
      FunctionRunner runner,
      Turnstile turnstile,
      Attempts attempts,
      Duration keepAlive) {
    this.function = function;
    this.table = table;
    this.runner = runner;
    this.turnstile = turnstile;
    this.attempts = attempts;
    this.keepAlive = keepAlive;
  }

  /**
   * Passes on all changes of a stream.
   *
   * @param up run once the stream is open
   * @throws InterruptedException if the host closes
   * @throws Exception if the stream cannot be opened or read any further
   */
  public void passOn(ChangeSource source, int rowsMax, Runnable up) throws Exception {
    try (ChangeStream stream = source.open()) {
      up.run();
      while (true) {
        deliver(stream.next(rowsMax), stream);
      }
    }
  }

  private void deliver(List<RowChange> changes, ChangeStream stream) throws Exception {
    for (int attempt = 1; ; attempt++) {
      turnstile.enter();
      try {
        Outcome outcome = run(changes, stream);
        if (outcome.succeeded()) {
          stream.confirm();
          return;
        }
        if (attempt >= attempts.max()) {
          giveUp(changes, outcome.failure());
          stream.confirm();
          return;
        }
        LOG.log(
            Level.WARNING,
            "Function '%s' has failed with %s of table '%s', attempt %d of %d. It gets them again in %d ms."
                .formatted(
                    function,
                    RowChange.count(changes),
                    table,
                    attempt,
                    attempts.max(),
                    attempts.delayAfter(attempt).toMillis()),
            outcome.failure());
      } finally {
        turnstile.leave();
      }
      pause(attempts.delayAfter(attempt), stream);
    }
  }

  private Outcome run(List<RowChange> changes, ChangeStream stream) throws Exception {
    FunctionRun run = FunctionRun.begin(runner, function, table, changes);
    Exception broken = null;
    Outcome outcome = run.await(keepAlive);
    while (outcome == null) {
      if (broken == null) {
        broken = alive(stream);
      }
      outcome = run.await(keepAlive);
    }
    // Two runs with the same rows at once would be worse than a late reconnect.
    if (broken != null) {
      throw broken;
    }
    return outcome;
  }

  private static @Nullable Exception alive(ChangeStream stream) throws InterruptedException {
    try {
      stream.keepAlive();
      return null;
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      return e;
    }
  }

  private void pause(Duration delay, ChangeStream stream) throws Exception {
    Duration left = delay;
    while (left.compareTo(keepAlive) > 0) {
      Thread.sleep(keepAlive);
      stream.keepAlive();
      left = left.minus(keepAlive);
    }
    Thread.sleep(left);
  }

  private void giveUp(List<RowChange> changes, @Nullable Throwable failure) {
    String keys =
        changes.stream()
            .limit(KEYS_SHOWN)
            .map(change -> "(" + String.join(", ", change.key()) + ")")
            .collect(Collectors.joining(", "));
    LOG.log(
        Level.ERROR,
        "Function '%s' has failed %d times with %s of table '%s'. They are skipped; their keys are %s%s."
            .formatted(
                function,
                attempts.max(),
                RowChange.count(changes),
                table,
                keys,
                changes.size() > KEYS_SHOWN ? ", and others" : ""),
        failure);
  }
}
