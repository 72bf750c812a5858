package dev.perdure.trigger.sql.mariadb;

import org.jspecify.annotations.Nullable;

/**
 * A place in the binary log. Immutable.
 *
 * @param file a file of the log
 * @param offset where a transaction begins in it
 * @param rows how many changed rows of the table behind that have been dealt with
 */
record BinlogPosition(String file, long offset, long rows) {
  /** Reads what {@link #text} has written; null if it is something else. */
  static @Nullable BinlogPosition parse(String text) {
    int last = text.lastIndexOf(':');
    int first = last < 0 ? -1 : text.lastIndexOf(':', last - 1);
    if (first < 0) {
      return null;
    }
    try {
      return new BinlogPosition(
          text.substring(0, first),
          Long.parseLong(text.substring(first + 1, last)),
          Long.parseLong(text.substring(last + 1)));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** The position as a text. */
  String text() {
    return file + ":" + offset + ":" + rows;
  }

  BinlogPosition withRows(long count) {
    return new BinlogPosition(file, offset, count);
  }
}
