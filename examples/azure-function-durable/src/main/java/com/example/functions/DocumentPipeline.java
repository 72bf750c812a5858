package com.example.functions;

import com.example.functions.text.Classification;
import com.example.functions.text.Classifier;
import com.example.functions.text.Document;
import com.example.functions.text.Entities;
import com.example.functions.text.EntityFinder;
import com.example.functions.text.Findings;
import com.example.functions.text.Keyword;
import com.example.functions.text.KeywordCounter;
import com.example.functions.text.Report;
import com.example.functions.text.Sentiment;
import com.example.functions.text.SentimentScale;
import com.example.functions.text.Summarizer;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.durabletask.Task;
import com.microsoft.durabletask.TaskOrchestrationContext;
import com.microsoft.durabletask.azurefunctions.DurableActivityTrigger;
import com.microsoft.durabletask.azurefunctions.DurableOrchestrationTrigger;
import java.util.List;

/**
 * Reads a document: says what it is, then four things about it at once, and makes one report of
 * them. Each activity could as well ask a model; these count words.
 */
public class DocumentPipeline {
  @FunctionName("ai_document_orchestrator")
  public Report orchestrate(
      @DurableOrchestrationTrigger(name = "context") TaskOrchestrationContext context) {
    String text = context.getInput(String.class);
    Document document = new Document();
    document.text = text == null ? "" : text;

    Findings findings = new Findings();
    findings.classification =
        context.callActivity("classify_document", document, Classification.class).await();
    document.classification = findings.classification;

    Task<Void> entities =
        context
            .callActivity("extract_entities", document, Entities.class)
            .thenAccept(found -> findings.entities = found);
    Task<Void> summary =
        context
            .callActivity("summarize", document, String.class)
            .thenAccept(found -> findings.summary = found);
    Task<Void> sentiment =
        context
            .callActivity("analyze_sentiment", document, Sentiment.class)
            .thenAccept(found -> findings.sentiment = found);
    Task<Void> keywords =
        context
            .callActivity("generate_keywords", document, Keyword[].class)
            .thenAccept(found -> findings.keywords = List.of(found));
    context.allOf(List.of(entities, summary, sentiment, keywords)).await();

    return context.callActivity("merge_results", findings, Report.class).await();
  }

  @FunctionName("classify_document")
  public Classification classify(@DurableActivityTrigger(name = "document") Document document) {
    return Classifier.classify(document.text);
  }

  @FunctionName("extract_entities")
  public Entities entities(@DurableActivityTrigger(name = "document") Document document) {
    return EntityFinder.find(document.text);
  }

  @FunctionName("summarize")
  public String summarize(@DurableActivityTrigger(name = "document") Document document) {
    return Summarizer.summarize(document.text);
  }

  @FunctionName("analyze_sentiment")
  public Sentiment sentiment(@DurableActivityTrigger(name = "document") Document document) {
    return SentimentScale.weigh(document.text);
  }

  /** The words by which the kind was seen are left out: that an invoice says so is no news. */
  @FunctionName("generate_keywords")
  public List<Keyword> keywords(@DurableActivityTrigger(name = "document") Document document) {
    return KeywordCounter.count(document.text, document.classification.words);
  }

  @FunctionName("merge_results")
  public Report merge(@DurableActivityTrigger(name = "findings") Findings findings) {
    return Report.of(findings);
  }
}
