package dev.perdure.trigger.sql.postgres;

import dev.perdure.trigger.sql.change.CannotWatchException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Looks now and then whether the table is still there: when it is dropped, nothing in the log says
 * so, it just gets silent. So does a connection whose other end has vanished, which is found out by
 * the same query.
 */
final class PgTableWatch implements AutoCloseable {
  private final PgSlot slot;
  private final PgTable table;
  private final Connection replication;
  private final Duration interval;
  private final Thread thread;
  private volatile @Nullable CannotWatchException problem;

  /** Begins; if there is a problem, the connection that reads the log is cut. */
  PgTableWatch(PgSlot slot, PgTable table, Connection replication, Duration interval) {
    this.slot = slot;
    this.table = table;
    this.replication = replication;
    this.interval = interval;
    this.thread = Thread.ofVirtual().name("watch of table " + table.name()).start(this::live);
  }

  /** Why the connection was cut; null if it was not. */
  @Nullable CannotWatchException problem() {
    return problem;
  }

  private void live() {
    try {
      do {
        Thread.sleep(interval);
      } while (slot.isPublished());
      cut(
          new CannotWatchException(
              "Could not find table: '%s'. It has been dropped, or has been taken out of its publication."
                  .formatted(table.name())));
    } catch (InterruptedException e) {
      // The stream is closed.
    } catch (SQLException e) {
      if (!Thread.currentThread().isInterrupted()) {
        cut(new CannotWatchException("The server does not answer any more.", e));
      }
    }
  }

  private void cut(CannotWatchException why) {
    problem = why;
    try {
      replication.abort(Runnable::run);
    } catch (SQLException e) {
      why.addSuppressed(e);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
