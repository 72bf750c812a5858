package dev.perdure;

import dev.perdure.api.Activity;
import dev.perdure.api.ActivityContext;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.Task;
import dev.perdure.api.TaskOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Orchestrations of all kinds whose outcome is known beforehand: an instance's id begins with its
 * kind, and that is all one has to know.
 */
final class Load {
  /** A sequence, a fan-out, sub-orchestrations, timers, and one that collects events. */
  static final List<String> KINDS = List.of("hello", "fan", "family", "naps", "mail");

  /** The event that ends a {@code mail}. */
  static final int LAST = -1;

  private static final int CHILDREN = 4;

  private final boolean tells;

  /**
   * The functions.
   *
   * @param tells whether each execution of {@code mark} is told on standard output
   */
  Load(boolean tells) {
    this.tells = tells;
  }

  static String kind(String id) {
    return id.substring(0, id.indexOf('-'));
  }

  /** What an instance returns; not for {@code mail}. */
  static String expected(String id) {
    return switch (kind(id)) {
      case "hello" -> sequence(id);
      case "fan" -> "fanned " + IntStream.range(0, 20).map(i -> i * i).sum();
      case "family" -> String.join("|", children(id).stream().map(Load::sequence).toList());
      case "naps" -> "rested";
      default -> throw new IllegalArgumentException(id);
    };
  }

  private static String sequence(String id) {
    return String.join(",", IntStream.range(0, 5).mapToObj(i -> id + "/" + i + "!").toList());
  }

  static List<String> children(String id) {
    return IntStream.range(0, CHILDREN)
        .mapToObj(i -> "hello-" + id.substring("family-".length()) + "." + i)
        .toList();
  }

  @Orchestrator
  String hello(OrchestrationContext ctx) {
    List<String> marks = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      marks.add(ctx.call(Load::mark, ctx.instanceId() + "/" + i).await());
    }
    return String.join(",", marks);
  }

  @Activity
  String mark(ActivityContext ctx, String what) {
    if (tells) {
      ChildProgram.say("ran " + ctx.instanceId() + " " + ctx.taskId() + " " + what);
    }
    return what + "!";
  }

  @Orchestrator
  String fan(OrchestrationContext ctx) {
    List<Task<Integer>> squares = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      squares.add(ctx.call(Load::square, i));
    }
    return "fanned " + ctx.allOf(squares).await().stream().mapToInt(Integer::intValue).sum();
  }

  @Activity
  int square(int number) {
    return number * number;
  }

  @Orchestrator
  String family(OrchestrationContext ctx) {
    List<Task<String>> outputs = new ArrayList<>();
    for (String child : children(ctx.instanceId())) {
      outputs.add(
          ctx.callSubOrchestrator(
              "hello", null, TaskOptions.NONE.withInstanceId(child), String.class));
    }
    return String.join("|", ctx.allOf(outputs).await());
  }

  @Orchestrator
  String naps(OrchestrationContext ctx) {
    for (int i = 0; i < 3; i++) {
      ctx.createTimer(Duration.ofMillis(ctx.random().nextInt(60))).await();
    }
    return "rested";
  }

  @Orchestrator
  List<Integer> mail(OrchestrationContext ctx) {
    List<Integer> letters = new ArrayList<>();
    while (true) {
      int letter = ctx.waitForExternalEvent("letter", Integer.class).await();
      if (letter == LAST) {
        return letters;
      }
      letters.add(letter);
    }
  }
}
