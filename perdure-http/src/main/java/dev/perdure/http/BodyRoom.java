package dev.perdure.http;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How much memory bodies of requests have together. Who sends more at once than fits waits for
 * those before, without a byte being read. Small bodies are not counted, so that they never wait:
 * the number of connections bounds them. Safe from any thread.
 */
final class BodyRoom {
  /** Bodies of so many bytes or fewer are not counted. */
  static final int SMALL_BYTES_MAX = 16 << 10;

  private static final int UNIT_BITS = 10;

  private final int units;
  private final Semaphore free;
  private final Duration patience;

  /** A part of the room, until it is closed. Used by one thread at a time. */
  final class Share implements AutoCloseable {
    private int held;

    private Share(int held) {
      this.held = held;
    }

    /** Gives back what a body does not need that has come as a whole. */
    void keepOnly(int bytes) {
      reduceTo(units(bytes));
    }

    /** Gives all back. */
    @Override
    public void close() {
      reduceTo(0);
    }

    private void reduceTo(int wanted) {
      if (wanted < held) {
        free.release(held - wanted);
        held = wanted;
      }
    }
  }

  /**
   * Room for bodies.
   *
   * @param bytes for all of them together; a larger one has all of it
   * @param patience how long one waits for its turn
   */
  BodyRoom(long bytes, Duration patience) {
    this.units = (int) Math.min(Integer.MAX_VALUE, Math.max(1, bytes >> UNIT_BITS));
    this.free = new Semaphore(units, true);
    this.patience = patience;
  }

  /**
   * Waits until there is room.
   *
   * @param bytes that one body has at the most
   * @return null if there was none in time, or if the thread was interrupted
   */
  @Nullable Share take(int bytes) {
    int wanted = units(bytes);
    try {
      return wanted == 0 || free.tryAcquire(wanted, patience.toNanos(), TimeUnit.NANOSECONDS)
          ? new Share(wanted)
          : null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  private int units(int bytes) {
    return bytes <= SMALL_BYTES_MAX ? 0 : Math.min(units, (bytes >> UNIT_BITS) + 1);
  }
}
