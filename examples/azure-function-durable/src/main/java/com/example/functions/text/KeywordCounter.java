package com.example.functions.text;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Finds what a text is about: the words that it repeats. */
public final class KeywordCounter {
  private static final int MOST = 8;

  private KeywordCounter() {}

  /**
   * The most frequent words that tell something; of those as frequent, the longer.
   *
   * @param leftOut words in small letters that are not wanted
   */
  public static List<Keyword> count(String text, Collection<String> leftOut) {
    // An address is not made of words.
    Map<String, Integer> counts = Words.counts(Words.of(EntityFinder.withoutEmails(text)));
    counts.keySet().removeAll(leftOut);
    // Names are found as such.
    EntityFinder.find(text).names.forEach(name -> counts.keySet().removeAll(Words.of(name)));
    return counts.entrySet().stream()
        .map(
            entry -> {
              Keyword keyword = new Keyword();
              keyword.word = entry.getKey();
              keyword.count = entry.getValue();
              return keyword;
            })
        .sorted(
            Comparator.comparing((Keyword keyword) -> -keyword.count)
                .thenComparing(keyword -> -keyword.word.length())
                .thenComparing(keyword -> keyword.word))
        .limit(MOST)
        .toList();
  }
}
