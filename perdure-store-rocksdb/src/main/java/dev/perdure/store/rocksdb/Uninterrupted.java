package dev.perdure.store.rocksdb;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;

/**
 * Work with files that close themselves when their thread is interrupted. An interrupted caller
 * must not be told that the disk has failed: the work is done again, and the thread stays
 * interrupted.
 */
final class Uninterrupted {
  private Uninterrupted() {}

  /** Work that can be done again from its beginning. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws IOException;
  }

  static <T> T run(Work<T> work) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          return work.run();
        } catch (ClosedByInterruptException e) {
          interrupted = true;
          Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
