package dev.perdure.trigger.sql.sqlserver;

import java.sql.SQLException;
import java.util.List;

/**
 * The changes that a table has, and leases on its rows that keep other hosts from them. Each method
 * is a transaction. Used by one thread at a time.
 */
interface ChangeTracking extends AutoCloseable {
  /** Opens it. */
  @FunctionalInterface
  interface Source {
    /**
     * Connects, looks whether the table can be watched, and makes what is missing.
     *
     * @throws dev.perdure.trigger.sql.change.CannotWatchException if it cannot
     */
    ChangeTracking open() throws SQLException;
  }

  /** Rows that have changed and that nobody has, leased for a minute; may be none. */
  List<TrackedRow> lease(int rowsMax) throws SQLException;

  /** Leases rows for another minute. */
  void renew(List<TrackedRow> rows) throws SQLException;

  /**
   * Notes that rows have been dealt with.
   *
   * @param newVersion up to which nothing has to be looked at again, if all other changes up to
   *     there have been dealt with as well
   */
  void release(List<TrackedRow> rows, long newVersion) throws SQLException;

  /** Whether the connection is still of use. */
  boolean isUsable();

  @Override
  void close();
}
