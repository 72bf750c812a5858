package dev.perdure.trigger.sql.change;

import java.util.List;

/**
 * The changes of one table, in the order of commits, from a log that remembers how far it has been
 * dealt with. Used by one thread at a time.
 */
public interface ChangeStream extends AutoCloseable {
  /**
   * Waits for changes and returns those that are there; never waits for more.
   *
   * @param rowsMax how many rows at most
   * @return one change for each row; never empty
   * @throws InterruptedException if the thread is interrupted
   * @throws Exception if there will be no more; the message says why and what to do
   */
  List<RowChange> next(int rowsMax) throws Exception;

  /**
   * Notes that all that has been returned is dealt with. A stream that is opened later goes on
   * behind it, or, if it was amid a transaction, at the beginning of that.
   *
   * @throws Exception if that cannot be noted; it comes again
   */
  void confirm() throws Exception;

  /**
   * Lets the server know that this is alive while it is neither reading nor confirming; called
   * every few seconds.
   *
   * @throws Exception if the stream is broken
   */
  void keepAlive() throws Exception;

  /** Ends, without confirming anything. */
  @Override
  void close();
}
