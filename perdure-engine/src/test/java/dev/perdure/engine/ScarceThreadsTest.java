package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.EntityContext;
import dev.perdure.api.EntityId;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.PerdureClient;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.memory.MemoryDisk;
import dev.perdure.store.memory.MemoryStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A host that cannot have one more thread at a moment goes on when it can. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ScarceThreadsTest {
  private final AtomicBoolean noCommits = new AtomicBoolean();
  private final AtomicBoolean noRows = new AtomicBoolean();
  private final AtomicBoolean noActivities = new AtomicBoolean();
  private final AtomicBoolean noOperations = new AtomicBoolean();

  private static OutOfMemoryError scarce() {
    return new OutOfMemoryError("unable to create native thread");
  }

  /** Fails once whenever the flag is set. */
  private static Executor failing(AtomicBoolean flag, Executor executor) {
    return task -> {
      if (flag.getAndSet(false)) {
        throw scarce();
      }
      executor.execute(task);
    };
  }

  /** Fails once whenever the flag is set. */
  private static ThreadFactory failing(AtomicBoolean flag, ThreadFactory threads) {
    return task -> {
      if (flag.getAndSet(false)) {
        throw scarce();
      }
      return threads.newThread(task);
    };
  }

  private final class Threads extends SystemThreads {
    @Override
    public Executor commits() {
      return failing(noCommits, super.commits());
    }

    @Override
    public Executor rows() {
      return failing(noRows, super.rows());
    }
  }

  private Engine open(MemoryStore store) {
    ThreadFactory virtual = Thread.ofVirtual().factory();
    return Engine.start(
        store,
        FunctionRegistry.builder()
            .activity("one", () -> 1)
            .entity("flag", ctx -> set(ctx))
            .orchestrator("main", ctx -> ctx.callActivity("one", null, Integer.class).await())
            .build(),
        new JacksonDataConverter(),
        TestHub.OPTIONS,
        new EngineEnvironment(
            InstantSource.system(),
            System::nanoTime,
            new Random(7),
            virtual,
            failing(noActivities, virtual),
            failing(noOperations, virtual),
            Threads::new,
            Runnable::run));
  }

  private static Object set(EntityContext ctx) {
    ctx.setState(true);
    return null;
  }

  private static void assertWorks(PerdureClient client) {
    String id = startWhenPossible(client);
    assertThat(client.waitForCompletion(id, TestHub.PATIENCE).output(Integer.class)).isEqualTo(1);
  }

  private static String startWhenPossible(PerdureClient client) {
    while (true) {
      try {
        return client.startNew("main");
      } catch (HubClosedException e) {
        Thread.yield(); // it recovers
      }
    }
  }

  @Test
  void aCommitThatCannotRunHasFailed() throws Exception {
    try (MemoryStore store = MemoryStore.open(new MemoryDisk(), 1);
        Engine hub = open(store)) {
      noCommits.set(true);
      List<Thread> busy = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        busy.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      for (int n = 0; n < 2_000 && noCommits.get(); n++) {
                        startWhenPossible(hub.client());
                      }
                    }));
      }
      for (Thread thread : busy) {
        thread.join();
      }
      assertThat(noCommits).as("a commit was to run on the thread for commits").isFalse();
      assertWorks(hub.client());
    }
  }

  @Test
  void rowsThatCannotBeWrittenAreWrittenLater() {
    try (MemoryStore store = MemoryStore.open(new MemoryDisk(), 1);
        Engine hub = open(store)) {
      assertWorks(hub.client());
      noRows.set(true);
      TestHub.eventually(
          "a list is there",
          () -> {
            try {
              return hub.client().query(InstanceQuery.ALL).instances().size() == 1;
            } catch (HubClosedException e) {
              return false;
            }
          });
      assertThat(noRows).isFalse();
      assertWorks(hub.client());
    }
  }

  @Test
  void anActivityThatCannotRunRunsLater() {
    try (MemoryStore store = MemoryStore.open(new MemoryDisk(), 1);
        Engine hub = open(store)) {
      noActivities.set(true);
      assertWorks(hub.client());
      assertThat(noActivities).isFalse();
    }
  }

  @Test
  void operationsThatCannotRunRunLaterAndAreWaitedForNoLongerThanTheyTake() {
    EntityId flag = EntityId.of("flag", "it");
    try (MemoryStore store = MemoryStore.open(new MemoryDisk(), 1);
        Engine hub = open(store)) {
      noOperations.set(true);
      TestHub.eventually(
          "the signal is there",
          () -> {
            try {
              hub.client().signalEntity(flag, "set", null);
              return hub.client().getEntity(flag).isPresent();
            } catch (HubClosedException e) {
              return false; // it recovers
            }
          });
      assertThat(noOperations).isFalse();
      assertThat(hub.whenAtRest()).succeedsWithin(TestHub.PATIENCE);
    }
  }
}
