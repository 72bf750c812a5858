package dev.perdure.http;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * How much memory bodies of requests have together. A body takes its share as it comes, so that one
 * that comes slowly holds no more than has come. Where there is no room it is not read on, until
 * others are done with. Bodies that wait for each other would all wait in vain; so one of them, and
 * no more, may have what it needs beyond what is free. Safe from any thread.
 */
final class BodyRoom {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Duration patience;
  private long free;

  /** Who has more than was free; null if nobody has. */
  private @Nullable Share favoured;

  /**
   * Room for bodies.
   *
   * @param bytes for all of them together
   * @param patience how long one waits for its turn
   */
  BodyRoom(long bytes, Duration patience) {
    this.free = bytes;
    this.patience = patience;
  }

  /** The share of a body of which nothing has come yet. */
  Share share() {
    return new Share();
  }

  /** A part of the room, until it is closed. */
  final class Share implements AutoCloseable {
    private long held;

    private Share() {}

    /**
     * Waits until there is room for more of a body.
     *
     * @param bytes how much of it there is by now
     * @return false if there was none in time, or if the thread was interrupted
     */
    boolean growTo(long bytes) {
      long left = patience.toNanos();
      lock.lock();
      try {
        long more = bytes - held;
        while (free < more && favoured != null && favoured != this) {
          if (left <= 0) {
            return false;
          }
          left = changed.awaitNanos(left);
        }
        if (free < more) {
          favoured = this;
        }
        free -= more;
        held = bytes;
        return true;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      } finally {
        lock.unlock();
      }
    }

    /** Gives all back. */
    @Override
    public void close() {
      lock.lock();
      try {
        free += held;
        held = 0;
        if (favoured == this || free >= 0) {
          favoured = null; // nobody has more than there is
        }
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
