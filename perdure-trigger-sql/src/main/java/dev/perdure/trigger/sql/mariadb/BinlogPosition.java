package dev.perdure.trigger.sql.mariadb;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A place in the binary log. Immutable.
 *
 * @param file a file of the log
 * @param offset where a transaction begins in it
 * @param rows how many changed rows of the table behind that have been dealt with
 * @param origin what tells the file from one of the same name that another server has, or the same
 *     one after its log was reset; 0 if that is not known
 */
record BinlogPosition(String file, long offset, long rows, long origin) {
  private static final Pattern TEXT = Pattern.compile("(.+?):([0-9]+):([0-9]+)(?::([0-9]+))?");

  /** Reads what {@link #text} has written; null if it is something else. */
  static @Nullable BinlogPosition parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      return null;
    }
    String origin = parts.group(4);
    try {
      return new BinlogPosition(
          parts.group(1),
          Long.parseLong(parts.group(2)),
          Long.parseLong(parts.group(3)),
          origin == null ? 0 : Long.parseLong(origin));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** The position as a text. */
  String text() {
    return file + ":" + offset + ":" + rows + ":" + origin;
  }

  BinlogPosition withRows(long count) {
    return new BinlogPosition(file, offset, count, origin);
  }

  /** Further on in the same file. */
  BinlogPosition at(long next) {
    return new BinlogPosition(file, next, 0, origin);
  }

  BinlogPosition withOrigin(long known) {
    return new BinlogPosition(file, offset, rows, known);
  }
}
