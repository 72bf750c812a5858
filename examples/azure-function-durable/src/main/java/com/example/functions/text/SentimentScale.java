package com.example.functions.text;

import java.util.List;
import java.util.Set;

/** Weighs the good words of a text against the bad ones. */
public final class SentimentScale {
  private static final Set<String> GOOD =
      Words.set(
          """
          good great excellent happy pleased glad delighted love loved like liked enjoy enjoyed
          wonderful fantastic perfect perfectly best better nice kind friendly helpful reliable fast
          easy success successful successfully improved improvement satisfied recommend thank thanks
          grateful appreciate impressive outstanding pleasant beautiful benefit win won gain growth
          safe smooth smoothly welcome
          """);

  private static final Set<String> BAD =
      Words.set(
          """
          bad poor terrible awful horrible sad unhappy angry annoyed disappointed disappointing
          disappointment hate hated worst worse slow broken broke fail failed fails failure fault
          faulty defective damage damaged problem problems error errors late delay delayed delays
          complaint complain unacceptable useless wrong difficult loss lost unfortunately regret
          sorry unreliable unsafe rude dirty refund overdue missing
          """);

  private static final Set<String> NEGATIONS =
      Words.set("not no never none nothing neither nor without hardly cannot");

  /** So many words before it can turn a word into its opposite: "not at all good". */
  private static final int REACH = 3;

  private SentimentScale() {}

  /** Weighs a text. */
  public static Sentiment weigh(String text) {
    Sentiment sentiment = new Sentiment();
    for (String sentence : Words.sentences(text)) {
      // What comes after a comma or a "but" is another thought.
      for (String thought : sentence.split("[,;:()]|\\b[Bb]ut\\b")) {
        add(sentiment, Words.of(thought));
      }
    }
    int all = sentiment.positive + sentiment.negative;
    sentiment.score =
        all == 0 ? 0 : Words.rounded((double) (sentiment.positive - sentiment.negative) / all);
    sentiment.tone =
        sentiment.score > 0 ? "positive" : sentiment.score < 0 ? "negative" : "neutral";
    return sentiment;
  }

  private static void add(Sentiment sentiment, List<String> words) {
    for (int i = 0; i < words.size(); i++) {
      boolean isGood = GOOD.contains(words.get(i));
      if (isGood || BAD.contains(words.get(i))) {
        boolean isNegated =
            words.subList(Math.max(0, i - REACH), i).stream()
                .anyMatch(word -> NEGATIONS.contains(word) || word.endsWith("n't"));
        if (isGood != isNegated) {
          sentiment.positive++;
        } else {
          sentiment.negative++;
        }
      }
    }
  }
}
