package dev.perdure.grpc;

import org.jspecify.annotations.Nullable;

/**
 * How much memory large messages have together. A message takes its share as it comes. One for
 * which there is no room is given up, so that the others can be taken; but one of them, and no
 * more, may have what it needs beyond what is free. Safe from any thread.
 */
final class MessageRoom {
  // Guarded by this.
  /** Less than nothing while one has more than was free, or messages came that must be taken. */
  private long free;

  /** The one that has more than was free; null once there is room again. */
  private @Nullable Share favoured;

  /**
   * Room for messages.
   *
   * @param bytes for all of them together
   */
  MessageRoom(long bytes) {
    this.free = bytes;
  }

  /** The share of a message of which nothing has come yet. */
  Share share() {
    return new Share();
  }

  /** A part of the room, until nobody needs it any more. */
  final class Share implements AutoCloseable {
    // Guarded by the room.
    private long held;
    private int users = 1;

    private Share() {}

    /** One more needs it, and is to close it too. */
    Share withOneMore() {
      synchronized (MessageRoom.this) {
        users++;
        return this;
      }
    }

    /**
     * Takes room for more of a message.
     *
     * @param bytes how much of it there is by now
     * @return false if there is none
     */
    boolean growTo(long bytes) {
      synchronized (MessageRoom.this) {
        long more = bytes - held;
        if (users == 0 || more <= 0) {
          return true;
        }
        if (free < more && !equals(favoured)) {
          if (favoured != null) {
            return false;
          }
          favoured = this;
        }
        free -= more;
        held = bytes;
        return true;
      }
    }

    /**
     * Takes room for more of a message that must be taken, even if there is none.
     *
     * @param bytes how much of it there is by now
     */
    void take(long bytes) {
      synchronized (MessageRoom.this) {
        if (users > 0 && bytes > held) {
          free -= bytes - held;
          held = bytes;
        }
      }
    }

    /** One needs it no more; after the last, all is given back for good. */
    @Override
    public void close() {
      synchronized (MessageRoom.this) {
        if (--users > 0) {
          return;
        }
        free += held;
        held = 0;
        if (equals(favoured) || free >= 0) {
          favoured = null; // a call may go on for long after its message has come
        }
      }
    }
  }
}
