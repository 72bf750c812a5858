package dev.perdure.functions.text;

import java.util.Collection;
import java.util.Locale;

/** Finds the name that somebody probably meant. */
public final class Similar {
  /** Fewer letters than these are the beginning of too much. */
  private static final int ABBREVIATION_MIN = 3;

  private Similar() {}

  /**
   * A question to put behind a message, " Did you mean 'X'?" with a space in front, if one of the
   * known names differs little from a name without regard to case, or else begins with it;
   * otherwise nothing.
   */
  public static String didYouMean(String name, Collection<String> known) {
    String best = "";
    int most = Math.max(1, name.length() / 4);
    int least = most + 1;
    for (String candidate : known) {
      int distance = distance(name.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
      if (distance < least) {
        least = distance;
        best = candidate;
      }
    }
    if (least > most) {
      best = unabbreviated(name, known);
    }
    return best.isEmpty() ? "" : " Did you mean '%s'?".formatted(best);
  }

  /** The first known name that a name is the beginning of; empty if there is none. */
  private static String unabbreviated(String name, Collection<String> known) {
    return name.length() < ABBREVIATION_MIN
        ? ""
        : known.stream()
            .filter(candidate -> candidate.regionMatches(true, 0, name, 0, name.length()))
            .findFirst()
            .orElse("");
  }

  /** How many letters must be added, removed, replaced or swapped to make one text of another. */
  static int distance(String from, String to) {
    int[] beforeLast = new int[to.length() + 1];
    int[] last = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int[] current = new int[to.length() + 1];
      current[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int cost = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
        current[j] = Math.min(Math.min(current[j - 1], last[j]) + 1, last[j - 1] + cost);
        if (i > 1
            && j > 1
            && from.charAt(i - 1) == to.charAt(j - 2)
            && from.charAt(i - 2) == to.charAt(j - 1)) {
          current[j] = Math.min(current[j], beforeLast[j - 2] + 1);
        }
      }
      beforeLast = last;
      last = current;
    }
    return last[to.length()];
  }
}
