package dev.perdure.trigger.sql.query;

import dev.perdure.functions.settings.MissingSettingException;
import dev.perdure.functions.settings.Settings;
import dev.perdure.trigger.sql.connect.DatabaseKind;

/**
 * Where texts in quotes and comments are in a statement, by the rules of a database. Immutable.
 *
 * @param text the statement
 * @param kind whose it is
 */
record SqlText(String text, DatabaseKind kind) {
  /**
   * The statement with settings in it ({@code %NAME%}), but texts and comments as they are: what is
   * in those has percent signs of its own, as in {@code LIKE '%home%'}.
   *
   * @throws MissingSettingException if there is no such setting
   */
  String withSettings(Settings settings) {
    StringBuilder resolved = new StringBuilder();
    int begin = 0;
    int at = 0;
    while (at < text.length()) {
      int end = endOfQuoted(at);
      if (end > at && !isQuoteOfName(text.charAt(at))) {
        resolved.append(settings.resolve(text.substring(begin, at))).append(text, at, end);
        begin = end;
      }
      at = Math.max(end, at + 1);
    }
    return resolved.append(settings.resolve(text.substring(begin))).toString();
  }

  private boolean isQuoteOfName(char c) {
    return switch (kind) {
      case SQL_SERVER -> c == '"' || c == '[';
      case POSTGRESQL -> c == '"';
      case MARIADB -> c == '`';
    };
  }

  /** Behind a name that begins here. */
  int endOfName(int from) {
    int end = from;
    while (end < text.length() && isOfName(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static boolean isOfName(char c) {
    return Character.isLetterOrDigit(c) || c == '_';
  }

  /** Behind a text in quotes or a comment that begins here; where it was if none does. */
  int endOfQuoted(int at) {
    return switch (kind) {
      case SQL_SERVER ->
          switch (text.charAt(at)) {
            case '\'', '"' -> behindQuote(at, text.charAt(at), false);
            case '[' -> behindQuote(at, ']', false);
            case '-' -> isAt("--", at) ? behindLine(at) : at;
            case '/' -> isAt("/*", at) ? behindNested(at) : at;
            default -> at;
          };
      case POSTGRESQL ->
          switch (text.charAt(at)) {
            case '\'' -> behindQuote(at, '\'', hasEscapes(at));
            case '"' -> behindQuote(at, '"', false);
            case '-' -> isAt("--", at) ? behindLine(at) : at;
            case '/' -> isAt("/*", at) ? behindNested(at) : at;
            case '$' -> behindDollars(at);
            default -> at;
          };
      case MARIADB ->
          switch (text.charAt(at)) {
            case '\'', '"' -> behindQuote(at, text.charAt(at), true);
            case '`' -> behindQuote(at, '`', false);
            case '-' -> isAt("--", at) && isSpace(at + 2) ? behindLine(at) : at;
            case '#' -> behindLine(at);
            case '/' -> isAt("/*", at) ? behind("*/", at + 2) : at;
            default -> at;
          };
    };
  }

  private boolean isAt(String part, int at) {
    return text.startsWith(part, at);
  }

  private boolean isSpace(int at) {
    return at >= text.length() || text.charAt(at) <= ' ';
  }

  /** Whether a text of PostgreSQL is one of those with backslashes, {@code E'...'}. */
  private boolean hasEscapes(int at) {
    return at > 0
        && Character.toLowerCase(text.charAt(at - 1)) == 'e'
        && (at == 1 || !isOfName(text.charAt(at - 2)));
  }

  /** A closing quote that is written twice is none. */
  private int behindQuote(int from, char closing, boolean escapes) {
    int at = from + 1;
    while (at < text.length()) {
      char c = text.charAt(at);
      boolean twice = c == closing && at + 1 < text.length() && text.charAt(at + 1) == closing;
      if (twice || (escapes && c == '\\')) {
        at += 2;
      } else if (c == closing) {
        return at + 1;
      } else {
        at++;
      }
    }
    return text.length();
  }

  private int behind(String closing, int from) {
    int end = text.indexOf(closing, from);
    return end < 0 ? text.length() : end + closing.length();
  }

  private int behindLine(int from) {
    return behind("\n", from);
  }

  /** Comments may have comments in them. */
  private int behindNested(int from) {
    int depth = 1;
    int at = from + 2;
    while (at < text.length() && depth > 0) {
      boolean opens = isAt("/*", at);
      boolean closes = isAt("*/", at);
      depth += opens ? 1 : closes ? -1 : 0;
      at += opens || closes ? 2 : 1;
    }
    return Math.min(at, text.length());
  }

  /** {@code $tag$ ... $tag$}. */
  private int behindDollars(int at) {
    int tagEnd = endOfName(at + 1);
    boolean isTag =
        tagEnd < text.length()
            && text.charAt(tagEnd) == '$'
            && (at == 0 || !isOfName(text.charAt(at - 1)));
    return isTag ? behind(text.substring(at, tagEnd + 1), tagEnd + 1) : at;
  }
}
