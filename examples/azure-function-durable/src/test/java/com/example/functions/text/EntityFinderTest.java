package com.example.functions.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntityFinderTest {
  @Test
  void addresses() {
    Entities found =
        EntityFinder.find(
            "ada@engines.example, c.babbage+x@mail.engines.example. Not @this, nor a@b");
    assertEquals(List.of("ada@engines.example", "c.babbage+x@mail.engines.example"), found.emails);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "on 2026-01-31                | 2026-01-31",
        "on 31 January 2026           | 2026-01-31",
        "on 31st Jan. 2026            | 2026-01-31",
        "on January 31, 2026          | 2026-01-31",
        "on Sept 1, 2026              | 2026-09-01",
        "on 31.1.2026.                | 2026-01-31",
        "on 31/01/2026                | 2026-01-31",
        "on 01/31/2026                | 2026-01-31",
        "either way, 04/04/2026       | 2026-04-04",
        "not clear, 03/04/2026        | 03/04/2026",
      })
  void dates(String text, String date) {
    assertEquals(List.of(date), EntityFinder.find(text).dates);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"2026-02-30", "31 April 2026", "32.1.2026", "13/13/2026", "v1.2.2026.3.4"})
  void theCalendarDoesNotHaveThese(String text) {
    assertEquals(List.of(), EntityFinder.find("x " + text.replace("v1", "x.1")).dates);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "It costs $5.              | $5",
        "It costs € 1,250.00 today | € 1,250.00",
        "It costs EUR 1250.50!     | EUR 1250.50",
        "It costs 12 euros.        | 12 euros",
        "It costs 1,250 USD.       | 1,250 USD",
      })
  void amounts(String text, String amount) {
    assertEquals(List.of(amount), EntityFinder.find(text).amounts);
  }

  @Test
  void numbersAloneAreNoAmounts() {
    assertEquals(List.of(), EntityFinder.find("12 pieces, 400 cards, version 1.2").amounts);
  }

  @Test
  void namesAreWordsWithCapitalsThatAreNotOnlySo() {
    assertEquals(
        List.of("Ada Lovelace", "London", "Charles Babbage", "IBM"),
        EntityFinder.find(
                "Yesterday Ada Lovelace was in London. Charles Babbage's machine stood there."
                    + " Machines like it are built by IBM now.")
            .names);
  }

  @Test
  void whatBeginsASentenceOrIsATitleOrAMonthIsNoName() {
    assertEquals(
        List.of("Babbage"),
        EntityFinder.find("Gears turn. Dear Mr. Babbage, in March on Monday. GEARS: Total").names);
  }

  @Test
  void wholeDocuments() {
    Entities invoice = EntityFinder.find(Samples.INVOICE);
    assertEquals(List.of("billing@gears.example"), invoice.emails);
    assertEquals(List.of("2026-03-05", "2026-04-04"), invoice.dates);
    assertEquals(
        List.of("EUR 1,250.00", "EUR 90.50", "1,340.50 EUR", "254.70 EUR", "1,595.20 EUR"),
        invoice.amounts);
    assertEquals(List.of("Analytical Engines Ltd", "Ada Lovelace"), invoice.names);
    Entities letter = EntityFinder.find(Samples.LETTER);
    assertEquals(List.of("2026-03-31"), letter.dates);
    assertEquals(List.of("Babbage", "London", "Mary Somerville", "Ada Lovelace"), letter.names);
  }
}
