package dev.perdure.cli.demo;

import dev.perdure.api.Activity;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.Task;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Fan-out and fan-in: many activities at once, and one result made of all of theirs. */
final class FanOut implements Story {
  private static final Pattern NO_LETTERS = Pattern.compile("[^\\p{L}']+");
  private static final int TOP = 5;

  private final Narrator narrator;
  private final Pace pace;

  FanOut(Narrator narrator, Pace pace) {
    this.narrator = narrator;
    this.pace = pace;
  }

  /** The words of one text, or of several together. */
  record WordCount(String title, int words, Map<String, Integer> counts) {}

  @Override
  public String key() {
    return "fan-out";
  }

  @Override
  public String title() {
    return "Fan-out, fan-in";
  }

  @Override
  public String explanation() {
    return "Words are counted in eight texts, two texts at a time; then the counts are added up.";
  }

  @Override
  public String orchestrator() {
    return "demoWordCount";
  }

  @Override
  public Object input() {
    return TOP;
  }

  @Override
  public String outcome(OrchestrationMetadata end) {
    return String.valueOf(end.output(String.class));
  }

  @Orchestrator(name = "demoWordCount")
  String countAll(OrchestrationContext ctx, int top) {
    List<Task<WordCount>> counts = new ArrayList<>();
    for (String title : Texts.BY_TITLE.keySet()) {
      counts.add(ctx.call(FanOut::countWords, title));
    }
    WordCount all = ctx.call(FanOut::addUp, new Counts(ctx.allOf(counts).await())).await();
    return "%d words, most often %s".formatted(all.words(), mostFrequent(all, top));
  }

  /** What is added up; a class of its own keeps the element type where JSON does not. */
  record Counts(List<WordCount> all) {}

  @Activity(maxConcurrent = 2)
  WordCount countWords(String title) throws InterruptedException {
    pace.work(0.8);
    Map<String, Integer> counts = new TreeMap<>();
    int words = 0;
    for (String word :
        NO_LETTERS.split(Texts.BY_TITLE.getOrDefault(title, "").toLowerCase(Locale.ROOT), 0)) {
      if (!word.isEmpty()) {
        counts.merge(word, 1, Integer::sum);
        words++;
      }
    }
    narrator.done("countWords", "%3d words in %s".formatted(words, title));
    return new WordCount(title, words, counts);
  }

  @Activity
  WordCount addUp(Counts counts) throws InterruptedException {
    pace.work(0.5);
    Map<String, Integer> sums = new TreeMap<>();
    int words = 0;
    for (WordCount count : counts.all()) {
      count.counts().forEach((word, times) -> sums.merge(word, times, Integer::sum));
      words += count.words();
    }
    narrator.done("addUp", "%d different words".formatted(sums.size()));
    return new WordCount("all texts", words, sums);
  }

  private static String mostFrequent(WordCount all, int top) {
    return all.counts().entrySet().stream()
        .sorted(
            Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(top)
        .map(entry -> "'%s' (%d)".formatted(entry.getKey(), entry.getValue()))
        .collect(Collectors.joining(", "));
  }
}
