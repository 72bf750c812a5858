package com.example.functions.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class KeywordCounterTest {
  private static List<String> count(String text, String... leftOut) {
    return KeywordCounter.count(text, List.of(leftOut)).stream()
        .map(keyword -> keyword.word + " " + keyword.count)
        .toList();
  }

  @Test
  void theMostFrequentComeFirstThenTheLongerThenTheAlphabetDecides() {
    assertEquals(
        List.of("gear 3", "brass 2", "engine 1", "big 1", "old 1"),
        count("The gears of the engine: each old gear is brass. Big brass gears!"));
  }

  @Test
  void wordsThatAllTextsHaveAreNoneOfThem() {
    assertEquals(List.of(), count("This is what it was, and we don't have it at all in March."));
  }

  @Test
  void unwantedWordsAndAddressesAreLeftOut() {
    assertEquals(List.of("gear 1"), count("Invoice: a gear, ada@engines.example", "invoice"));
  }

  @Test
  void namesAreNone() {
    assertEquals(List.of("engine 2"), count("The engine is the engine of Ada Lovelace."));
  }

  @Test
  void thereAreEightAtMost() {
    assertEquals(8, count("ant bee cow dog eel fox gnu hen ibex jay").size());
  }
}
