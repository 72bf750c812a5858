package dev.perdure.engine.functions;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Finds the names that somebody who mistyped may have meant. */
final class SimilarNames {
  /** More suggestions than this are a list to read, not a hint. */
  private static final int SUGGESTIONS_MAX = 3;

  private SimilarNames() {}

  /** The known names close to the wanted one, the closest first; often empty. */
  static List<String> of(String wanted, Collection<String> known) {
    record Candidate(String name, int distance) {}

    // A third of the letters wrong is still a typo; more is another word. Two always pass, or
    // short names would never be suggested.
    int distanceMax = Math.max(2, wanted.length() / 3);
    return known.stream()
        .filter(name -> Math.abs(name.length() - wanted.length()) <= distanceMax)
        .map(name -> new Candidate(name, distance(lower(wanted), lower(name))))
        .filter(candidate -> candidate.distance() <= distanceMax)
        .sorted(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::name))
        .limit(SUGGESTIONS_MAX)
        .map(Candidate::name)
        .toList();
  }

  /** {@code 'a' or 'b' or 'c'}. */
  static String quoted(Collection<String> names, String conjunction) {
    return names.stream().map(name -> "'" + name + "'").collect(Collectors.joining(conjunction));
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  /** Levenshtein's distance: insertions, deletions and replacements of single characters. */
  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    int[] current = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
      }
      int[] swap = previous;
      previous = current;
      current = swap;
    }
    return previous[b.length()];
  }
}
