package com.example.functions.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Tells the kind of a text by the words that are usual in it. */
public final class Classifier {
  /** The kind of a text that is none of the known ones. */
  public static final String OTHER = "other";

  /** One word may be chance. */
  private static final int ENOUGH = 2;

  /** More of the same word does not make it surer. */
  private static final int MOST = 3;

  // In this order; of two that are as likely, the first is taken.
  private static final List<Kind> KINDS =
      List.of(
          new Kind(
              "invoice",
              "invoice invoiced billing bill payable payment due subtotal total vat tax quantity"
                  + " price remit iban amount"),
          new Kind(
              "contract",
              "contract agreement party parties hereby herein hereinafter clause clauses"
                  + " obligations liability termination terminate governing jurisdiction warranty"
                  + " confidential indemnify"),
          new Kind(
              "letter",
              "dear sincerely regards yours faithfully letter wishes writing thank greetings"),
          new Kind(
              "report",
              "report results findings analysis quarter quarterly conclusion conclusions figure"
                  + " table increased decreased compared percent measured method summary revenue"),
          new Kind(
              "resume",
              "resume curriculum vitae experience skills education employment university degree"
                  + " references certified"));

  private record Kind(String name, Set<String> words) {
    Kind(String name, String words) {
      this(name, Words.set(words));
    }
  }

  private Classifier() {}

  /** Classifies a text. */
  public static Classification classify(String text) {
    List<String> words = Words.of(text);
    Map<String, Integer> counts = new TreeMap<>();
    words.forEach(word -> counts.merge(word, 1, Integer::sum));

    Classification best = new Classification();
    best.kind = OTHER;
    int highest = ENOUGH - 1;
    int all = 0;
    for (Kind kind : KINDS) {
      int score = 0;
      List<String> found = new ArrayList<>();
      for (Map.Entry<String, Integer> word : counts.entrySet()) {
        if (kind.words().contains(word.getKey())) {
          score += Math.min(word.getValue(), MOST);
          found.add(word.getKey());
        }
      }
      all += score;
      if (score > highest) {
        highest = score;
        best.kind = kind.name();
        best.words = found;
      }
    }
    best.confidence = best.kind.equals(OTHER) ? 0 : Words.rounded((double) highest / all);
    best.length = words.size();
    return best;
  }
}
