package dev.perdure.trigger.sql.query;

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
  static Command of(String text, Set<String> names) {
    Set<String> known = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    known.addAll(names);
    StringBuilder sql = new StringBuilder();
    List<String> parameters = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int end = endOfQuoted(text, at);
      if (end > at) {
        sql.append(text, at, end);
        at = end;
        continue;
      }
      char c = text.charAt(at);
      int nameEnd = c == '@' ? endOfName(text, at + 1) : at;
      String name = c == '@' ? text.substring(at + 1, nameEnd) : "";
      if (known.contains(name) && (at == 0 || text.charAt(at - 1) != '@')) {
        sql.append('?');
        parameters.add(name.toLowerCase(Locale.ROOT));
        at = nameEnd;
      } else {
        // A question mark that is meant as such, an operator of PostgreSQL, is doubled.
        sql.append(c == '?' ? "??" : String.valueOf(c));
        at++;
      }
    }
    return new Command(sql.toString(), parameters);
  }

  private static int endOfName(String text, int from) {
    int end = from;
    while (end < text.length()
        && (Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == '_')) {
      end++;
    }
    return end;
  }

  /** Behind a text in quotes or a comment that begins here; where it was if none does. */
  private static int endOfQuoted(String text, int at) {
    return switch (text.charAt(at)) {
      case '\'', '"', '`' -> behind(text, text.substring(at, at + 1), at + 1);
      case '[' -> behind(text, "]", at + 1);
      case '-' -> text.startsWith("--", at) ? behind(text, "\n", at + 2) : at;
      case '/' -> text.startsWith("/*", at) ? behind(text, "*/", at + 2) : at;
      case '$' -> endOfDollars(text, at);
      default -> at;
    };
  }

  private static int behind(String text, String closing, int from) {
    int end = text.indexOf(closing, from);
    return end < 0 ? text.length() : end + closing.length();
  }

  /** {@code $tag$ ... $tag$}, a text of PostgreSQL. */
  private static int endOfDollars(String text, int at) {
    int tagEnd = endOfName(text, at + 1);
    if (tagEnd >= text.length() || text.charAt(tagEnd) != '$') {
      return at;
    }
    return behind(text, text.substring(at, tagEnd + 1), tagEnd + 1);
  }
}
