package com.example.functions.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts English text into words and sentences. */
final class Words {
  // Possessive throughout: however long the text, nothing is tried twice.
  static final Pattern WORD = Pattern.compile("\\p{L}++(?:['\u2019-]\\p{L}++)*+");

  private static final Pattern SENTENCE_END =
      Pattern.compile(
          "(?<![.!?])[.!?]++[\"'\u2019\u201d)\\]]*+\\s++(?=[\\p{Lu}\\d\"'\u2018\u201c(])|\\n"
              + "[ \\t\\r"
              + "]*+\\n");

  private static final Set<String> ABBREVIATIONS =
      set("mr mrs ms dr prof st no nr inc ltd co vs etc approx e.g i.e dept fig vol");

  /** Words that say nothing of what a text is about. */
  private static final Set<String> STOP_WORDS =
      set(
          """
          a about above after again all also although am an and any are as at be became because
          been before being below between both but by can cannot could dear did do does doing done
          down date during each either else ever every few first for from further get gets give
          given got had has have having he hence her here hers him his how however i iban if in
          into is it its itself just last least less let like made make makes many may me might
          mine more most much must my near neither never next no nor not now of off often on once
          one only onto or other others our ours out over own per please rather same second see
          several shall she should since so some still such than that the their theirs them then
          there therefore these they this those though three through thus to today tomorrow too
          toward two under until up upon us very via was we were what when where whether which
          while who whom whose why will with within without vat would write yesterday yet you your
          yours sincerely regards
          january february march april may june july august september october november december
          monday tuesday wednesday thursday friday saturday sunday usd eur gbp chf
          """);

  private Words() {}

  static Set<String> set(String words) {
    return Set.copyOf(List.of(words.strip().split("\\s+")));
  }

  /** All words in small letters, without a possessive 's. */
  static List<String> of(String text) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(text);
    while (matcher.find()) {
      words.add(plain(matcher.group()));
    }
    return words;
  }

  static String plain(String word) {
    String plain = word.toLowerCase(Locale.ROOT).replace('\u2019', '\'');
    return plain.endsWith("'s") ? plain.substring(0, plain.length() - 2) : plain;
  }

  /** Whether a word in small letters says what a text is about. */
  static boolean isTelling(String word) {
    return word.length() > 2 && !STOP_WORDS.contains(word) && word.indexOf('\'') < 0;
  }

  static boolean isStopWord(String word) {
    return STOP_WORDS.contains(word);
  }

  /** How often each telling word is there; the plural counts as its singular, if that is there. */
  static Map<String, Integer> counts(List<String> words) {
    Map<String, Integer> counts = new HashMap<>();
    for (String word : words) {
      if (isTelling(word)) {
        counts.merge(word, 1, Integer::sum);
      }
    }
    for (String word : List.copyOf(counts.keySet())) {
      Integer plural = counts.get(word + "s");
      if (plural != null) {
        counts.merge(word, plural, Integer::sum);
        counts.remove(word + "s");
      }
    }
    return counts;
  }

  /** Sentences in their order, each on one line. An empty line ends one as well. */
  static List<String> sentences(String text) {
    List<String> sentences = new ArrayList<>();
    Matcher end = SENTENCE_END.matcher(text);
    int begin = 0;
    while (end.find()) {
      if (text.charAt(end.start()) == '.' && isAbbreviated(text, begin, end.start())) {
        continue;
      }
      add(sentences, text.substring(begin, end.end()));
      begin = end.end();
    }
    add(sentences, text.substring(begin));
    return sentences;
  }

  private static boolean isAbbreviated(String text, int begin, int end) {
    int start = end;
    while (start > begin && !Character.isWhitespace(text.charAt(start - 1))) {
      start--;
    }
    String word = text.substring(start, end).toLowerCase(Locale.ROOT);
    boolean isInitial = word.length() == 1 && Character.isUpperCase(text.charAt(start));
    return isInitial || ABBREVIATIONS.contains(word);
  }

  private static void add(List<String> sentences, String sentence) {
    String line = sentence.strip().replaceAll("\\s+", " ");
    if (WORD.matcher(line).find()) {
      sentences.add(line);
    }
  }

  static double rounded(double number) {
    return Math.round(number * 100) / 100.0;
  }
}
