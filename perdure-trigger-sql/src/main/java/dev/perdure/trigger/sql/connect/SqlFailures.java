package dev.perdure.trigger.sql.connect;

import java.sql.SQLException;
import java.util.Set;

/** What databases say when something is wrong, for people. */
public final class SqlFailures {
  /**
   * Errors of SQL Server (truncation and conversion) and of MySQL that quote values, and whose SQL
   * states do not say so.
   */
  private static final Set<Integer> QUOTING =
      Set.of(241, 245, 248, 295, 2628, 8114, 8115, 8152, 8169, 1265, 1292, 1366, 1406);

  private SqlFailures() {}

  /** As {@link #sentence}, except where the message quotes values that a function has given. */
  public static String withoutValues(SQLException e) {
    SQLException first =
        e instanceof java.sql.BatchUpdateException && e.getNextException() != null
            ? e.getNextException()
            : e;
    String state = String.valueOf(first.getSQLState());
    if (QUOTING.contains(first.getErrorCode())) {
      return "A value does not fit its column or parameter (error %d)."
          .formatted(first.getErrorCode());
    }
    if (state.startsWith("22")) {
      return "A value does not fit its column or parameter (SQL state %s).".formatted(state);
    }
    if (state.startsWith("23")) {
      return "A row violates a constraint of the table (SQL state %s).".formatted(state);
    }
    return sentence(first);
  }

  /** The first line of the message, as a sentence; details may quote values. */
  public static String sentence(SQLException e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage().strip();
    String line = message.lines().findFirst().orElse(message).strip();
    return line.endsWith(".") ? line : line + ".";
  }
}
