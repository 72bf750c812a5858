package dev.perdure.engine.recovery;

import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.EntityQuery;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import dev.perdure.api.StartOptions.IdReusePolicy;
import dev.perdure.api.WaitTimeoutException;
import dev.perdure.engine.ActivityStart;
import dev.perdure.engine.Engine;
import dev.perdure.engine.EngineEnvironment;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.engine.recovery.CrashingStore.Crash;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.StoreException;
import dev.perdure.store.memory.MemoryDisk;
import dev.perdure.store.memory.MemoryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A disk, hubs that are opened on it one after the other, and a client who does not give up. When
 * the power goes off, the next hub is opened at once, while the one that died may still be
 * twitching.
 */
final class World implements AutoCloseable {
  /** How long anything may take; far more than it does. */
  static final Duration PATIENCE = Duration.ofSeconds(20);

  static final EngineOptions OPTIONS =
      EngineOptions.DEFAULTS.withShutdownGrace(Duration.ZERO).withRedeliveriesMax(1_000);

  final MemoryDisk disk = new MemoryDisk();
  final JumpingClock clock = new JumpingClock();

  private final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();
  private final ExecutorService janitor =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon(true).factory());
  private final Random random = new Random(1);
  private int partitions = 1;
  private int flushEvery;
  private int failingFirst;
  private EngineOptions options = OPTIONS;
  private FunctionRegistry functions = FunctionRegistry.builder().build();
  private Iterator<Crash> crashes = List.<Crash>of().iterator();

  private final AtomicInteger deaths = new AtomicInteger();
  private volatile Life life;
  private volatile Throwable broken;

  /** One program from its start to its end. */
  private record Life(CrashingStore store, Engine engine) {}

  // ---- setting the scene ----------------------------------------------------------------------

  World partitions(int count) {
    partitions = count;
    return this;
  }

  World options(UnaryOperator<EngineOptions> change) {
    options = change.apply(options);
    return this;
  }

  World activityStart(ActivityStart start) {
    return options(o -> o.withActivityStart(start));
  }

  /** Rows are flushed, and the log is cut, every so many checkpoints. */
  World flushEvery(int checkpoints) {
    flushEvery = checkpoints;
    return this;
  }

  World functions(Consumer<FunctionRegistry.Builder> register) {
    FunctionRegistry.Builder builder = FunctionRegistry.builder();
    register.accept(builder);
    functions = builder.build();
    return this;
  }

  /** So many commits fail at the beginning of each life; nothing else does. */
  World failFirstCommits(int count) {
    failingFirst = count;
    return this;
  }

  /** The power goes off so in the lives to come; then it stays on. */
  World crashes(List<Crash> planned) {
    crashes = planned.iterator();
    return this;
  }

  // ---- lives ----------------------------------------------------------------------------------

  synchronized World open() {
    Crash crash = crashes.hasNext() ? crashes.next() : Crash.NEVER;
    CrashingStore store =
        new CrashingStore(
            disk, partitions, crash, flushEvery, dead -> janitor.execute(() -> died(dead)));
    store
        .memory()
        .failNextCommits(failingFirst, new IllegalStateException("the disk is not there yet"));
    EngineEnvironment system = EngineEnvironment.system();
    life =
        new Life(
            store,
            Engine.start(
                store,
                functions,
                new JacksonDataConverter(),
                options,
                new EngineEnvironment(
                    clock,
                    random,
                    system.orchestratorThreads(),
                    system.activityThreads(),
                    system.entityThreads())));
    return this;
  }

  /** Waits until the hub has come to rest after it was opened. */
  World warm() {
    persistently(client -> client.query(InstanceQuery.ALL)); // waits for a checkpoint
    return this;
  }

  private synchronized void died(CrashingStore store) {
    Life dead = life;
    if (dead.store() != store) {
      return; // it was replaced meanwhile
    }
    deaths.incrementAndGet();
    try {
      open();
    } catch (RuntimeException | Error e) {
      broken = e;
    } finally {
      dead.store().answerLate();
      dead.engine().close();
      notifyAll();
    }
  }

  /** The power goes off now, and on again. */
  void crash() {
    crash(0);
  }

  /** The power goes off now, when some rows have reached the disk by chance, and on again. */
  void crash(int rowCallsKept) {
    crash(rowCallsKept, Duration.ZERO);
  }

  /** The power goes off now, and on again after a while. */
  void crashFor(Duration time) {
    crash(0, time);
  }

  private synchronized void crash(int rowCallsKept, Duration time) {
    life.store().crashNow(rowCallsKept);
    clock.jump(time);
    died(life.store());
  }

  /** The program is stopped in an orderly way and started again. */
  synchronized void restart() {
    stop();
    open();
  }

  /** The program is stopped in an orderly way; if the power is just going off, the next one is. */
  synchronized void stop() {
    while (life.store().spare() && broken == null) {
      try {
        wait(); // for the next life
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    close(life);
  }

  private static void close(Life one) {
    one.engine().close();
    one.store().close();
  }

  @Override
  public void close() {
    life.store().spare();
    janitor.shutdown();
    try {
      if (!janitor.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("A dead hub does not come to rest");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close(life);
  }

  /** How often the power went off. */
  int deaths() {
    return deaths.get();
  }

  Engine engine() {
    return life.engine();
  }

  MemoryStore memory() {
    return life.store().memory();
  }

  CrashingStore store() {
    return life.store();
  }

  PerdureClient client() {
    return life.engine().client();
  }

  // ---- a client who does not give up ------------------------------------------------------------

  /** Asks until there is an answer; what was asked may have been done more than once. */
  <T> T persistently(Function<PerdureClient, T> request) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        return request.apply(client());
      } catch (HubClosedException | StoreException e) {
        if (broken != null) {
          throw new AssertionError("The hub could not be opened again", broken);
        }
        if (System.nanoTime() - deadline > 0) {
          throw new AssertionError("The hub did not come back", e);
        }
        LockSupport.parkNanos(200_000);
      }
    }
  }

  void tell(Consumer<PerdureClient> request) {
    persistently(
        client -> {
          request.accept(client);
          return true;
        });
  }

  /** Starts an orchestration once, however often the power goes off meanwhile. */
  String start(String id, String name, Object input) {
    return persistently(
        client ->
            client.startNew(name, input, StartOptions.id(id).withIdReuse(IdReusePolicy.IGNORE)));
  }

  OrchestrationMetadata end(String id) {
    try {
      return persistently(client -> client.waitForCompletion(id, PATIENCE));
    } catch (WaitTimeoutException e) {
      throw new AssertionError("Stuck: " + persistently(client -> client.explain(id)), e);
    }
  }

  <T> T output(String id, Class<T> type) {
    OrchestrationMetadata end = end(id);
    if (end.status() != OrchestrationStatus.COMPLETED) {
      throw new AssertionError(end + "\n" + end.failure());
    }
    return end.output(type);
  }

  OrchestrationMetadata status(String id) {
    return persistently(client -> client.status(id)).orElseThrow();
  }

  boolean exists(String id) {
    return persistently(client -> client.status(id)).isPresent();
  }

  /** Time passes, much at once, until the orchestration has ended. */
  OrchestrationMetadata endWhileTimeFlies(String id, Duration atOnce) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        return persistently(client -> client.waitForCompletion(id, Duration.ofMillis(1)));
      } catch (WaitTimeoutException e) {
        if (System.nanoTime() - deadline > 0) {
          throw new AssertionError("Stuck: " + persistently(client -> client.explain(id)), e);
        }
        clock.jump(atOnce);
        engine().clockChanged();
      }
    }
  }

  /** Asks again and again until something is so. */
  void until(String what, Function<PerdureClient, Boolean> condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!persistently(condition)) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("Waited in vain until " + what);
      }
      LockSupport.parkNanos(200_000);
    }
  }

  /** Waits until a commit waits. */
  void waitForHeldCommit() {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (memory().heldCommits() == 0) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("There was no commit");
      }
      LockSupport.parkNanos(200_000);
    }
  }

  /** All instances of the hub. */
  List<OrchestrationMetadata> instances() {
    List<OrchestrationMetadata> all = new ArrayList<>();
    String token = null;
    do {
      String from = token;
      InstanceQuery.Page page =
          persistently(
              client ->
                  client.query(InstanceQuery.ALL.withPageSize(1_000).withContinuationToken(from)));
      all.addAll(page.instances());
      token = page.continuationToken();
    } while (token != null);
    return all;
  }

  /** All entities of the hub, with their states. */
  List<EntityMetadata> entities() {
    List<EntityMetadata> all = new ArrayList<>();
    String token = null;
    do {
      String from = token;
      EntityQuery.Page page =
          persistently(
              client ->
                  client.queryEntities(
                      EntityQuery.ALL
                          .withStatelessToo()
                          .withStates()
                          .withPageSize(1_000)
                          .withContinuationToken(from)));
      all.addAll(page.entities());
      token = page.continuationToken();
    } while (token != null);
    return all;
  }

  /** The state of an entity; null if it has none. */
  <T> T state(EntityId entity, Class<T> type) {
    return persistently(client -> client.getEntity(entity))
        .map(metadata -> metadata.state(type))
        .orElse(null);
  }

  /** Waits until no operation waits for an entity, nor runs, and nobody holds a lock. */
  void untilEntitiesRest() {
    until(
        "entities rest",
        client ->
            client
                .queryEntities(EntityQuery.ALL.withStatelessToo().withPageSize(1_000))
                .entities()
                .stream()
                .allMatch(e -> e.operationsWaiting() == 0 && e.lockedBy() == null));
  }

  // ---- activities tell that they ran ----------------------------------------------------------

  /** An activity runs. */
  void ran(String what) {
    runs.computeIfAbsent(what, key -> new AtomicInteger()).incrementAndGet();
  }

  int runsOf(String what) {
    AtomicInteger count = runs.get(what);
    return count == null ? 0 : count.get();
  }
}
