package dev.perdure.trigger.sql.change;

import org.jspecify.annotations.Nullable;

/** Remembers how far a log has been dealt with that does not remember that itself. */
public interface PositionStore {
  /**
   * What was last written; null if nothing was.
   *
   * @throws InterruptedException if the thread is interrupted
   */
  @Nullable String read() throws InterruptedException;

  /** Writes a position; it is durable when this returns. */
  void write(String position);
}
