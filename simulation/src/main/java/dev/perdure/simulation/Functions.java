package dev.perdure.simulation;

import dev.perdure.api.CriticalSection;
import dev.perdure.api.DurableHttpRequest;
import dev.perdure.api.DurableHttpResponse;
import dev.perdure.api.EntityContext;
import dev.perdure.api.EntityId;
import dev.perdure.api.LockingRulesViolationException;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.RetryPolicy;
import dev.perdure.api.StartOptions;
import dev.perdure.api.Task;
import dev.perdure.api.TaskFailedException;
import dev.perdure.api.TaskOptions;
import dev.perdure.api.TaskTimeoutException;
import dev.perdure.engine.functions.FunctionRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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

  /** The event by which letters come. */
  static final String LETTER = "letter";

  /** The letter after which a mailbox ends. */
  static final String LAST = "last";

  /** Letters that a mailbox takes before it begins afresh. */
  static final int LETTERS_AT_ONCE = 3;

  /** The version of whatever is started without one. */
  static final String DEFAULT_VERSION = "2";

  private Functions() {}

  /**
   * The functions.
   *
   * @param spoiled instances whose code is, at present, another one than it was; changed by whoever
   *     spoils it and puts it right again
   */
  static FunctionRegistry registry(Set<String> spoiled) {
    return FunctionRegistry.builder()
        .builtIn(new SimulatedWeb())
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
        .orchestrator("mailbox", Letters.class, (ctx, letters) -> mailbox(ctx, some(letters)))
        .orchestrator("fetch", Integer.class, (ctx, n) -> fetch(ctx, some(n)))
        .orchestrator("edition", Integer.class, (ctx, n) -> edition(ctx, "plain", some(n)))
        .orchestrator("edition", "1", Integer.class, (ctx, n) -> edition(ctx, "first", some(n)))
        .orchestrator("edition", "2", Integer.class, (ctx, n) -> edition(ctx, "second", some(n)))
        .orchestrator("tagged", Integer.class, (ctx, n) -> tagged(ctx, some(n)))
        .orchestrator("tags", ctx -> new TreeMap<>(ctx.tags()).toString())
        .orchestrator("faller", Fall.class, (ctx, fall) -> faller(ctx, some(fall)))
        .orchestrator("insistent", Fall.class, (ctx, fall) -> insistent(ctx, some(fall)))
        .orchestrator("household", Integer.class, (ctx, depth) -> household(ctx, some(depth)))
        .orchestrator("moody", ctx -> moody(ctx, spoiled))
        .orchestrator("regretful", ctx -> regretful(ctx, spoiled))
        .orchestrator("slates", String.class, (ctx, key) -> slates(ctx, some(key)))
        .orchestrator("accompanied", Transfer.class, (ctx, t) -> accompanied(ctx, some(t)))
        .entity("gate", Gate.class)
        .entity("tally", Tally.class)
        .entity("slate", Functions::slate)
        .entity("counter", Functions::counter)
        .entity("account", Account.class)
        .build();
  }

  private static <T> T some(@Nullable T input) {
    return Objects.requireNonNull(input);
  }

  // ---- plain orchestrations -----------------------------------------------------------------

  /**
   * Two numbers.
   *
   * @param ballast makes some of them so long that several do not go into the state of an instance
   */
  record Pair(int a, int b, String ballast) {
    Pair(int a, int b) {
      this(a, b, "x".repeat(a % 3 == 1 ? 2_500 : 0));
    }
  }

  private static Task<@Nullable Integer> add(OrchestrationContext ctx, int a, int b) {
    String activity = b % 5 == 4 ? RemoteFunctions.ADD : "add";
    return ctx.callActivity(activity, new Pair(a, b), Integer.class);
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
      String child = i % 2 == 1 ? RemoteFunctions.remote("sequence") : "sequence";
      children.add(ctx.callSubOrchestrator(child, n + i, Integer.class));
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

  /** The letters that a mailbox has got in earlier executions. */
  record Letters(List<String> got) {}

  /** Gathers letters until the last one, and begins afresh after every few: more may be waiting. */
  private static @Nullable Object mailbox(OrchestrationContext ctx, Letters letters) {
    List<String> got = new ArrayList<>(letters.got());
    for (int i = 0; i < LETTERS_AT_ONCE; i++) {
      String letter = some(ctx.waitForExternalEvent(LETTER, String.class).await());
      if (letter.equals(LAST)) {
        return String.join(",", got);
      }
      got.add(letter);
    }
    ctx.continueAsNew(new Letters(got));
    return null;
  }

  private static Object fetch(OrchestrationContext ctx, int n) {
    DurableHttpResponse answer =
        ctx.callHttp(
                DurableHttpRequest.get(SimulatedWeb.address(n % 3, n % 4))
                    .withRetry(RetryPolicy.of(5, Duration.ofSeconds(1))))
            .await();
    return answer.statusCode() + " " + answer.body();
  }

  // ---- versions, tags and children ----------------------------------------------------------

  /** Tells which code runs as which version, for itself and for a child. */
  private static Object edition(OrchestrationContext ctx, String code, int n) {
    String mine = code + " " + ctx.version();
    if (n < 0) {
      return mine;
    }
    TaskOptions options = n % 2 == 0 ? TaskOptions.NONE : TaskOptions.NONE.withVersion("1");
    return mine + ", " + ctx.callSubOrchestrator("edition", -1, options, String.class).await();
  }

  /** The output of an edition that was started as some version; null for none. */
  static String editionOutput(@Nullable String version, int n) {
    String mine = version == null ? DEFAULT_VERSION : version;
    return edition(mine) + ", " + edition(n % 2 == 0 ? mine : "1");
  }

  private static String edition(String version) {
    return switch (version) {
          case "1" -> "first ";
          case "2" -> "second ";
          default -> "plain ";
        }
        + version;
  }

  /** Shows its tags, after it has begun afresh, and those it gave to a child. */
  private static @Nullable Object tagged(OrchestrationContext ctx, int n) {
    if (n > 0) {
      ctx.continueAsNew(n - 1);
      return null;
    }
    TaskOptions options = TaskOptions.NONE.withTags(Map.of("parent", ctx.instanceId()));
    return new TreeMap<>(ctx.tags())
        + ctx.callSubOrchestrator("tags", null, options, String.class).await();
  }

  static String taggedOutput(String id, Map<String, String> tags) {
    return new TreeMap<>(tags) + Map.of("parent", id).toString();
  }

  /**
   * A child that fails some times before it does not.
   *
   * @param key tells its attempts from those of others
   */
  record Fall(String key, int times) {}

  /** Counts attempts. */
  static final class Tally {
    Map<String, Integer> attempts = new TreeMap<>();

    int attempt(String key) {
      return attempts.merge(key, 1, Integer::sum);
    }

    int count(String key) {
      return attempts.getOrDefault(key, 0);
    }
  }

  private static final EntityId TALLY = EntityId.of("tally", "main");

  private static Object faller(OrchestrationContext ctx, Fall fall) {
    int attempt = some(ctx.callEntity(TALLY, "attempt", fall.key(), Integer.class).await());
    if (attempt <= fall.times()) {
      throw new IllegalStateException("fell " + attempt + " times");
    }
    return attempt;
  }

  /** Tries a child until it succeeds, another one under one id, and one that never does. */
  private static Object insistent(OrchestrationContext ctx, Fall fall) {
    TaskOptions again = TaskOptions.retry(RetryPolicy.of(5, Duration.ofMillis(700)));
    Task<@Nullable Integer> any = ctx.callSubOrchestrator("faller", fall, again, Integer.class);
    Task<@Nullable Integer> own =
        ctx.callSubOrchestrator(
            "faller",
            new Fall(fall.key() + "/own", fall.times()),
            again.withInstanceId(fall.key() + "/own"),
            Integer.class);
    String never = fall.key() + "/never";
    try {
      ctx.callSubOrchestrator(
              "faller",
              new Fall(never, Integer.MAX_VALUE),
              TaskOptions.retry(RetryPolicy.of(2, Duration.ZERO)),
              Integer.class)
          .await();
      throw new IllegalStateException("A child that throws did not fail");
    } catch (TaskFailedException e) {
      ctx.setCustomStatus("failed as it should");
    }
    int attempts = some(ctx.callEntity(TALLY, "count", never, Integer.class).await());
    return any.await() + " " + own.await() + " " + attempts;
  }

  static String insistentOutput(int times) {
    return (times + 1) + " " + (times + 1) + " 2";
  }

  /** Waits for ever, with two children who have children, and so on. */
  private static Object household(OrchestrationContext ctx, int depth) {
    if (depth == 0) {
      ctx.waitForExternalEvent("never", String.class).await();
    }
    List<Task<@Nullable String>> children = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      TaskOptions options = TaskOptions.NONE.withInstanceId(ctx.instanceId() + "/" + i);
      children.add(ctx.callSubOrchestrator("household", depth - 1, options, String.class));
    }
    ctx.allOf(children).await();
    return "all moved out";
  }

  /** Throws while it is spoiled, after a child that a second attempt made good. */
  private static Object regretful(OrchestrationContext ctx, Set<String> spoiled) {
    String key = ctx.instanceId();
    TaskOptions again = TaskOptions.retry(RetryPolicy.of(2, Duration.ofMillis(20)));
    int attempts =
        some(ctx.callSubOrchestrator("faller", new Fall(key, 1), again, Integer.class).await());
    add(ctx, 1, 2).await();
    if (spoiled.contains(key)) {
      throw new IllegalStateException("spoiled");
    }
    int all = some(ctx.callEntity(TALLY, "count", key, Integer.class).await());
    return attempts + " of " + all;
  }

  static final String REGRETFUL_OUTPUT = "2 of 2";

  /** Does something else than its history says while it is spoiled. */
  private static Object moody(OrchestrationContext ctx, Set<String> spoiled) {
    if (spoiled.contains(ctx.instanceId())) {
      ctx.setCustomStatus("not in the mood");
    }
    int sum = some(add(ctx, 1, 2).await());
    ctx.waitForExternalEvent(EVENT, String.class).await();
    return some(add(ctx, sum, 3).await());
  }

  static final int MOODY_OUTPUT = 6;

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
      Instant at = i % 2 == 0 ? null : ctx.currentInstant().plusMillis(40L * i);
      ctx.signalEntity(counter(c.first() + i), "relay", c.key() + "/signal/" + i, at);
    }
    return c.calls() + c.signals();
  }

  static EntityId counter(int number) {
    int key = number % COUNTERS;
    return EntityId.of(key % 3 == 0 ? RemoteFunctions.COUNTER : "counter", Integer.toString(key));
  }

  static boolean isCounter(EntityId id) {
    return id.name().equals("counter") || id.name().equals(RemoteFunctions.COUNTER);
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

  static EntityId slate(String key) {
    return EntityId.of("slate", key);
  }

  private static @Nullable Object slate(EntityContext ctx) {
    switch (ctx.operation()) {
      case "write" -> ctx.setState(ctx.input(String.class));
      case "wipe" -> ctx.deleteState();
      default -> {} // it is only read
    }
    return ctx.state(String.class);
  }

  /** Writes on a slate, reads it, and wipes it. */
  private static Object slates(OrchestrationContext ctx, String key) {
    EntityId slate = slate(key);
    ctx.callEntity(slate, "write", key).await();
    String written = ctx.callEntity(slate, "read", null, String.class).await();
    ctx.callEntity(slate, "wipe").await();
    return written + " " + ctx.callEntity(slate, "read", null, String.class).await();
  }

  static String slatesOutput(String key) {
    return key + " null";
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

  /** As a transfer, with a child under way; one cannot be started while the locks are held. */
  private static Object accompanied(OrchestrationContext ctx, Transfer t) {
    Task<@Nullable Integer> child = ctx.callSubOrchestrator("sequence", 5, Integer.class);
    try (CriticalSection section = ctx.lockEntities(account(t.from()), account(t.to())).await()) {
      try {
        ctx.callSubOrchestrator("sequence", 5);
        throw new IllegalStateException("A child was started in a critical section");
      } catch (LockingRulesViolationException e) {
        if (some(child.await()) != sequenceOutput(5)) {
          throw new IllegalStateException("The child did something else", e);
        }
      }
      return move(ctx, t);
    }
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

  /** Whether an orchestration moves an amount once, under its own id. */
  static boolean movesMoneyOnce(String name) {
    return name.equals("transfer") || name.equals("accompanied");
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
      case "fetch" -> "200 fetched";
      default -> null;
    };
  }

  /** What an orchestration that has completed has used. */
  static Set<Feature> features(Promise done) {
    Set<Feature> used = EnumSet.noneOf(Feature.class);
    int n = done.input() instanceof Integer number ? number : 0;
    boolean moved = "COMPLETED done".equals(done.end);
    addIf(done.isRemote(), Feature.REMOTE, used);
    switch (done.name()) {
      case "sequence", "fan" -> used.add(Feature.ACTIVITIES);
      case "sleepy" -> used.add(Feature.TIMERS);
      case "parent" -> used.add(Feature.CHILDREN);
      case "stubborn" -> addIf(n % 4 > 0, Feature.ACTIVITY_RETRIED, used);
      case "countdown" -> addIf(n > 0, Feature.CONTINUED_AS_NEW, used);
      case "herald" -> used.add(Feature.EVENT_SENT);
      case "fetch" -> used.add(Feature.HTTP);
      case "edition" -> used.add(Feature.VERSIONS);
      case "transfer" -> addIf(moved, Feature.CRITICAL_SECTION, used);
      case "accompanied" -> addIf(moved, Feature.CHILD_IN_CRITICAL_SECTION, used);
      case "impatient" -> addIf("COMPLETED gave up".equals(done.end), Feature.LOCK_WITHDRAWN, used);
      default -> {}
    }
    if (done.input() instanceof Fall fall) {
      used.add(Feature.CHILD_FAILED);
      used.add(Feature.CHILD_WITH_ID);
      addIf(fall.times() > 0, Feature.CHILD_RETRIED, used);
    }
    if (done.input() instanceof Counting counting) {
      addIf(counting.calls() > 0, Feature.ENTITY_CALLED, used);
      addIf(counting.signals() > 0, Feature.ENTITY_SIGNALED, used);
      addIf(counting.signals() > 0, Feature.ENTITY_ACTED, used);
      addIf(counting.signals() > 1, Feature.ENTITY_SIGNALED_LATER, used);
    }
    return used;
  }

  private static void addIf(boolean condition, Feature feature, Set<Feature> to) {
    if (condition) {
      to.add(feature);
    }
  }
}
