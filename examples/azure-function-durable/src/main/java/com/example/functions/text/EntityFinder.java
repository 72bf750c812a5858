package com.example.functions.text;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds what a text names: addresses, dates, amounts of money, people and places. */
public final class EntityFinder {
  // Bounded, and begun only where an address can begin, so that the time grows with the text only.
  private static final Pattern EMAIL =
      Pattern.compile(
          "(?<![\\p{L}\\p{N}._%+-])[\\p{L}\\p{N}._%+-]{1,64}+@(?:[\\p{L}\\p{N}-]{1,63}+\\.){1,8}\\p{L}{2,24}");

  private static final String NUMBER =
      "\\d{1,3}(?:,\\d{3}){1,5}(?:\\.\\d{1,2})?|\\d{1,15}(?:\\.\\d{1,2})?";

  private static final Pattern AMOUNT =
      Pattern.compile(
          "(?<![\\p{L}\\d])(?:[$\u20ac\u00a3]|(?:USD|EUR|GBP|CHF)(?= ?\\d)) ?(?:"
              + NUMBER
              + ")(?!\\d)|(?<![\\p{L}\\d.,])(?:"
              + NUMBER
              + ") ?(?:\u20ac|(?:USD|EUR|GBP|CHF|euros?|dollars|pounds)\\b)");

  private static final Set<String> TITLES = Words.set("mr mrs ms miss dr prof sir madam");

  /** Abbreviations have up to so many letters; longer words in capitals are headings. */
  private static final int LONGEST_ABBREVIATION = 4;

  private EntityFinder() {}

  /** Finds all in a text. */
  public static Entities find(String text) {
    Entities entities = new Entities();
    entities.emails = all(EMAIL, text);
    String rest = withoutEmails(text);
    entities.dates = DateFinder.find(rest);
    entities.amounts = all(AMOUNT, rest);
    entities.names = names(rest);
    return entities;
  }

  static String withoutEmails(String text) {
    return EMAIL.matcher(text).replaceAll(" ");
  }

  private static List<String> all(Pattern pattern, String text) {
    Set<String> found = new LinkedHashSet<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.add(matcher.group());
    }
    return new ArrayList<>(found);
  }

  /** Words with capitals that follow each other; a single one only within a sentence. */
  private static List<String> names(String text) {
    Set<String> small = new HashSet<>();
    Matcher matcher = Words.WORD.matcher(text);
    while (matcher.find()) {
      if (Character.isLowerCase(matcher.group().codePointAt(0))) {
        small.add(Words.plain(matcher.group()));
      }
    }
    Set<String> names = new LinkedHashSet<>();
    for (String line : text.split("\\R")) {
      for (String sentence : Words.sentences(line)) {
        names(sentence, small, names);
      }
    }
    return new ArrayList<>(names);
  }

  private static void names(String sentence, Set<String> small, Set<String> names) {
    List<String> name = new ArrayList<>();
    boolean isFirst = true;
    boolean beginsSentence = true;
    int end = 0;
    Matcher matcher = Words.WORD.matcher(sentence);
    while (matcher.find()) {
      String word = matcher.group().replaceFirst("['\u2019]s$", "");
      String between = sentence.substring(end, matcher.start());
      boolean isTitle = TITLES.contains(Words.plain(word));
      // "Ada Lovelace" and "A. Lovelace" go on; anything else in between ends a name.
      boolean goesOn = between.equals(" ") || (between.equals(". ") && isInitial(name));
      if (!goesOn || isTitle || !isNamed(word, small)) {
        add(name, beginsSentence, names);
        name.clear();
      }
      if (!isTitle && isNamed(word, small)) {
        if (name.isEmpty()) {
          beginsSentence = isFirst;
        }
        name.add(word);
      }
      end = matcher.end();
      isFirst = end < sentence.length() && sentence.charAt(end) == ':';
      if (isFirst) {
        // "Due date: ..." is a label.
        name.clear();
      }
    }
    add(name, beginsSentence, names);
  }

  private static boolean isInitial(List<String> name) {
    return !name.isEmpty() && name.get(name.size() - 1).length() == 1;
  }

  private static void add(List<String> name, boolean beginsSentence, Set<String> names) {
    boolean isInitialOnly = name.stream().allMatch(word -> word.length() == 1);
    if (!isInitialOnly && (name.size() > 1 || !beginsSentence)) {
      names.add(String.join(" ", name));
    }
  }

  /** What the text also writes in small letters is no name, nor is a word that all texts have. */
  private static boolean isNamed(String word, Set<String> small) {
    String plain = Words.plain(word);
    boolean isHeading =
        word.length() > LONGEST_ABBREVIATION && word.equals(word.toUpperCase(Locale.ROOT));
    return Character.isUpperCase(word.codePointAt(0))
        && !isHeading
        && !small.contains(plain)
        && !Words.isStopWord(plain);
  }
}
