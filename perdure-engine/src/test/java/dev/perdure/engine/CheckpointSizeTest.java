package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.Task;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.ForwardingStore;
import dev.perdure.store.RowBatch;
import dev.perdure.store.Store;
import dev.perdure.store.StoreException;
import dev.perdure.store.memory.MemoryDisk;
import dev.perdure.store.memory.MemoryStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Rows of large instances are not put together without measure. */
class CheckpointSizeTest {
  private static final int INPUT = 1 << 20;
  private static final int INSTANCES = 30;

  private static final class Measuring extends ForwardingStore {
    final List<Long> batches = new CopyOnWriteArrayList<>();

    Measuring(Store store) {
      super(store);
    }

    @Override
    public void writeRows(int partition, long epoch, RowBatch rows) {
      batches.add(rows.bytes());
      super.writeRows(partition, epoch, rows);
    }
  }

  /** A fan-out costs its inputs once, however many passes come while it lasts. */
  @Test
  void inputsOfOpenActivitiesAreWrittenOnce() throws Exception {
    int activities = 100;
    int input = 64 << 10;
    MemoryDisk disk = new MemoryDisk();
    Semaphore permits = new Semaphore(0);
    FunctionRegistry functions =
        FunctionRegistry.builder()
            .activity(
                "length",
                String.class,
                text -> {
                  permits.acquire();
                  return text.length();
                })
            .orchestrator(
                "fan",
                ctx -> {
                  List<Task<Integer>> tasks = new ArrayList<>();
                  for (int i = 0; i < activities; i++) {
                    tasks.add(ctx.callActivity("length", "x".repeat(input + i), Integer.class));
                  }
                  return ctx.allOf(tasks).await().stream().mapToInt(n -> n).sum();
                })
            .build();
    String id;
    Measuring store = new Measuring(MemoryStore.open(disk, 1));
    try (store;
        Engine engine =
            Engine.start(store, functions, new JacksonDataConverter(), TestHub.OPTIONS)) {
      id = engine.client().startNew("fan");
      for (int done = 0; done < activities / 2; done++) {
        permits.release();
        int completed = done;
        TestHub.eventually(
            "another one has ended",
            () ->
                engine.client().history(id).stream()
                        .filter(HistoryEvent.TaskCompleted.class::isInstance)
                        .count()
                    > completed);
        assertThat(engine.client().query(InstanceQuery.ALL).instances()).hasSize(1); // makes a pass
      }
      assertThat(store.batches).hasSizeGreaterThan(activities / 2);
    }
    assertThat(store.batches.stream().mapToLong(bytes -> bytes).sum())
        .isLessThan(2L * activities * input);

    permits.release(activities);
    try (MemoryStore again = MemoryStore.open(disk, 1);
        Engine engine =
            Engine.start(again, functions, new JacksonDataConverter(), TestHub.OPTIONS)) {
      assertThat(engine.client().waitForCompletion(id, TestHub.PATIENCE).output(Integer.class))
          .isEqualTo(activities * input + activities * (activities - 1) / 2);
    }
  }

  /** Writes no rows once it is told, and remembers who let go of the log. */
  private static final class Failing extends ForwardingStore {
    private final AtomicBoolean broken = new AtomicBoolean();
    private final Set<Long> failed = ConcurrentHashMap.newKeySet();
    private final Set<Long> advanced = ConcurrentHashMap.newKeySet();

    private final AtomicInteger submitted;

    Failing(Store store, AtomicInteger submitted) {
      super(store);
      this.submitted = submitted;
    }

    @Override
    public void writeRows(int partition, long epoch, RowBatch rows) {
      if (broken.getAndSet(false)) {
        TestHub.eventually("the rest of the pass waits", () -> submitted.get() >= INSTANCES);
        failed.add(epoch);
        advanced.clear();
        throw new StoreException("PD-2011", "the disk is full", null);
      }
      super.writeRows(partition, epoch, rows);
    }

    @Override
    public void advanceLogStart(int partition, long epoch, long position) {
      advanced.add(epoch);
      super.advanceLogStart(partition, epoch, position);
    }
  }

  /** What the log has is in no row yet. */
  @Test
  void aPassOfWhichRowsWereNotWrittenDoesNotLetGoOfTheLog() {
    AtomicInteger submitted = new AtomicInteger();
    Failing store = new Failing(MemoryStore.open(new MemoryDisk(), 1), submitted);
    ThreadFactory virtual = Thread.ofVirtual().factory();
    EngineEnvironment environment =
        new EngineEnvironment(
            InstantSource.system(),
            System::nanoTime,
            new Random(7),
            virtual,
            virtual,
            virtual,
            () ->
                new SystemThreads() {
                  @Override
                  public Executor rows() {
                    return task -> {
                      submitted.incrementAndGet();
                      super.rows().execute(task);
                    };
                  }
                },
            Runnable::run);
    try (store;
        Engine engine =
            Engine.start(
                store,
                FunctionRegistry.builder()
                    .orchestrator(
                        "wait", ctx -> ctx.waitForExternalEvent("go", String.class).await())
                    .build(),
                new JacksonDataConverter(),
                TestHub.OPTIONS.withCheckpoint(Duration.ofDays(1), 1L << 40),
                environment)) {
      for (int i = 0; i < INSTANCES; i++) {
        engine.client().startNew("wait", "x".repeat(INPUT));
      }
      submitted.set(0);
      store.broken.set(true);
      TestHub.eventually("all are listed", () -> listed(engine) == INSTANCES);
      assertThat(store.failed).hasSize(1);
      assertThat(store.advanced).isNotEmpty().doesNotContainAnyElementsOf(store.failed);
    }
  }

  private static int listed(Engine engine) {
    try {
      return engine.client().query(InstanceQuery.ALL).instances().size();
    } catch (HubClosedException e) {
      return 0; // it recovers
    }
  }

  @Test
  void aBatchOfRowsIsHandedOverOnceItIsLargeEnough() {
    Measuring store = new Measuring(MemoryStore.open(new MemoryDisk(), 1));
    try (store) {
      try (Engine engine =
          Engine.start(
              store,
              FunctionRegistry.builder()
                  .orchestrator("wait", ctx -> ctx.waitForExternalEvent("go", String.class).await())
                  .build(),
              new JacksonDataConverter(),
              TestHub.OPTIONS.withCheckpoint(Duration.ofDays(1), 1L << 40))) {
        PerdureClient client = engine.client();
        for (int i = 0; i < INSTANCES; i++) {
          client.startNew("wait", "x".repeat(INPUT));
        }
      } // writes everything
      assertThat(store.batches.stream().mapToLong(bytes -> bytes).sum())
          .isGreaterThan((long) INSTANCES * INPUT);
      // One megabyte is enough; whatever comes to it last has its input in its state and its
      // history.
      assertThat(store.batches).allMatch(bytes -> bytes < 4L * INPUT);
    }
  }
}
