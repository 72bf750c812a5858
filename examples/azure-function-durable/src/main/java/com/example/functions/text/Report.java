package com.example.functions.text;

import java.util.List;
import java.util.stream.Collectors;

/** All about a text. */
public class Report {
  private static final int TOPICS = 3;

  /** The whole in one sentence. */
  public String headline;

  public String kind;
  public double confidence;
  public String summary;
  public String tone;
  public double score;
  public List<String> keywords;
  public Entities entities;

  /** Makes one of all findings. */
  public static Report of(Findings findings) {
    Report report = new Report();
    report.kind = findings.classification.kind;
    report.confidence = findings.classification.confidence;
    report.summary = findings.summary;
    report.tone = findings.sentiment.tone;
    report.score = findings.sentiment.score;
    report.entities = findings.entities;
    report.keywords = findings.keywords.stream().map(keyword -> keyword.word).toList();
    report.headline = headline(findings.classification, report);
    return report;
  }

  private static String headline(Classification classification, Report report) {
    String kind =
        switch (report.kind) {
          case Classifier.OTHER -> "A text";
          case "invoice" -> "An invoice";
          default -> "A " + report.kind;
        };
    String topics = report.keywords.stream().limit(TOPICS).collect(Collectors.joining(", "));
    return "%s of %d %s, %s in tone%s"
        .formatted(
            kind,
            classification.length,
            classification.length == 1 ? "word" : "words",
            report.tone,
            topics.isEmpty() ? "" : ", about " + topics);
  }
}
