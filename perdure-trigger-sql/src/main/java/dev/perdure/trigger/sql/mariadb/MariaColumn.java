package dev.perdure.trigger.sql.mariadb;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A column of a table. Immutable.
 *
 * @param name its name
 * @param type its type, such as {@code int}, in lower case; empty if it is not known
 * @param fullType its type with all that belongs to it, such as {@code enum('a','b')}
 * @param charset the character set of text; null for others
 * @param mayBeLeftOut whether whole rows in the log may be without it, as it is computed
 */
record MariaColumn(
    String name, String type, String fullType, @Nullable String charset, boolean mayBeLeftOut) {
  /** A column of which only the name is known. */
  static MariaColumn unknown(String name) {
    return new MariaColumn(name, "", "", "utf8mb4", true);
  }

  boolean isUnsigned() {
    return fullType.toLowerCase(Locale.ROOT).contains(" unsigned");
  }

  /** Whether it is what {@code BOOLEAN} stands for. */
  boolean isBoolean() {
    return fullType.toLowerCase(Locale.ROOT).startsWith("tinyint(1)");
  }

  /** The number in parentheses behind the type; -1 if there is none. */
  int length() {
    int open = fullType.indexOf('(');
    int close = fullType.indexOf(')');
    return open < 0 || close < open ? -1 : Integer.parseInt(fullType.substring(open + 1, close));
  }

  /** The values that an {@code enum} or a {@code set} can have, in their order. */
  List<String> labels() {
    List<String> labels = new ArrayList<>();
    StringBuilder label = new StringBuilder();
    boolean within = false;
    for (int i = 0; i < fullType.length(); i++) {
      char c = fullType.charAt(i);
      boolean doubled = i + 1 < fullType.length() && fullType.charAt(i + 1) == '\'';
      if (c != '\'') {
        if (within) {
          label.append(c);
        }
      } else if (within && doubled) {
        label.append('\'');
        i++;
      } else {
        if (within) {
          labels.add(label.toString());
          label.setLength(0);
        }
        within = !within;
      }
    }
    return labels;
  }
}
