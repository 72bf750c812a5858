package com.example.functions.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import com.microsoft.durabletask.JacksonDataConverter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportTest {
  private static Findings findings(String text) {
    Findings findings = new Findings();
    findings.classification = Classifier.classify(text);
    findings.entities = EntityFinder.find(text);
    findings.summary = Summarizer.summarize(text);
    findings.sentiment = SentimentScale.weigh(text);
    findings.keywords = KeywordCounter.count(text, findings.classification.words);
    return findings;
  }

  @Test
  void theReportHasWhatWasFound() {
    Report report = Report.of(findings(Samples.LETTER));
    assertEquals("letter", report.kind);
    assertEquals("positive", report.tone);
    assertEquals(
        "A letter of 56 words, positive in tone, about gear, colleague, delighted",
        report.headline);
    assertEquals(List.of("2026-03-31"), report.entities.dates);
  }

  @Test
  void thereIsAReportOfNothing() {
    assertEquals("A text of 0 words, neutral in tone", Report.of(findings("")).headline);
    assertEquals(
        "A text of 1 word, neutral in tone, about gears", Report.of(findings("Gears")).headline);
  }

  /** Orchestrations write and read all of these between their steps. */
  @Test
  void nothingIsLostOnTheWay() {
    JacksonDataConverter json = new JacksonDataConverter();
    Findings findings = findings(Samples.INVOICE);
    String text = json.serialize(findings);
    assertEquals(text, json.serialize(json.deserialize(text, Findings.class)));
    String report = json.serialize(Report.of(findings));
    assertEquals(report, json.serialize(json.deserialize(report, Report.class)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a", "A ", "a-", "1", "1,", ".", ". ", "a.", "@", "a@", "\n", " ", "$1 ", "'"})
  void strangeTextsTakeNoLongerThanOthers(String piece) {
    String text = piece.repeat(200_000);
    assertTimeout(Duration.ofSeconds(20), () -> Report.of(findings(text)));
  }
}
