package com.example.functions.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SentimentScaleTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "positive | The engine is excellent.",
        "negative | The engine is broken.",
        "neutral  | The engine is here.",
        "neutral  | The engine is excellent. The cards are terrible.",
        "negative | The engine is not at all good.",
        "positive | Nothing failed, and we are happy.",
        "negative | It isn't reliable.",
        "positive | There was no problem.",
        "positive | We do not wait. It is good.",
        "positive | It was not there, good for us.",
        "positive | It was not here but great.",
      })
  void negatedWordsMeanTheirOpposite(String tone, String text) {
    assertEquals(tone, SentimentScale.weigh(text).tone);
  }

  @Test
  void theScoreIsTheShareOfTheGoodLessThatOfTheBad() {
    Sentiment sentiment = SentimentScale.weigh("Good, great, nice; but slow.");
    assertEquals(3, sentiment.positive);
    assertEquals(1, sentiment.negative);
    assertEquals(0.5, sentiment.score);
  }

  @Test
  void wholeDocuments() {
    Sentiment letter = SentimentScale.weigh(Samples.LETTER);
    // thank, smoothly, delighted, recommend, no damaged gear; not good.
    assertEquals(5, letter.positive);
    assertEquals(1, letter.negative);
    assertEquals("positive", letter.tone);
  }

  @Test
  void nothingIsNeutral() {
    assertEquals("neutral", SentimentScale.weigh("").tone);
  }
}
