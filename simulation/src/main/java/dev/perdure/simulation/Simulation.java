package dev.perdure.simulation;

import dev.perdure.api.EntityMetadata;
import dev.perdure.api.EntityQuery;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import dev.perdure.api.StartOptions.IdReusePolicy;
import dev.perdure.engine.ActivityStart;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.store.LogRecord;
import dev.perdure.store.Store;
import dev.perdure.store.StoreException;
import dev.perdure.store.memory.MemoryDisk;
import dev.perdure.store.memory.MemoryStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One run: hosts come and go on one disk, clients ask for random things, faults happen; then the
 * faults stop, everything has to end, and what came of it has to be what was promised.
 */
final class Simulation {
  private static final Instant BEGINNING = Instant.parse("2031-05-01T12:00:00Z");
  private static final int CLIENTS = 4;

  /** Whether everything that happens is told; for one seed. */
  private static final boolean TELL = Boolean.getBoolean("perdure.simulation.tell");

  /** Virtual time in which a question has to be answered: slow commits and recoveries included. */
  private static final Duration ANSWER_MAX = Duration.ofSeconds(20);

  /** Virtual time in which everything has to end once the faults have stopped. */
  private static final Duration HEALING = Duration.ofDays(2);

  /** Things done while healing, after which nothing can be expected any more. */
  private static final long HEALING_STEPS = 3_000_000;

  private final long seed;
  private final long stepsMax;
  private final Random random;
  private final Scheduler scheduler;
  private final MemoryDisk disk = new MemoryDisk();
  private final FunctionRegistry functions = Functions.registry();
  private final int partitions;
  private final EngineOptions options;

  private MemoryStore memory;
  private SimulatedHost host;
  private @Nullable SimulatedHost zombie;
  private boolean changing;
  private boolean faulty = true;
  private long clockOffsetMillis;
  private int clientsLeft;

  private final List<String> violations = new ArrayList<>();
  private final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
  private final Map<String, Integer> checks = new TreeMap<>();
  private final Map<Integer, Long> epochs = new HashMap<>();
  private final Map<String, Expected> expected = new LinkedHashMap<>();

  private final Set<String> purged = new LinkedHashSet<>();

  /** Additions to counters by clients: whether each was acknowledged. */
  private final Map<String, Boolean> added = new LinkedHashMap<>();

  /** An orchestration that was started, or may have been. */
  private static final class Expected {
    private final String name;
    private final @Nullable Object output;
    private final Object input;
    private boolean acknowledged;
    private boolean mayBeTerminated;
    private @Nullable String end;

    private Expected(String name, Object input, @Nullable Object output) {
      this.name = name;
      this.input = input;
      this.output = output;
    }
  }

  private Simulation(long seed, long steps) {
    this.seed = seed;
    this.stepsMax = steps;
    this.random = new Random(mixed(seed));
    this.scheduler = new Scheduler(random);
    this.partitions = 1 + random.nextInt(4);
    this.options =
        EngineOptions.DEFAULTS.with(
            o ->
                o.activityStart(
                        random.nextBoolean() ? ActivityStart.STRICT : ActivityStart.PIPELINED)
                    .redeliveriesMax(1_000_000)
                    .shutdownGrace(Duration.ZERO)
                    .auditInterval(Duration.ZERO) // the simulation owns every step
                    .warmOrchestrationsMax(random.nextInt(3) == 0 ? 0 : random.nextInt(30))
                    .warmIdle(Duration.ofMillis(1 + random.nextInt(2_000)))
                    .checkpointInterval(Duration.ofMillis(1 + random.nextInt(500)))
                    .checkpointLogBytes(1 << 16));
    this.memory = MemoryStore.open(disk, partitions);
    this.host = newHost();
  }

  /** Neighbouring seeds would begin alike otherwise: with the same number of partitions, say. */
  private static long mixed(long seed) {
    long bits = seed * 0x9E3779B97F4A7C15L;
    bits = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
    bits = (bits ^ (bits >>> 27)) * 0x94D049BB133111EBL;
    return bits ^ (bits >>> 31);
  }

  /**
   * Runs a seed.
   *
   * @param steps things to do before the faults stop
   */
  static Result run(long seed, long steps) {
    return new Simulation(seed, steps).run();
  }

  private Result run() {
    clientsLeft = CLIENTS;
    for (int i = 0; i < CLIENTS; i++) {
      int number = i;
      scheduler
          .threads(Scheduler.WORLD, "actor")
          .newThread(() -> new Client(number).live())
          .start();
    }
    try {
      while (scheduler.steps() < stepsMax) {
        if (random.nextInt(150) == 0) {
          somethingGoesWrong();
        }
        if (!scheduler.step()) {
          break;
        }
      }
      heal();
    } catch (RuntimeException | Error e) {
      violate("The simulation failed: " + e + at(e));
    }
    return new Result(seed, violations, faults, checks, scheduler.steps(), scheduler.trace());
  }

  private static String at(Throwable e) {
    StackTraceElement[] stack = e.getStackTrace();
    return stack.length == 0 ? "" : " at " + stack[0];
  }

  /** Tells what happens, where somebody wants to follow it. */
  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  private void tell(String format, @Nullable Object... arguments) {
    if (TELL) {
      System.out.printf(
          "%9.3f ms %6d  %s%n",
          scheduler.nanos() / 1e6, scheduler.steps(), format.formatted(arguments));
    }
  }

  private void violate(String what) {
    if (violations.size() < 20) {
      violations.add(what);
    }
  }

  private void check(String invariant, boolean holds, String otherwise) {
    checks.merge(invariant, 1, Integer::sum);
    if (!holds) {
      violate(invariant + ": " + otherwise);
    }
  }

  // ---- hosts --------------------------------------------------------------------------------

  private SimulatedHost newHost() {
    InstantSource clock =
        () ->
            BEGINNING
                .plusMillis(clockOffsetMillis)
                .plusNanos(scheduler.nanos() / 1_000_000 * 1_000_000);
    return new SimulatedHost(
        scheduler,
        new SimulatedStore(memory, scheduler, new DiskFate()),
        functions,
        options,
        clock,
        random,
        this::carrier);
  }

  /** Messages keep their order, but may be late, and come twice. */
  private Executor carrier(SimulatedHost of) {
    Deque<Runnable> late = new ArrayDeque<>();
    return delivery -> {
      boolean doubled = happens(Fault.MESSAGE_DOUBLED, 30);
      boolean delayed = !late.isEmpty() || happens(Fault.MESSAGE_DELAYED, 30);
      Runnable all =
          () -> {
            delivery.run();
            if (doubled) {
              delivery.run();
            }
          };
      if (!delayed) {
        all.run();
        return;
      }
      late.add(all);
      scheduler.after(
          Duration.ofMillis(random.nextInt(50)),
          of,
          () -> {
            Runnable next = late.poll();
            if (next != null) {
              next.run();
            }
          });
    };
  }

  private boolean happens(Fault fault, int oneIn) {
    if (faulty && random.nextInt(oneIn) == 0) {
      faults.merge(fault, 1, Integer::sum);
      return true;
    }
    return false;
  }

  private void powerOff(Fault fault) {
    faults.merge(fault, 1, Integer::sum);
    tell("%s", fault);
    SimulatedHost dead = host;
    killZombie();
    disk.crash(random.nextInt(4));
    dead.die();
    reopen();
  }

  private void reopen() {
    memory = MemoryStore.open(disk, partitions);
    host = newHost();
    changing = false;
  }

  private void killZombie() {
    SimulatedHost undead = zombie;
    if (undead != null) {
      undead.die();
      zombie = null;
    }
  }

  private void failover() {
    faults.merge(Fault.FAILOVER, 1, Integer::sum);
    tell("failover");
    killZombie();
    SimulatedHost old = host;
    old.abandonRequests();
    zombie = old;
    scheduler.after(
        Duration.ofMillis(random.nextInt(100)),
        Scheduler.WORLD,
        () -> {
          if (Objects.equals(zombie, old)) {
            killZombie();
          }
        });
    host = newHost();
  }

  private void restart() {
    faults.merge(Fault.RESTART, 1, Integer::sum);
    tell("restart");
    killZombie();
    changing = true;
    SimulatedHost old = host;
    old.stop(
        () -> {
          if (Objects.equals(host, old)) { // or the power went off meanwhile
            reopen();
          }
        });
  }

  private void somethingGoesWrong() {
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> powerOff(Fault.POWER_OFF);
      case 3 -> {
        if (!changing) {
          failover();
        }
      }
      case 4 -> {
        if (!changing) {
          restart();
        }
      }
      case 5 -> {
        tell("commit lost");
        faults.merge(Fault.COMMIT_LOST, 1, Integer::sum);
        memory.failNextCommits(1, diskFull());
      }
      case 6 -> {
        tell("commit kept");
        faults.merge(Fault.COMMIT_KEPT, 1, Integer::sum);
        memory.failNextCommitsButKeepThem(1, diskFull());
      }
      case 7 -> {
        if (!changing) {
          faults.merge(Fault.LEASE_LOST, 1, Integer::sum);
          int partition = random.nextInt(partitions);
          tell("partition %d taken", partition);
          epochs.put(partition, memory.acquire(partition, "somebody else"));
        }
      }
      case 8, 9 -> {
        faults.merge(Fault.CLOCK_JUMPED, 1, Integer::sum);
        clockOffsetMillis +=
            random.nextInt(4) == 0 ? -random.nextInt(60_000) : random.nextInt(20 * 60_000);
      }
      default -> {} // the others come by themselves
    }
  }

  private static StoreException diskFull() {
    return new StoreException("PD-2007", "The disk is full.", null);
  }

  /** What the disk does with what it is asked for. */
  private final class DiskFate implements SimulatedStore.Fate {
    @Override
    public Duration commitTakes() {
      return happens(Fault.COMMIT_SLOW, 40)
          ? Duration.ofMillis(random.nextInt(500))
          : Duration.ofNanos(50_000 + random.nextInt(400_000));
    }

    @Override
    public void commit(
        SimulatedStore store, List<LogRecord> records, Store.CommitCallback callback) {
      if (store.equals(host.store()) && happens(Fault.POWER_OFF_IN_COMMIT, 400)) {
        if (random.nextBoolean()) {
          store.carryOut(records, failure -> {}); // durable, and nobody is told
        }
        powerOff(Fault.POWER_OFF);
        return;
      }
      store.carryOut(records, callback);
    }

    @Override
    public boolean rowsFail() {
      return happens(Fault.ROWS_FAILED, 150);
    }

    @Override
    public boolean flushNow() {
      return random.nextInt(6) == 0;
    }

    @Override
    public void tell(String format, @Nullable Object... arguments) {
      Simulation.this.tell(format, arguments);
    }

    @Override
    public void acquired(int partition, long epoch) {
      check(
          "one writer",
          epoch > epochs.getOrDefault(partition, 0L),
          "partition %d was taken twice under epoch %d".formatted(partition, epoch));
      epochs.put(partition, epoch);
    }

    @Override
    public void durable(List<LogRecord> records) {
      for (LogRecord record : records) {
        tell(
            "durable: partition %d epoch %d positions %d to %d",
            record.partition(), record.epoch(), record.firstPosition(), record.lastPosition());
        Long latest = epochs.get(record.partition());
        check(
            "one writer",
            latest != null && latest == record.epoch(),
            "partition %d took a record of epoch %d while %d held it"
                .formatted(record.partition(), record.epoch(), latest));
      }
    }
  }

  // ---- clients ------------------------------------------------------------------------------

  /** Asks until there is an answer; what was asked may have been done more than once. */
  private <T extends @Nullable Object> T persistently(Function<PerdureClient, T> request) {
    return persistently(request, ANSWER_MAX);
  }

  private <T extends @Nullable Object> T persistently(
      Function<PerdureClient, T> request, Duration answerMax) {
    while (true) {
      long asked = scheduler.nanos();
      CompletableFuture<T> answer = host.ask(request);
      try {
        T result = answer.get();
        check(
            "answers come soon",
            scheduler.nanos() - asked <= answerMax.toNanos(),
            "one took %s".formatted(Duration.ofNanos(scheduler.nanos() - asked)));
        return result;
      } catch (ExecutionException e) {
        Throwable cause = e.getCause();
        boolean again =
            cause instanceof SimulatedHost.Died
                || cause instanceof HubClosedException
                || cause instanceof StoreException;
        if (!again) {
          throw cause instanceof RuntimeException r ? r : new IllegalStateException(cause);
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      pause(Duration.ofMillis(1 + random.nextInt(20)));
    }
  }

  private OrchestrationMetadata awaitEnd(String id) {
    return persistently(
        client -> client.waitForCompletion(id, Duration.ofDays(3_000)), Duration.ofDays(3_000));
  }

  private void pause(Duration time) {
    Thread sleeper = Thread.currentThread();
    boolean[] over = new boolean[1];
    scheduler.after(
        time,
        Scheduler.WORLD,
        () -> {
          over[0] = true;
          LockSupport.unpark(sleeper);
        });
    while (!over[0]) {
      LockSupport.park();
    }
  }

  /** Somebody who asks for random things. */
  private final class Client {
    private final int number;
    private int started;

    private Client(int number) {
      this.number = number;
    }

    void live() {
      try {
        while (scheduler.steps() < stepsMax) {
          pause(Duration.ofMillis(random.nextInt(60)));
          act();
        }
      } catch (RuntimeException | Error e) {
        violate("A client was surprised: " + e + at(e));
      } finally {
        clientsLeft--;
      }
    }

    private void act() {
      int n = random.nextInt(100);
      String some = someId();
      switch (random.nextInt(30)) {
        case 0, 1 -> start("sequence", n);
        case 2 -> start("fan", n);
        case 3 -> start("sleepy", n);
        case 4 -> start("patient", n);
        case 5 -> start("parent", n);
        case 6 -> start("stubborn", n);
        case 7 -> start("countdown", n % 9);
        case 8, 9 -> startCounting();
        case 10, 11, 12 -> startTransfer("transfer");
        case 13 -> startTransfer("impatient");
        case 14, 15 -> addToCounter();
        case 16 -> manage(some, client -> client.raiseEvent(some, Functions.EVENT, "now"));
        case 17 -> manage(some, client -> client.suspend(some, "a while"));
        case 18 -> manage(some, client -> client.resume(some, null));
        case 19 -> terminate(some);
        case 20 -> look(some);
        case 21 -> list();
        case 22 -> audit(some);
        case 23 -> await(some);
        case 24 -> startLater(n);
        case 25 -> guarded();
        case 26 -> startAndPurge(n);
        case 27 -> replace(n);
        case 28 -> restart(n);
        default -> start(newId("herald"), new Expected("herald", some, "told"));
      }
    }

    private String newId(String name) {
      return name + "-" + number + "-" + started++;
    }

    private String someId() {
      return expected.isEmpty()
          ? "none"
          : List.copyOf(expected.keySet()).get(random.nextInt(expected.size()));
    }

    private void start(String name, int n) {
      start(newId(name), new Expected(name, n, Functions.output(name, n)));
    }

    private void start(String id, Expected what) {
      tell("start %s", id);
      expected.put(id, what);
      persistently(
          client ->
              client.startNew(
                  what.name, what.input, StartOptions.id(id).withIdReuse(IdReusePolicy.IGNORE)));
      what.acknowledged = true;
      tell("acknowledged %s", id);
    }

    private void startLater(int n) {
      String id = newId("sequence");
      Expected what = new Expected("sequence", n, Functions.output("sequence", n));
      expected.put(id, what);
      Instant at = BEGINNING.plusMillis(random.nextInt(10_000_000));
      persistently(
          client ->
              client.startNew(
                  what.name,
                  what.input,
                  StartOptions.id(id).withIdReuse(IdReusePolicy.IGNORE).withScheduledStart(at)));
      what.acknowledged = true;
    }

    /** Fails, gets a permit, is rewound as often as it takes, and completes. */
    private void guarded() {
      String id = newId("guarded");
      persistently(
          client ->
              client.startNew(
                  "guarded", id, StartOptions.id(id).withIdReuse(IdReusePolicy.IGNORE)));
      OrchestrationMetadata end = awaitEnd(id);
      while (end.status() == OrchestrationStatus.FAILED) {
        persistently(
            client -> {
              client.signalEntity(Functions.GATE, "permit", id);
              return true;
            });
        try {
          persistently(
              client -> {
                client.rewind(id, "there is a permit");
                return true;
              });
        } catch (InvalidInstanceStateException e) {
          // it was rewound by a request whose answer got lost
        }
        end = awaitEnd(id);
      }
      check(
          "a rewound orchestration goes on",
          end.status() == OrchestrationStatus.COMPLETED && text(end).equals("1"),
          "%s ended as %s with %s".formatted(id, end, text(end)));
    }

    private void startAndPurge(int n) {
      String id = newId("purged");
      persistently(
          client ->
              client.startNew(
                  "sequence", n, StartOptions.id(id).withIdReuse(IdReusePolicy.IGNORE)));
      awaitEnd(id);
      persistently(client -> client.purge(id));
      purged.add(id);
      check(
          "what was purged is gone",
          persistently(client -> client.status(id)).isEmpty(),
          id + " is still there");
    }

    private void replace(int n) {
      String id = newId("replaced");
      persistently(
          client ->
              client.startNew(
                  "patient", n, StartOptions.id(id).withIdReuse(IdReusePolicy.REPLACE)));
      pause(Duration.ofMillis(random.nextInt(30)));
      persistently(
          client ->
              client.startNew(
                  "sequence", n, StartOptions.id(id).withIdReuse(IdReusePolicy.REPLACE)));
      OrchestrationMetadata end = awaitEnd(id);
      check(
          "a replaced orchestration is the new one",
          end.name().equals("sequence")
              && text(end).equals(String.valueOf(Functions.output("sequence", n))),
          "%s ended as %s with %s".formatted(id, end, text(end)));
    }

    private void restart(int n) {
      String id = newId("restarted");
      persistently(
          client ->
              client.startNew("fan", n, StartOptions.id(id).withIdReuse(IdReusePolicy.IGNORE)));
      awaitEnd(id);
      String again = persistently(client -> client.restart(id, true));
      check(
          "a restarted orchestration ends alike",
          text(awaitEnd(again)).equals(String.valueOf(Functions.output("fan", n))),
          "%s ended as %s".formatted(again, awaitEnd(again)));
    }

    private void startCounting() {
      String id = newId("counting");
      int calls = random.nextInt(4);
      int signals = random.nextInt(4);
      start(
          id,
          new Expected(
              "counting",
              new Functions.Counting(id, random.nextInt(100), calls, signals),
              calls + signals));
    }

    private void startTransfer(String name) {
      String id = newId(name);
      int from = random.nextInt(Functions.ACCOUNTS);
      int to = (from + 1 + random.nextInt(Functions.ACCOUNTS - 1)) % Functions.ACCOUNTS;
      start(
          id,
          new Expected(name, new Functions.Transfer(id, from, to, 1 + random.nextInt(40)), null));
    }

    private void addToCounter() {
      String key = "client-" + number + "-" + started++;
      added.put(key, false);
      boolean later = random.nextInt(3) == 0;
      Instant at = later ? BEGINNING.plusMillis(random.nextInt(10_000_000)) : null;
      try {
        // Once only: whether it was done is not known if there is no answer.
        host.ask(
                client -> {
                  client.signalEntity(Functions.counter(key.length()), "add", key, at);
                  return true;
                })
            .get();
        added.put(key, true);
      } catch (ExecutionException e) {
        check(
            "errors are known",
            e.getCause() instanceof SimulatedHost.Died
                || e.getCause() instanceof HubClosedException
                || e.getCause() instanceof StoreException,
            "a signal failed with " + e.getCause());
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    private void manage(String id, Consumer<PerdureClient> request) {
      boolean acknowledged = isAcknowledged(id); // before the question is asked
      try {
        persistently(
            client -> {
              request.accept(client);
              return true;
            });
      } catch (InvalidInstanceStateException e) {
        // it has ended
      } catch (InstanceNotFoundException e) {
        check("nothing acknowledged is lost", !acknowledged, id + " is gone: " + e);
      }
    }

    private boolean isEnded(String id) {
      Expected what = expected.get(id);
      return what != null && what.end != null;
    }

    private boolean isAcknowledged(String id) {
      Expected what = expected.get(id);
      return what != null && what.acknowledged;
    }

    private void terminate(String id) {
      Expected what = expected.get(id);
      if (what != null && random.nextInt(3) == 0) {
        what.mayBeTerminated = true;
        manage(id, client -> client.terminate(id, "enough"));
      }
    }

    private void look(String id) {
      boolean acknowledged = isAcknowledged(id);
      boolean ended = isEnded(id);
      OrchestrationMetadata status = persistently(client -> client.status(id)).orElse(null);
      check("nothing acknowledged is lost", status != null || !acknowledged, id + " is not there");
      if (status != null) {
        check(
            "one end", !ended || status.isTerminal(), "%s had ended and runs again".formatted(id));
        seen(status);
      }
    }

    private void list() {
      List<String> before =
          expected.entrySet().stream()
              .filter(entry -> entry.getValue().acknowledged)
              .map(Map.Entry::getKey)
              .toList();
      List<String> listed = listAll();
      check(
          "lists show all that was acknowledged",
          listed.containsAll(before),
          "one of %d is missing".formatted(before.size()));
    }

    private void audit(String id) {
      boolean acknowledged = isAcknowledged(id);
      try {
        var explanation = persistently(client -> client.explain(id));
        boolean awake =
            explanation.status().isTerminal()
                || explanation.status() == OrchestrationStatus.SUSPENDED
                || explanation.problem() != null
                || !explanation.waits().isEmpty()
                || explanation.summary().contains("is running a step")
                || explanation.summary().contains("is about to run");
        check("always awake", awake, explanation.toString());
      } catch (InstanceNotFoundException e) {
        check("nothing acknowledged is lost", !acknowledged, id + " is gone: " + e);
      }
    }

    private void await(String id) {
      boolean acknowledged = isAcknowledged(id);
      try {
        seen(awaitEnd(id));
      } catch (InstanceNotFoundException e) {
        check("nothing acknowledged is lost", !acknowledged, id + " is gone: " + e);
      }
    }
  }

  private List<String> listAll() {
    List<String> ids = new ArrayList<>();
    InstanceQuery query = InstanceQuery.ALL.withPageSize(50);
    while (true) {
      InstanceQuery page = query;
      InstanceQuery.Page found = persistently(client -> client.query(page));
      found.instances().forEach(instance -> ids.add(instance.instanceId()));
      if (found.continuationToken() == null) {
        return ids;
      }
      query = query.withContinuationToken(found.continuationToken());
    }
  }

  /** Somebody saw an instance: an end, once seen, stays. */
  private void seen(OrchestrationMetadata status) {
    Expected what = expected.get(status.instanceId());
    if (what == null) {
      return;
    }
    check(
        "nobody is set aside",
        status.problem() == null,
        status.instanceId() + " is set aside: " + status.problem());
    if (!status.isTerminal()) {
      return; // it may have ended since the answer was made
    }
    String end = status.status() + " " + text(status);
    check(
        "one end",
        what.end == null || what.end.equals(end),
        "%s ended as %s and as %s".formatted(status.instanceId(), what.end, end));
    what.end = end;
    if (status.status() == OrchestrationStatus.TERMINATED) {
      check(
          "only who was to be terminated is",
          what.mayBeTerminated,
          status.instanceId() + " was terminated by nobody");
      return;
    }
    check(
        "ends as promised",
        status.status() == OrchestrationStatus.COMPLETED
            && (what.output == null || what.output.toString().equals(text(status))),
        "%s ended as %s, with %s; promised was %s"
            .formatted(status.instanceId(), end, status.failure(), what.output));
  }

  private static String text(OrchestrationMetadata status) {
    Object output = status.output(Object.class);
    return String.valueOf(output);
  }

  // ---- the end ------------------------------------------------------------------------------

  private void heal() {
    faulty = false;
    boolean[] done = new boolean[1];
    scheduler
        .threads(Scheduler.WORLD, "judge")
        .newThread(
            () -> {
              try {
                judge();
              } catch (RuntimeException | Error e) {
                violate("The judge was surprised: " + e + at(e));
              }
              done[0] = true;
            })
        .start();
    long until = scheduler.nanos() + HEALING.toNanos();
    long steps = scheduler.steps() + HEALING_STEPS;
    while (!done[0] && scheduler.nanos() < until && scheduler.steps() < steps) {
      if (!scheduler.step()) {
        break;
      }
    }
    if (!done[0]) {
      check("everything ends", false, stuck());
    }
  }

  private String stuck() {
    StringBuilder text = new StringBuilder("after two days there are still");
    for (Map.Entry<String, Expected> entry : expected.entrySet()) {
      if (entry.getValue().end == null) {
        text.append(' ').append(entry.getKey());
      }
    }
    return text.append(stuckNow).toString();
  }

  private String stuckNow = "";

  private void judge() {
    Duration patience = Duration.ofMillis(100);
    while (clientsLeft > 0) {
      pause(patience);
      resumeAll(); // clients may wait for what somebody has suspended
      patience = longer(patience);
    }
    resumeAll();
    for (String id : List.copyOf(expected.keySet())) {
      Expected what = Objects.requireNonNull(expected.get(id));
      stuckNow = "; waiting for " + id;
      try {
        seen(awaitEnd(id));
      } catch (InstanceNotFoundException e) {
        check("nothing acknowledged is lost", !what.acknowledged, id + " is gone: " + e);
      }
    }
    for (String id : purged) {
      check(
          "what was purged is gone",
          persistently(client -> client.status(id)).isEmpty(),
          id + " is there again");
    }
    stuckNow = "; waiting for entities to come to rest";
    List<EntityMetadata> entities = entitiesAtRest();
    judgeCounters(entities);
    judgeAccounts(entities);
    stuckNow = "; comparing before and after a crash";
    judgeRecovery();
  }

  private void resumeAll() {
    for (String id : List.copyOf(expected.keySet())) {
      if (Objects.requireNonNull(expected.get(id)).end == null) {
        try {
          persistently(
              client -> {
                client.resume(id, null);
                return true;
              });
        } catch (InvalidInstanceStateException | InstanceNotFoundException e) {
          // it has ended, or was never started
        }
      }
    }
  }

  /** Some timers run for hours: to ask every second would be most of the work. */
  private static Duration longer(Duration patience) {
    return patience.compareTo(Duration.ofMinutes(20)) > 0 ? patience : patience.multipliedBy(2);
  }

  private List<EntityMetadata> entitiesAtRest() {
    Duration patience = Duration.ofMillis(100);
    while (true) {
      List<EntityMetadata> all = entities();
      if (all.stream().allMatch(entity -> entity.operationsWaiting() == 0)) {
        for (EntityMetadata entity : all) {
          check(
              "locks end with their owners",
              entity.lockedBy() == null,
              entity + " is locked, and everybody has ended");
          check("nobody is set aside", entity.problem() == null, entity.toString());
        }
        return all;
      }
      pause(patience);
      patience = longer(patience);
    }
  }

  private List<EntityMetadata> entities() {
    List<EntityMetadata> all = new ArrayList<>();
    EntityQuery query = EntityQuery.ALL.withStatelessToo().withStates().withPageSize(3);
    while (true) {
      EntityQuery page = query;
      EntityQuery.Page found = persistently(client -> client.queryEntities(page));
      all.addAll(found.entities());
      if (found.continuationToken() == null) {
        return all;
      }
      query = query.withContinuationToken(found.continuationToken());
    }
  }

  private void judgeCounters(List<EntityMetadata> entities) {
    Map<String, Integer> times = new TreeMap<>();
    for (EntityMetadata entity : entities) {
      if (entity.id().name().equals("counter") && entity.hasState()) {
        Objects.requireNonNull(entity.state(Functions.Counts.class))
            .times
            .forEach((key, count) -> times.merge(key, count, Integer::sum));
      }
    }
    times.forEach(
        (key, count) -> {
          check("operations take effect once", count == 1, key + " was added " + count + " times");
          check("failed operations change nothing", !key.contains("/never/"), key + " was added");
        });
    added.forEach(
        (key, acknowledged) ->
            check(
                "nothing acknowledged is lost",
                !acknowledged || times.containsKey(key),
                "the signal " + key + " was lost"));
    expected.forEach(
        (id, what) -> {
          if (what.input instanceof Functions.Counting c
              && what.end != null
              && what.end.startsWith("COMPLETED")) {
            for (int i = 0; i < c.calls(); i++) {
              checkAdded(times, c.key() + "/call/" + i);
            }
            for (int i = 0; i < c.signals(); i++) {
              String key = c.key() + "/signal/" + i;
              checkAdded(times, key);
              checkAdded(times, key + "/relayed");
              var leaf = persistently(client -> client.status("leaf-" + key));
              check(
                  "entities start orchestrations",
                  leaf.isPresent() && leaf.get().isTerminal(),
                  "leaf-" + key + " is " + leaf);
            }
          }
        });
  }

  private void checkAdded(Map<String, Integer> times, String key) {
    check("no operation is lost", times.containsKey(key), key + " was lost");
  }

  private void judgeAccounts(List<EntityMetadata> entities) {
    Map<String, Long> out = new TreeMap<>();
    Map<String, Long> in = new TreeMap<>();
    for (EntityMetadata entity : entities) {
      if (entity.id().name().equals("account") && entity.hasState()) {
        Functions.Account account = Objects.requireNonNull(entity.state(Functions.Account.class));
        long balance = Functions.INITIAL_BALANCE;
        for (long amount : account.in.values()) {
          balance += amount;
        }
        for (long amount : account.out.values()) {
          balance -= amount;
        }
        check(
            "money is conserved",
            balance == account.balance && balance >= 0,
            "%s has %d, and its entries say %d".formatted(entity.id(), account.balance, balance));
        account.out.forEach(
            (key, amount) ->
                check(
                    "money is conserved",
                    out.put(key, amount) == null,
                    key + " was withdrawn from two accounts"));
        account.in.forEach(
            (key, amount) ->
                check(
                    "money is conserved",
                    in.put(key, amount) == null,
                    key + " was deposited to two accounts"));
      }
    }
    in.forEach(
        (key, amount) ->
            check(
                "money is conserved",
                amount.equals(out.get(key)),
                key + " was deposited without having been withdrawn"));
    out.forEach(
        (key, amount) -> {
          Expected what = expected.get(key.replace("'", ""));
          check(
              "money is conserved",
              in.containsKey(key) || (what != null && what.mayBeTerminated),
              key + " was withdrawn and never deposited");
        });
    expected.forEach(
        (id, what) -> {
          if (what.name.equals("transfer") && what.end != null) {
            check(
                "money is conserved",
                what.end.equals("COMPLETED done") == in.containsKey(id) || what.mayBeTerminated,
                id + " ended as " + what.end);
          }
        });
  }

  /** What was there when everything was at rest is there after a crash, and the same. */
  private void judgeRecovery() {
    Map<String, String> before = describeAll();
    killZombie();
    disk.crash(0);
    host.die();
    reopen();
    Map<String, String> after = describeAll();
    check("replayed state equals live state", before.equals(after), difference(before, after));
  }

  private Map<String, String> describeAll() {
    Map<String, String> all = new TreeMap<>();
    for (String id : listAll()) {
      OrchestrationMetadata status = persistently(client -> client.status(id)).orElseThrow();
      int events = persistently(client -> client.history(id)).size();
      all.put(id, status + " " + text(status) + " " + events + " events");
    }
    for (EntityMetadata entity : entities()) {
      all.put(entity.id().instanceId(), entity + " " + entity.serializedState());
    }
    return all;
  }

  private static String difference(Map<String, String> before, Map<String, String> after) {
    Map<String, String> missing = new TreeMap<>(before);
    missing.entrySet().removeAll(after.entrySet());
    Map<String, String> more = new TreeMap<>(after);
    more.entrySet().removeAll(before.entrySet());
    return "before " + missing + ", after " + more;
  }
}
