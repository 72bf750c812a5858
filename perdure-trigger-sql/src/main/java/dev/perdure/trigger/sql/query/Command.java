package dev.perdure.trigger.sql.query;

import dev.perdure.trigger.sql.connect.DatabaseKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * A statement for JDBC, whose parameters have no names. Immutable.
 *
 * @param sql the statement, with a question mark for each parameter
 * @param parameters the names of the parameters, in the order of the question marks
 */
record Command(String sql, List<String> parameters) {
  /** Copies the list. */
  Command {
    parameters = List.copyOf(parameters);
  }

  /**
   * Puts question marks in the places of {@code @name}, except within quotes and comments, and
   * except for names that are none of the parameters, such as variables of the statement itself.
   *
   * @param names the names of the parameters, found without regard to case
   */
  static Command of(String text, DatabaseKind kind, Set<String> names) {
    Set<String> known = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    known.addAll(names);
    SqlText quotes = new SqlText(text, kind);
    StringBuilder sql = new StringBuilder();
    List<String> parameters = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int end = quotes.endOfQuoted(at);
      if (end > at) {
        sql.append(text, at, end);
        at = end;
        continue;
      }
      char c = text.charAt(at);
      int nameEnd = c == '@' ? quotes.endOfName(at + 1) : at;
      String name = c == '@' ? text.substring(at + 1, nameEnd) : "";
      if (known.contains(name) && (at == 0 || text.charAt(at - 1) != '@')) {
        sql.append('?');
        parameters.add(name.toLowerCase(Locale.ROOT));
        at = nameEnd;
      } else {
        // A question mark that is meant as such, an operator of PostgreSQL, is doubled.
        sql.append(c == '?' && kind == DatabaseKind.POSTGRESQL ? "??" : String.valueOf(c));
        at++;
      }
    }
    return new Command(sql.toString(), parameters);
  }
}
