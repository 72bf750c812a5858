package dev.perdure.trigger.storage;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The log of the library for storage. It takes every answer for an error that is not a success, as
 * when a queue is not there yet, and warns with each request that the JDK sets the length of the
 * body itself. What matters of that is said by this module, so the library is silent unless
 * somebody has chosen a level for it.
 */
final class LibraryLog {
  /** Kept, because levels of loggers that nobody holds are forgotten. */
  private static final List<Logger> LOGGERS =
      List.of(Logger.getLogger("com.azure.storage"), Logger.getLogger("com.azure.core.http"));

  private LibraryLog() {}

  /** Silences the library. */
  static void silence() {
    for (Logger logger : LOGGERS) {
      if (logger.getLevel() == null) {
        logger.setLevel(Level.OFF);
      }
    }
  }
}
