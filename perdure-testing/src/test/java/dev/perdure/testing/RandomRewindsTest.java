package dev.perdure.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.CompositeTaskFailedException;
import dev.perdure.api.CriticalSection;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.EntityQuery;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.EntityLockRequested;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityOperationSignaled;
import dev.perdure.api.HistoryEvent.EventSent;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.RetryPolicy;
import dev.perdure.api.StartOptions;
import dev.perdure.api.Task;
import dev.perdure.api.TaskFailedException;
import dev.perdure.api.TaskOptions;
import dev.perdure.json.HistoryJson;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random orchestrations, of which some parts are broken for a while, are rewound until they
 * complete, with crashes in between. Then everything is as if nothing had been broken.
 */
class RandomRewindsTest {
  private static final int SEEDS = Integer.getInteger("perdure.rewinds", 30);
  private static final int REWINDS_MAX = 40;

  static List<Long> seeds() {
    long first = Long.getLong("perdure.rewinds.first", 1);
    return new Random(first).longs(SEEDS).boxed().toList();
  }

  /** What a part of an orchestration is made of; the same seed makes the same parts. */
  record Plan(long seed, String path, int depth, int generation) {}

  /** Says what is broken: some things for longer than others, most things never. */
  private static final class World {
    private final boolean whole;
    private volatile int round;

    World(boolean whole) {
      this.whole = whole;
    }

    String use(String key) {
      int fate = (key.hashCode() * 0x9E3779B1) >>> 28;
      if (!whole && fate < 6 && fate / 2 >= round) {
        throw new IllegalStateException(key + " is broken");
      }
      return key + "!";
    }
  }

  private static TestHub.Builder program(World world) {
    return TestHub.builder()
        .activity("do", String.class, world::use)
        .activity("undo", String.class, key -> key)
        .entity(
            "tally",
            ctx -> {
              String key = Objects.requireNonNull(ctx.input(String.class));
              if (ctx.operation().equals("try")) {
                world.use(key);
              }
              String noted = ctx.hasState() ? ctx.state(String.class) : "";
              ctx.setState(noted + key + " ");
              return null;
            })
        .orchestrator("holder", Integer.class, RandomRewindsTest::holdLocks)
        .orchestrator(
            "compensate",
            Integer.class,
            (ctx, seconds) -> {
              ctx.callActivity("undo", "child").await();
              ctx.createTimer(Duration.ofSeconds(Objects.requireNonNull(seconds))).await();
              return "compensated";
            })
        .orchestrator(
            "main", Plan.class, (ctx, plan) -> new Code(ctx, Objects.requireNonNull(plan)).run());
  }

  /** Has others wait for locks now and then. */
  private static @Nullable Object holdLocks(OrchestrationContext ctx, @Nullable Integer first) {
    for (int i = 0; i < 20; i++) {
      EntityId one = shared(i + Objects.requireNonNull(first));
      try (CriticalSection section = ctx.lockEntities(one).await()) {
        ctx.createTimer(Duration.ofSeconds(7)).await();
      }
    }
    return null;
  }

  private static EntityId shared(int number) {
    return EntityId.of("tally", "shared" + Math.floorMod(number, 4));
  }

  /** An orchestrator whose calls are chosen by its plan alone. */
  private static final class Code {
    private final OrchestrationContext ctx;
    private final Plan plan;
    private final Random random;
    private final List<String> results = new ArrayList<>();
    private int names;

    Code(OrchestrationContext ctx, Plan plan) {
      this.ctx = ctx;
      this.plan = plan;
      this.random = new Random(plan.seed() * 31 + plan.generation());
    }

    private String name() {
      return plan.path() + "." + plan.generation() + "#" + names++;
    }

    @Nullable Object run() {
      int steps = 2 + random.nextInt(5);
      for (int i = 0; i < steps; i++) {
        if (random.nextInt(4) == 0) {
          criticalSection();
        }
        boolean compensates = random.nextInt(3) == 0;
        int how = random.nextInt(6);
        Task<?> part = part();
        try {
          results.add(String.valueOf(part.await()));
        } catch (TaskFailedException | CompositeTaskFailedException e) {
          if (compensates) {
            compensate(how);
          }
          throw e;
        }
        if (plan.generation() < 2 && random.nextInt(12) == 0) {
          ctx.continueAsNew(
              new Plan(plan.seed(), plan.path(), plan.depth(), plan.generation() + 1));
          return null;
        }
      }
      return String.join(" ", results);
    }

    private List<EntityId> sharedOnes() {
      TreeSet<EntityId> chosen = new TreeSet<>();
      for (int i = random.nextInt(3); i >= 0; i--) {
        chosen.add(shared(random.nextInt(4)));
      }
      return List.copyOf(chosen);
    }

    private void criticalSection() {
      try (CriticalSection section = ctx.lockEntities(sharedOnes()).await()) {
        for (EntityId entity : section.entities()) {
          ctx.callEntity(entity, "add", plan.path().length() + "").await();
        }
        ctx.createTimer(Duration.ofSeconds(2)).await();
      }
    }

    /** What is asked for here is removed by the rewind; some of it goes on by itself. */
    private void compensate(int how) {
      switch (how) {
        case 0 -> {
          Task<CriticalSection> lock = ctx.lockEntities(shared(how), shared(names));
          ctx.anyOf(lock, ctx.createTimer(Duration.ofSeconds(1))).await();
          if (!lock.cancel()) {
            lock.await().close();
          }
        }
        case 1 -> ctx.createTimer(Duration.ofSeconds(30)).await();
        case 2 -> {
          var unawaited = ctx.callActivity("undo", "unawaited");
          ctx.callSubOrchestrator("compensate", 0, String.class).await();
        }
        case 3 -> {
          var goesOn = ctx.callSubOrchestrator("compensate", 400, String.class);
          ctx.createTimer(Duration.ofSeconds(3)).await();
        }
        case 4 -> {
          ctx.setCustomStatus("sorry");
          ctx.signalEntity(EntityId.of("tally", "compensations"), "add", "c");
          ctx.createTimer(Duration.ofSeconds(3)).await();
        }
        default -> ctx.callEntity(EntityId.of("tally", "compensations"), "add", "c").await();
      }
    }

    private Task<?> part() {
      switch (random.nextInt(11)) {
        case 0, 1 -> {
          return ctx.createTimer(Duration.ofSeconds(random.nextInt(60)));
        }
        case 2, 3 -> {
          List<Task<Object>> all = new ArrayList<>();
          for (int i = random.nextInt(4); i >= 0; i--) {
            all.add(part().thenApply(String::valueOf));
          }
          return ctx.allOf(all);
        }
        case 4, 5 -> {
          return plan.depth() == 0 ? activity() : child();
        }
        case 6 -> {
          String operation = random.nextBoolean() ? "try" : "add";
          return ctx.callEntity(EntityId.of("tally", plan.path()), operation, name());
        }
        case 7 -> {
          String next = name();
          return activity().thenCompose(done -> ctx.callActivity("do", next, String.class));
        }
        case 8 -> {
          String event = name();
          ctx.sendEvent(ctx.instanceId(), event, event);
          return ctx.waitForExternalEvent(event, String.class);
        }
        case 9 -> {
          RetryPolicy twice = RetryPolicy.of(2, Duration.ofSeconds(random.nextInt(2) * 4L));
          return ctx.callActivity("do", name(), TaskOptions.retry(twice), String.class);
        }
        default -> {
          return activity();
        }
      }
    }

    private Task<String> activity() {
      return ctx.callActivity("do", name(), String.class);
    }

    private Task<String> child() {
      String path = plan.path() + "/" + plan.generation() + "-" + names++;
      TaskOptions options =
          random.nextInt(3) == 0 ? TaskOptions.NONE.withInstanceId(path) : TaskOptions.NONE;
      return ctx.callSubOrchestrator(
          "main", new Plan(random.nextLong(), path, plan.depth() - 1, 0), options, String.class);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whatWasRewoundEndsAsIfNothingHadBeenBroken(long seed) {
    Random random = new Random(seed);
    Plan plan = new Plan(random.nextLong(), "root", random.nextInt(4), 0);
    @Nullable String expected;
    Map<String, String> tallies;
    try (TestHub hub = program(new World(true)).open()) {
      hub.client().startNew("main", plan, StartOptions.id("root"));
      expected = hub.output("root", String.class);
      tallies = tallies(hub.client());
    }
    World world = new World(false);
    boolean warm = random.nextBoolean();
    try (TestHub hub =
        program(world)
            .partitions(1 + random.nextInt(4))
            .options(o -> o.withWarm(warm ? 100 : 0, Duration.ofSeconds(1)))
            .open()) {
      hub.client().startNew("holder", 0);
      hub.client().startNew("holder", 1);
      hub.client().startNew("main", plan, StartOptions.id("root"));
      if (!rewindToTheEnd(hub, world, random, expected)) {
        return;
      }
      hub.advance(Duration.ofHours(1));

      assertThat(tallies(hub.client())).isEqualTo(tallies);
      hub.checkNothingIsStuck();
      for (OrchestrationMetadata instance :
          hub.client().query(InstanceQuery.ALL.withPageSize(1_000)).instances()) {
        List<HistoryEvent> history = hub.history(instance.instanceId());
        assertThat(calls(history)).as(instance.instanceId()).doesNotHaveDuplicates();
        Replays.check(program(world), HistoryJson.write(instance.instanceId(), history));
      }
    }
  }

  /** Returns false if a rewind was refused, as it is while an operation of an entity may run. */
  private static boolean rewindToTheEnd(
      TestHub hub, World world, Random random, @Nullable String expected) {
    for (int rewinds = 0; rewinds <= REWINDS_MAX; rewinds++) {
      OrchestrationMetadata end = hub.await("root");
      if (random.nextInt(3) == 0) {
        hub.crash();
      }
      if (end.status() == OrchestrationStatus.COMPLETED) {
        assertThat(end.output(String.class)).isEqualTo(expected);
        return true;
      }
      if (rewinds < 4 || random.nextBoolean()) {
        world.round++;
      }
      try {
        hub.client().rewind("root", null);
      } catch (InvalidInstanceStateException e) {
        assertThat(e).hasMessageContaining("was under way");
        return false;
      }
      if (random.nextInt(3) == 0) {
        hub.crash();
      }
    }
    throw new AssertionError("It fails for ever: " + hub.failure("root"));
  }

  /** What entities have noted, in any order, besides what compensations did. */
  private static Map<String, String> tallies(PerdureClient client) {
    Map<String, String> tallies = new TreeMap<>();
    for (EntityMetadata entity : client.queryEntities(EntityQuery.ALL.withStates()).entities()) {
      if (entity.hasState() && !entity.id().key().equals("compensations")) {
        List<String> noted = List.of(Objects.requireNonNull(entity.state(String.class)).split(" "));
        tallies.put(entity.id().toString(), noted.stream().sorted().toList().toString());
      }
    }
    return tallies;
  }

  /** The ids of all tasks that were ever asked for, removed ones included. */
  private static List<Integer> calls(List<HistoryEvent> history) {
    List<Integer> ids = new ArrayList<>();
    for (HistoryEvent event : history) {
      switch (event) {
        case TaskScheduled e -> ids.add(e.taskId());
        case TimerCreated e -> ids.add(e.taskId());
        case SubOrchestrationCreated e -> ids.add(e.taskId());
        case EventSent e -> ids.add(e.taskId());
        case EntityOperationCalled e -> ids.add(e.taskId());
        case EntityOperationSignaled e -> ids.add(e.taskId());
        case EntityLockRequested e -> ids.add(e.taskId());
        default -> {}
      }
    }
    return ids;
  }
}
