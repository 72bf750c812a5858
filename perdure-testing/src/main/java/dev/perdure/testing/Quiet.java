package dev.perdure.testing;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the log quiet about crashes that were meant to be, while any of these is open. Only where
 * the log is that of the JDK, which it is unless a program says otherwise.
 */
final class Quiet implements AutoCloseable {
  /** A logger that nobody holds may be thrown away with its level. */
  private static final Logger PERDURE = Logger.getLogger("dev.perdure");

  private static int open;
  private static @Nullable Level before;

  private Quiet() {}

  static Quiet begin() {
    synchronized (Quiet.class) {
      if (open++ == 0) {
        before = PERDURE.getLevel();
        PERDURE.setLevel(Level.OFF);
      }
    }
    return new Quiet();
  }

  @Override
  public void close() {
    synchronized (Quiet.class) {
      if (--open == 0) {
        PERDURE.setLevel(before);
      }
    }
  }
}
