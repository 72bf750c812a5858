package dev.perdure.trigger.sql.connect;

import java.sql.SQLException;

/** What databases say when something is wrong, for people. */
public final class SqlFailures {
  private SqlFailures() {}

  /** The first line of the message, as a sentence; details may quote values. */
  public static String sentence(SQLException e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage().strip();
    String line = message.lines().findFirst().orElse(message).strip();
    return line.endsWith(".") ? line : line + ".";
  }
}
