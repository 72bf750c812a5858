package dev.perdure.trigger.sql.connect;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Connection strings of .NET: {@code Key=value;...}. Keys are compared without regard to case and
 * to spaces; values may stand in quotes, single or double, which are doubled within.
 */
final class Pairs {
  private Pairs() {}

  /** The values by key, in lower case and without spaces; of a key that comes twice, the last. */
  static Map<String, String> parse(String setting, String text) {
    Map<String, String> pairs = new LinkedHashMap<>();
    int at = 0;
    while (at < text.length()) {
      int equals = text.indexOf('=', at);
      int semicolon = text.indexOf(';', at);
      if (equals < 0 || (semicolon >= 0 && semicolon < equals)) {
        int end = semicolon < 0 ? text.length() : semicolon;
        if (!text.substring(at, end).isBlank()) {
          throw ConnectionText.wrong(setting, "has a part without '='");
        }
        at = end + 1;
        continue;
      }
      String key = text.substring(at, equals).strip().toLowerCase(Locale.ROOT).replace(" ", "");
      at = equals + 1;
      while (at < text.length() && text.charAt(at) == ' ') {
        at++;
      }
      StringBuilder value = new StringBuilder();
      char quote = at < text.length() ? text.charAt(at) : ';';
      if (quote == '"' || quote == '\'') {
        at = quoted(setting, text, at + 1, quote, value);
      } else {
        int end = text.indexOf(';', at);
        end = end < 0 ? text.length() : end;
        value.append(text.substring(at, end).strip());
        at = end + 1;
      }
      pairs.put(key, value.toString());
    }
    return pairs;
  }

  private static int quoted(
      String setting, String text, int from, char quote, StringBuilder value) {
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != quote) {
        value.append(c);
      } else if (i + 1 < text.length() && text.charAt(i + 1) == quote) {
        value.append(quote);
        i++;
      } else {
        int end = text.indexOf(';', i);
        return end < 0 ? text.length() : end + 1;
      }
    }
    throw ConnectionText.wrong(setting, "has a quote that is not closed");
  }
}
