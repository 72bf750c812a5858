package dev.perdure.simulation;

import dev.perdure.engine.ActivityStart;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.grpc.protocol.ActivityFilter;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.grpc.protocol.OrchestrationFilter;
import dev.perdure.grpc.protocol.WorkItemFilters;
import dev.perdure.grpc.worker.WorkerPool;
import dev.perdure.store.LogRecord;
import dev.perdure.store.Store;
import dev.perdure.store.StoreException;
import dev.perdure.store.memory.MemoryDisk;
import dev.perdure.store.memory.MemoryStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One run: hosts come and go on one disk, clients ask for random things, faults happen; then the
 * faults stop, everything has to end, and what came of it has to be what was promised.
 */
final class Simulation {
  private static final Instant BEGINNING = Instant.parse("2031-05-01T12:00:00Z");
  private static final int CLIENTS = 4;

  /** After one in so many power-offs the hub is audited, while clients go on. */
  private static final int AUDIT_AFTER_POWER_OFF = 8;

  /** Whether everything that happens is told; for one seed. */
  private static final boolean TELL = Boolean.getBoolean("perdure.simulation.tell");

  /** Virtual time in which everything has to end once the faults have stopped. */
  private static final Duration HEALING = Duration.ofDays(2);

  /** Things done while healing, after which nothing can be expected any more. */
  private static final long HEALING_STEPS = 3_000_000;

  private final long seed;
  private final long stepsMax;
  private final Random random;
  private final Scheduler scheduler;
  private final MemoryDisk disk = new MemoryDisk();
  private final Set<String> spoiled = new HashSet<>();
  private final FunctionRegistry functions = Functions.registry(spoiled);
  private final int partitions;
  private final EngineOptions options;

  private MemoryStore memory;
  private SimulatedHost host;
  private @Nullable SimulatedHost zombie;
  private boolean changing;
  private boolean faulty = true;
  private long clockOffsetMillis;

  /** Threads of clients and auditors that have something to do yet. */
  private int busy;

  private final Report report = new Report();
  private final Map<Integer, Long> epochs = new HashMap<>();
  private final Scene scene;

  private Simulation(long seed, long steps) {
    this.seed = seed;
    this.stepsMax = steps;
    this.random = new Random(mixed(seed));
    this.scheduler = new Scheduler(random);
    this.partitions = 1 + random.nextInt(4);
    this.options =
        EngineOptions.DEFAULTS
            .withActivityStart(
                random.nextBoolean() ? ActivityStart.STRICT : ActivityStart.PIPELINED)
            .withDefaultVersion(Functions.DEFAULT_VERSION)
            .withRedeliveriesMax(1_000_000)
            .withShutdownGrace(Duration.ZERO)
            .withAuditInterval(Duration.ZERO) // the simulation owns every step
            .withWarm(
                random.nextInt(3) == 0 ? 0 : random.nextInt(30),
                Duration.ofMillis(1 + random.nextInt(2_000)))
            .withCheckpoint(Duration.ofMillis(1 + random.nextInt(500)), 1 << 16);
    this.memory = MemoryStore.open(disk, partitions);
    this.host = newHost();
    this.scene = newScene();
  }

  private Scene newScene() {
    Requester hub = new Requester(scheduler, random, report, () -> host);
    Replays replays =
        new Replays(
            functions,
            scheduler.threads(Scheduler.WORLD, "perdure-orchestrator"),
            this::now,
            hub,
            report);
    return new Scene(
        BEGINNING,
        random,
        report,
        hub,
        new Promises(random, report),
        replays,
        spoiled,
        what -> tell("%s", what));
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
    for (int i = 0; i < CLIENTS; i++) {
      Client client = new Client(i, scene);
      spawn("client", () -> client.live(() -> scheduler.steps() < stepsMax));
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
      report.violate("The simulation failed: " + e + at(e));
    }
    return report.result(seed, scheduler.steps(), scheduler.trace());
  }

  /** Has somebody do something in the world; the judge waits for the end of it. */
  private void spawn(String who, Runnable what) {
    busy++;
    scheduler
        .threads(Scheduler.WORLD, who)
        .newThread(
            () -> {
              try {
                what.run();
              } catch (RuntimeException | Error e) {
                report.violate("The %s was surprised: %s%s".formatted(who, e, at(e)));
              } finally {
                busy--;
              }
            })
        .start();
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

  // ---- hosts --------------------------------------------------------------------------------

  private SimulatedHost newHost() {
    return new SimulatedHost(
        scheduler,
        new SimulatedStore(memory, scheduler, new DiskFate()),
        functions,
        options,
        this::now,
        random,
        this::carrier,
        this::connectWorkers);
  }

  /** One that takes everything, one that takes a few steps at a time, and one for activities. */
  private void connectWorkers(SimulatedHost to, WorkerPool pool) {
    connect(to, pool, "all", GetWorkItemsRequest.newBuilder());
    connect(
        to,
        pool,
        "steps",
        GetWorkItemsRequest.newBuilder()
            .setMaxConcurrentOrchestrationWorkItems(2)
            .setWorkItemFilters(
                WorkItemFilters.newBuilder()
                    .addOrchestrations(
                        OrchestrationFilter.newBuilder()
                            .setName(RemoteFunctions.remote("sequence")))));
    connect(
        to,
        pool,
        "activities",
        GetWorkItemsRequest.newBuilder()
            .setWorkItemFilters(
                WorkItemFilters.newBuilder()
                    .addActivities(ActivityFilter.newBuilder().setName(RemoteFunctions.ADD))));
  }

  private void connect(
      SimulatedHost to, WorkerPool pool, String id, GetWorkItemsRequest.Builder wants) {
    new RemoteWorker(id, wants.build(), pool, scheduler, to, random, report, this::happens)
        .connect();
  }

  /** The time of the hosts' clocks, which jump. */
  private Instant now() {
    return BEGINNING
        .plusMillis(clockOffsetMillis)
        .plusNanos(scheduler.nanos() / 1_000_000 * 1_000_000);
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
      report.happened(fault);
      return true;
    }
    return false;
  }

  private void powerOff(Fault fault) {
    tell("%s", fault);
    SimulatedHost dead = host;
    killZombie();
    disk.crash(random.nextInt(4));
    dead.die();
    reopen();
    if (random.nextInt(AUDIT_AFTER_POWER_OFF) == 0) {
      spawn("auditor", scene.hub()::audit);
    }
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
    report.happened(Fault.FAILOVER);
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
    report.happened(Fault.RESTART);
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
    switch (random.nextInt(13)) {
      case 0, 1, 2 -> {
        report.happened(Fault.POWER_OFF);
        powerOff(Fault.POWER_OFF);
      }
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
        report.happened(Fault.COMMIT_LOST);
        memory.failNextCommits(1, diskFull());
      }
      case 6 -> {
        tell("commit kept");
        report.happened(Fault.COMMIT_KEPT);
        memory.failNextCommitsButKeepThem(1, diskFull());
      }
      case 7 -> {
        if (!changing) {
          report.happened(Fault.LEASE_LOST);
          int partition = random.nextInt(partitions);
          tell("partition %d taken", partition);
          epochs.put(partition, memory.acquire(partition, "somebody else"));
        }
      }
      case 8, 9 -> {
        report.happened(Fault.CLOCK_JUMPED);
        clockOffsetMillis +=
            random.nextInt(4) == 0 ? -random.nextInt(60_000) : random.nextInt(20 * 60_000);
      }
      case 10 -> {
        if (!changing) {
          int kept = random.nextInt(disk.unflushedCalls() + 1);
          tell("rows lost: of %d calls %d are kept", disk.unflushedCalls(), kept);
          report.happened(Fault.ROWS_LOST);
          memory.loseRows(kept);
        }
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
        powerOff(Fault.POWER_OFF_IN_COMMIT);
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
    public boolean isTakenOver(SimulatedStore store) {
      return zombie != null && store.equals(zombie.store());
    }

    @Override
    public void acquired(int partition, long epoch) {
      report.check(
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
        report.check(
            "one writer",
            latest != null && latest == record.epoch(),
            "partition %d took a record of epoch %d while %d held it"
                .formatted(record.partition(), record.epoch(), latest));
      }
    }
  }

  // ---- the end ------------------------------------------------------------------------------

  private void heal() {
    faulty = false;
    boolean[] done = new boolean[1];
    Judge judge = new Judge(scene, () -> busy > 0, this::powerOffAtRest);
    scheduler
        .threads(Scheduler.WORLD, "judge")
        .newThread(
            () -> {
              try {
                judge.judge();
              } catch (RuntimeException | Error e) {
                report.violate("The judge was surprised: " + e + at(e));
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
      report.check("everything ends", false, stuck(judge));
    }
  }

  private String stuck(Judge judge) {
    StringBuilder text = new StringBuilder("after two days there are still");
    for (Promise promise : scene.promises().all()) {
      if (promise.end == null) {
        text.append(' ').append(promise.id());
      }
    }
    return text.append("; waiting for ").append(judge.waitingFor()).toString();
  }

  /** The power goes off, and nothing else happens at that moment. */
  private void powerOffAtRest() {
    tell("power off, for the judge");
    killZombie();
    disk.crash(0);
    host.die();
    reopen();
  }
}
