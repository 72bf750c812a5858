package dev.perdure.simulation;

import dev.perdure.api.CriticalSection;
import dev.perdure.api.EntityContext;
import dev.perdure.api.EntityId;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.RetryPolicy;
import dev.perdure.api.StartOptions;
import dev.perdure.api.Task;
import dev.perdure.api.TaskFailedException;
import dev.perdure.api.TaskOptions;
import dev.perdure.api.TaskTimeoutException;
import dev.perdure.engine.functions.FunctionRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The code that simulated hosts run: every feature of the programming model, in functions whose
 * outcome can be told beforehand whatever goes wrong on the way.
 */
final class Functions {
  static final int COUNTERS = 6;
  static final int ACCOUNTS = 5;
  static final long INITIAL_BALANCE = 100;
  static final String EVENT = "go";

  private Functions() {}

  static FunctionRegistry registry() {
    return FunctionRegistry.builder()
        .activity("add", Pair.class, pair -> some(pair).a() + some(pair).b())
        .activity(
            "stumble",
            Integer.class,
            (ctx, times) -> {
              if (ctx.attempt() <= some(times)) {
                throw new IllegalStateException("attempt " + ctx.attempt());
              }
              return ctx.attempt();
            })
        .orchestrator("sequence", Integer.class, (ctx, n) -> sequence(ctx, some(n)))
        .orchestrator("fan", Integer.class, (ctx, n) -> fan(ctx, some(n)))
        .orchestrator("sleepy", Integer.class, (ctx, n) -> sleepy(ctx, some(n)))
        .orchestrator("patient", Integer.class, (ctx, n) -> patient(ctx, some(n)))
        .orchestrator("parent", Integer.class, (ctx, n) -> parent(ctx, some(n)))
        .orchestrator("stubborn", Integer.class, (ctx, n) -> stubborn(ctx, some(n)))
        .orchestrator("countdown", Integer.class, (ctx, n) -> countdown(ctx, some(n)))
        .orchestrator("counting", Counting.class, (ctx, c) -> counting(ctx, some(c)))
        .orchestrator("transfer", Transfer.class, (ctx, t) -> transfer(ctx, some(t)))
        .orchestrator("impatient", Transfer.class, (ctx, t) -> impatient(ctx, some(t)))
        .orchestrator("leaf", ctx -> "leaf")
        .orchestrator("guarded", String.class, (ctx, key) -> guarded(ctx, some(key)))
        .orchestrator("herald", String.class, (ctx, id) -> herald(ctx, some(id)))
        .entity("gate", Gate.class)
        .entity("counter", Functions::counter)
        .entity("account", Account.class)
        .build();
  }

  private static <T> T some(@Nullable T input) {
    return Objects.requireNonNull(input);
  }

  // ---- plain orchestrations -----------------------------------------------------------------

  /** Two numbers. */
  record Pair(int a, int b) {}

  private static Task<@Nullable Integer> add(OrchestrationContext ctx, int a, int b) {
    return ctx.callActivity("add", new Pair(a, b), Integer.class);
  }

  private static Object sequence(OrchestrationContext ctx, int n) {
    int sum = 0;
    for (int i = 0; i < n % 7 + 1; i++) {
      sum = some(add(ctx, sum, i).await());
    }
    return sum;
  }

  private static int sequenceOutput(int n) {
    int last = n % 7;
    return last * (last + 1) / 2;
  }

  private static Object fan(OrchestrationContext ctx, int n) {
    List<Task<@Nullable Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < n % 20; i++) {
      tasks.add(add(ctx, i, 1));
    }
    int sum = 0;
    for (Task<@Nullable Integer> task : ctx.inCompletionOrder(tasks)) {
      sum += some(task.await());
    }
    return sum;
  }

  private static int fanOutput(int n) {
    int count = n % 20;
    return count * (count + 1) / 2;
  }

  private static @Nullable Object sleepy(OrchestrationContext ctx, int n) {
    ctx.createTimer(Duration.ofMillis(n * 37L)).await();
    Task<@Nullable Void> never = ctx.createTimer(Duration.ofDays(300));
    Task<@Nullable Integer> quick = add(ctx, n, 1);
    ctx.anyOf(never, quick).await();
    never.cancel();
    return quick.await();
  }

  private static Object patient(OrchestrationContext ctx, int n) {
    for (int i = 0; i < n % 4 + 1; i++) {
      try {
        ctx.waitForExternalEvent(EVENT, Duration.ofMinutes(10), String.class).await();
      } catch (TaskTimeoutException e) {
        ctx.setCustomStatus("nobody came for " + i);
      }
    }
    return n;
  }

  private static Object parent(OrchestrationContext ctx, int n) {
    List<Task<@Nullable Integer>> children = new ArrayList<>();
    for (int i = 0; i < n % 4 + 1; i++) {
      children.add(ctx.callSubOrchestrator("sequence", n + i, Integer.class));
    }
    int sum = 0;
    for (@Nullable Integer output : ctx.allOf(children).await()) {
      sum += some(output);
    }
    return sum;
  }

  private static int parentOutput(int n) {
    int sum = 0;
    for (int i = 0; i < n % 4 + 1; i++) {
      sum += sequenceOutput(n + i);
    }
    return sum;
  }

  private static @Nullable Object stubborn(OrchestrationContext ctx, int n) {
    int times = n % 4;
    return ctx.callActivity(
            "stumble",
            times,
            TaskOptions.retry(RetryPolicy.of(5, Duration.ofSeconds(n % 3))),
            Integer.class)
        .await();
  }

  private static @Nullable Object countdown(OrchestrationContext ctx, int n) {
    if (n == 0) {
      return "lift-off";
    }
    int less = some(add(ctx, n, -1).await());
    ctx.continueAsNew(less);
    return null;
  }

  // ---- entities -----------------------------------------------------------------------------

  /**
   * What to do with counters: call each of some, signal each of them, and have one pass it on.
   *
   * @param key tells this orchestration's additions from those of others
   */
  record Counting(String key, int first, int calls, int signals) {}

  private static Object counting(OrchestrationContext ctx, Counting c) {
    for (int i = 0; i < c.calls(); i++) {
      EntityId counter = counter(c.first() + i);
      ctx.callEntity(counter, "add", c.key() + "/call/" + i).await();
      try {
        ctx.callEntity(counter, "fail", c.key() + "/never/" + i).await();
        throw new IllegalStateException("An operation that throws did not fail");
      } catch (TaskFailedException e) {
        ctx.setCustomStatus("failed as it should");
      }
    }
    for (int i = 0; i < c.signals(); i++) {
      ctx.signalEntity(counter(c.first() + i), "relay", c.key() + "/signal/" + i);
    }
    return c.calls() + c.signals();
  }

  static EntityId counter(int number) {
    return EntityId.of("counter", Integer.toString(number % COUNTERS));
  }

  /** Counts how often each key was added: the state is a map. */
  static final class Counts {
    Map<String, Integer> times = new TreeMap<>();
  }

  private static @Nullable Object counter(EntityContext ctx) {
    Counts counts = Objects.requireNonNullElseGet(ctx.state(Counts.class), Counts::new);
    String key = some(ctx.input(String.class));
    counts.times.merge(key, 1, Integer::sum);
    switch (ctx.operation()) {
      case "add" -> ctx.setState(counts);
      case "fail" -> {
        ctx.setState(counts);
        ctx.signalEntity(counter(0), "add", key);
        throw new IllegalStateException("as asked");
      }
      case "relay" -> {
        ctx.signalEntity(
            counter(key.length()), "add", key + "/relayed", ctx.currentInstant().plusMillis(20));
        ctx.startNew("leaf", null, StartOptions.id("leaf-" + key));
        ctx.setState(counts);
      }
      default -> throw new IllegalStateException("No such operation: " + ctx.operation());
    }
    return counts.times.size();
  }

  /** Lets through who has a permit. */
  static final class Gate {
    Map<String, Integer> passed = new TreeMap<>();

    void permit(String key) {
      passed.putIfAbsent(key, 0);
    }

    int pass(String key) {
      Integer before = passed.get(key);
      if (before == null) {
        throw new IllegalStateException("No permit for " + key);
      }
      passed.put(key, before + 1);
      return before + 1;
    }
  }

  static final EntityId GATE = EntityId.of("gate", "main");

  /** Fails without a permit, and is rewound by whoever gets one. */
  private static Object guarded(OrchestrationContext ctx, String key) {
    add(ctx, 1, 2).await();
    int passed = some(ctx.callEntity(GATE, "pass", key, Integer.class).await());
    add(ctx, 3, 4).await();
    return passed;
  }

  /** Tells somebody, who may be there or not. */
  private static Object herald(OrchestrationContext ctx, String id) {
    ctx.sendEvent(id, EVENT, "from " + ctx.instanceId());
    add(ctx, 1, 1).await();
    ctx.sendEvent(id, EVENT, "again");
    return "told";
  }

  // ---- money --------------------------------------------------------------------------------

  /** Money to move from one account to another; the key is in the instance's id. */
  record Transfer(String key, int from, int to, long amount) {}

  static EntityId account(int number) {
    return EntityId.of("account", Integer.toString(number % ACCOUNTS));
  }

  /** An account remembers what went in and out, so that nothing can happen twice unseen. */
  static final class Account {
    long balance = INITIAL_BALANCE;
    Map<String, Long> in = new TreeMap<>();
    Map<String, Long> out = new TreeMap<>();

    void withdraw(Transfer transfer) {
      balance -= transfer.amount();
      if (out.put(transfer.key(), transfer.amount()) != null) {
        throw new IllegalStateException("Withdrawn twice: " + transfer.key());
      }
      if (balance < 0) {
        throw new IllegalStateException("Overdrawn");
      }
    }

    void deposit(Transfer transfer) {
      balance += transfer.amount();
      if (in.put(transfer.key(), transfer.amount()) != null) {
        throw new IllegalStateException("Deposited twice: " + transfer.key());
      }
    }

    long balance() {
      return balance;
    }
  }

  private static Object transfer(OrchestrationContext ctx, Transfer t) {
    try (CriticalSection section = ctx.lockEntities(account(t.from()), account(t.to())).await()) {
      return move(ctx, t);
    }
  }

  private static String move(OrchestrationContext ctx, Transfer t) {
    long before = some(ctx.callEntity(account(t.from()), "balance", null, Long.class).await());
    if (before < t.amount()) {
      return "refused";
    }
    ctx.callEntity(account(t.from()), "withdraw", t).await();
    ctx.callEntity(account(t.to()), "deposit", t).await();
    return "done";
  }

  /** As a transfer, but it does not wait for ever, and goes through several executions. */
  private static @Nullable Object impatient(OrchestrationContext ctx, Transfer t) {
    Task<CriticalSection> lock = ctx.lockEntities(account(t.from()), account(t.to()));
    Task<@Nullable Void> timer = ctx.createTimer(Duration.ofMillis(30));
    ctx.anyOf(lock, timer).await();
    if (!lock.isDone()) {
      lock.cancel();
      return "gave up";
    }
    timer.cancel();
    lock.await();
    String outcome = move(ctx, t);
    if (outcome.equals("done") && t.amount() > 3) {
      // Ends this execution within the critical section: the locks go with it.
      ctx.continueAsNew(new Transfer(t.key() + "'", t.to(), t.from(), t.amount() / 2));
      return null;
    }
    return outcome;
  }

  // ---- what comes of it ---------------------------------------------------------------------

  /** The output of an orchestration of a plain name; null if that depends on others. */
  static @Nullable Object output(String name, int n) {
    return switch (name) {
      case "sequence" -> sequenceOutput(n);
      case "fan" -> fanOutput(n);
      case "sleepy" -> n + 1;
      case "patient" -> n;
      case "parent" -> parentOutput(n);
      case "stubborn" -> n % 4 + 1;
      case "countdown" -> "lift-off";
      default -> null;
    };
  }
}
