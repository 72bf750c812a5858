package dev.perdure.simulation.torture;

import dev.perdure.Perdure;
import dev.perdure.api.Activity;
import dev.perdure.api.CriticalSection;
import dev.perdure.api.Entity;
import dev.perdure.api.EntityId;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.Task;
import dev.perdure.api.TaskOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What hosts do, whose outcome is known beforehand: an instance's id begins with its kind. */
final class Work {
  /** Sequences, fan-outs, children, timers, events, entities, and transfers under locks. */
  static final List<String> KINDS =
      List.of("hello", "fan", "family", "naps", "mail", "count", "transfer");

  /** The event that ends a {@code mail}. */
  static final int LAST = -1;

  /** How often a {@code count} calls its counter, and how often it signals it. */
  static final int CALLS = 3;

  static final int SIGNALS = 2;

  private static final int ACCOUNTS = 5;
  private static final int CHILDREN = 3;

  /** A hub with this work. */
  static Perdure open(Path directory) {
    return Perdure.embedded(directory)
        .storeOptions(o -> o.withLog(1 << 20, 4 << 20).withMemory(8 << 20, 4 << 20))
        // Whatever is under way when it is killed is not what kills it.
        .options(o -> o.withRedeliveriesMax(1_000_000).withAuditInterval(Duration.ZERO))
        .register(new Work())
        .register(Counter.class)
        .register(Account.class)
        .start();
  }

  static String kind(String id) {
    return id.substring(0, id.indexOf('-'));
  }

  /** What an instance returns; null for {@code mail}, which returns what it was sent. */
  static @Nullable String expected(String id) {
    return switch (kind(id)) {
      case "hello" -> sequence(id);
      case "fan" -> "fanned " + IntStream.range(0, 20).map(i -> i * i).sum();
      case "family" -> String.join("|", children(id).stream().map(Work::sequence).toList());
      case "naps" -> "rested";
      case "count" -> "counted";
      case "transfer" -> "transferred";
      default -> null;
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

  /** A counter of everything that was added to it. */
  @Entity(name = "counter")
  static class Counter {
    long value;

    long add(int amount) {
      value += amount;
      return value;
    }
  }

  /** An account that may be overdrawn: all balances together are 0. */
  @Entity(name = "account")
  static class Account {
    long balance;
    long withdrawals;
    long deposits;

    long withdraw(int amount) {
      balance -= amount;
      withdrawals++;
      return balance;
    }

    long deposit(int amount) {
      balance += amount;
      deposits++;
      return balance;
    }
  }

  @Orchestrator
  String hello(OrchestrationContext ctx) {
    List<String> marks = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      marks.add(ctx.callActivity("mark", ctx.instanceId() + "/" + i, String.class).await());
    }
    return String.join(",", marks);
  }

  @Activity
  String mark(String what) {
    return what + "!";
  }

  @Orchestrator
  String fan(OrchestrationContext ctx) {
    List<Task<Integer>> squares = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      squares.add(ctx.callActivity("square", i, Integer.class));
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
      Integer letter = ctx.waitForExternalEvent("letter", Integer.class).await();
      if (letter == null || letter == LAST) {
        return letters;
      }
      letters.add(letter);
    }
  }

  @Orchestrator
  String count(OrchestrationContext ctx) {
    EntityId counter = new EntityId("counter", "c" + ctx.random().nextInt(3));
    for (int i = 0; i < SIGNALS; i++) {
      ctx.signalEntity(counter, "add", 1);
    }
    for (int i = 0; i < CALLS; i++) {
      ctx.callEntity(counter, "add", 1, Long.class).await();
    }
    return "counted";
  }

  @Orchestrator
  String transfer(OrchestrationContext ctx) {
    int from = ctx.random().nextInt(ACCOUNTS);
    int to = (from + 1 + ctx.random().nextInt(ACCOUNTS - 1)) % ACCOUNTS;
    int amount = 1 + ctx.random().nextInt(100);
    EntityId source = new EntityId("account", "a" + from);
    EntityId target = new EntityId("account", "a" + to);
    try (CriticalSection section = ctx.lockEntities(source, target).await()) {
      ctx.callEntity(source, "withdraw", amount, Long.class).await();
      ctx.callEntity(target, "deposit", amount, Long.class).await();
    }
    return "transferred";
  }
}
