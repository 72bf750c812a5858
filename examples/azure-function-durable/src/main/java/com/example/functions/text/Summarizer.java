package com.example.functions.text;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Shortens a text to its most telling sentences. */
public final class Summarizer {
  private static final int SENTENCES = 2;

  /** Those with fewer telling words, such as headings, say little. */
  private static final int FEWEST = 3;

  private Summarizer() {}

  /** The sentences whose words are the most frequent in the text, in the order of the text. */
  public static String summarize(String text) {
    List<String> sentences = Words.sentences(text);
    if (sentences.size() <= SENTENCES) {
      return String.join(" ", sentences);
    }
    Map<String, Integer> counts = Words.counts(Words.of(EntityFinder.withoutEmails(text)));
    double[] scores = sentences.stream().mapToDouble(sentence -> score(sentence, counts)).toArray();
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.comparing(i -> -scores[i]))
        .limit(SENTENCES)
        .sorted()
        .map(sentences::get)
        .collect(Collectors.joining(" "));
  }

  /** By the average, or the longest would always win. */
  private static double score(String sentence, Map<String, Integer> counts) {
    List<String> words =
        Words.of(EntityFinder.withoutEmails(sentence)).stream().filter(Words::isTelling).toList();
    if (words.size() < FEWEST) {
      return 0;
    }
    return words.stream()
        .mapToInt(word -> counts.getOrDefault(word, singular(word, counts)))
        .average()
        .orElse(0);
  }

  private static int singular(String word, Map<String, Integer> counts) {
    return word.endsWith("s") ? counts.getOrDefault(word.substring(0, word.length() - 1), 0) : 0;
  }
}
