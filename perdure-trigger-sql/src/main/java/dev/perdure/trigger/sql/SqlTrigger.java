package dev.perdure.trigger.sql;

import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.Listening;
import dev.perdure.functions.trigger.Trigger;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.functions.trigger.Value;
import dev.perdure.trigger.sql.change.Attempts;
import dev.perdure.trigger.sql.change.Delivery;
import dev.perdure.trigger.sql.change.Turnstile;
import dev.perdure.trigger.sql.mariadb.MariaChangeSource;
import dev.perdure.trigger.sql.postgres.PgChangeSource;
import dev.perdure.trigger.sql.sqlserver.SqlServerListener;
import dev.perdure.trigger.sql.sqlserver.TrackedFunction;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Runs one function when rows of a table change. */
final class SqlTrigger implements Trigger {
  /** How long a run may go on when the host closes, before it is interrupted. */
  private static final Duration CLOSING = Duration.ofSeconds(5);

  /** How long the listener may take after that. */
  private static final Duration STOPPING = Duration.ofSeconds(2);

  /** How often a server hears of a host whose function runs. */
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(5);

  /** How often it is noted how far the log of a server has been read that has nothing new. */
  private static final Duration IDLE = Duration.ofSeconds(30);

  private final Turnstile turnstile = new Turnstile();
  private final Listening listening;

  SqlTrigger(
      Watch watch, FunctionRunner runner, TriggerEnvironment environment, Attempts attempts) {
    this.listening =
        new Listening(
            watch.function(), up -> listen(watch, runner, environment, attempts, up), STOPPING);
  }

  private void listen(
      Watch watch,
      FunctionRunner runner,
      TriggerEnvironment environment,
      Attempts attempts,
      Runnable up)
      throws Exception {
    Delivery delivery =
        new Delivery(
            watch.function(), watch.table().text(), runner, turnstile, attempts, KEEP_ALIVE);
    String site = environment.settings().get("WEBSITE_SITE_NAME");
    switch (watch.database().kind()) {
      case POSTGRESQL ->
          delivery.passOn(
              new PgChangeSource(
                  watch.database(), watch.table(), site == null ? "" : site, watch.function()),
              watch.options().maxBatchSize(),
              up);
      case MARIADB ->
          delivery.passOn(
              new MariaChangeSource(
                  watch.database(),
                  watch.table(),
                  table ->
                      HubPosition.of(environment.hub(), watch.function(), table, watch.table()),
                  IDLE),
              watch.options().maxBatchSize(),
              up);
      case SQL_SERVER ->
          new SqlServerListener(
                  watch.function(),
                  new SqlServerListener.Target(
                      watch.database(),
                      watch.table(),
                      watch.leasesTable(),
                      TrackedFunction.of(
                          site,
                          environment.settings().get("AzureFunctionsWebHost__hostid"),
                          watch.function()),
                      watch.options()),
                  runner,
                  turnstile)
              .listen(up);
    }
  }

  @Override
  public void start() {
    listening.start();
  }

  @Override
  public CompletableFuture<@Nullable Void> begun() {
    return listening.begun();
  }

  /** The text is what the function would get: a JSON array of changes. */
  @Override
  public Invocation byHand(String input) {
    return Invocation.of(
        new Value.Json(input.isBlank() ? "[]" : input),
        "This function was programmatically called via the host APIs.");
  }

  @Override
  public void close() {
    try {
      turnstile.close(CLOSING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    listening.close();
  }
}
