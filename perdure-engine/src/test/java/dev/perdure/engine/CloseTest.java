package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.HistoryEvent;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.memory.MemoryDisk;
import dev.perdure.store.memory.MemoryStore;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A hub is closed in an orderly way, whoever closes it and however often. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CloseTest {
  private final MemoryDisk disk = new MemoryDisk();
  private final CountDownLatch began = new CountDownLatch(1);
  private final CountDownLatch mayEnd = new CountDownLatch(1);
  private volatile Engine engine;

  private Engine open(MemoryStore store, Duration grace) {
    engine =
        Engine.start(
            store,
            FunctionRegistry.builder()
                .activity(
                    "work",
                    () -> {
                      began.countDown();
                      mayEnd.await();
                      return "done";
                    })
                .activity(
                    "close",
                    () -> {
                      began.countDown();
                      engine.close();
                      return "closed";
                    })
                .orchestrator("main", ctx -> ctx.callActivity("work", null, String.class).await())
                .orchestrator("closes", ctx -> ctx.callActivity("close").await())
                .build(),
            new JacksonDataConverter(),
            EngineOptions.DEFAULTS.withShutdownGrace(grace));
    return engine;
  }

  private void assertRecorded(String id) {
    try (MemoryStore store = MemoryStore.open(disk, 1);
        Engine again = Engine.atRest(store, new JacksonDataConverter(), EngineOptions.DEFAULTS)) {
      assertThat(again.client().history(id))
          .as("what the activity returned is recorded")
          .anyMatch(HistoryEvent.TaskCompleted.class::isInstance);
    }
  }

  private static void awaitOpen(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void awaitState(Thread thread, Thread.State state) {
    TestHub.eventually(thread + " is " + state, () -> thread.getState() == state);
  }

  @Test
  void anInterruptDoesNotCutItShort() throws Exception {
    String id;
    try (MemoryStore store = MemoryStore.open(disk, 1)) {
      Engine hub = open(store, Duration.ofSeconds(20));
      id = hub.client().startNew("main");
      began.await();
      Thread closer = Thread.currentThread();
      Thread release =
          Thread.ofPlatform()
              .start(
                  () -> {
                    awaitState(closer, Thread.State.TIMED_WAITING);
                    mayEnd.countDown();
                  });
      closer.interrupt();
      hub.close();
      assertThat(Thread.interrupted()).as("the flag is there afterwards").isTrue();
      release.join();
    }
    assertRecorded(id);
  }

  @Test
  void whoComesSecondWaitsUntilItIsClosed() throws Exception {
    String id;
    try (MemoryStore store = MemoryStore.open(disk, 1)) {
      Engine hub = open(store, Duration.ofSeconds(20));
      id = hub.client().startNew("main");
      began.await();
      Thread first = Thread.ofPlatform().start(hub::close);
      awaitState(first, Thread.State.TIMED_WAITING);
      Thread second = Thread.ofPlatform().start(hub::close);
      awaitState(second, Thread.State.WAITING);
      mayEnd.countDown();
      second.join();
    }
    assertRecorded(id);
  }

  @Test
  void whatComesLastIsDoneByTheFirstAloneAndBeforeTheSecondGoesOn() throws Exception {
    CountDownLatch atTheEnd = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicInteger times = new AtomicInteger();
    try (MemoryStore store = MemoryStore.open(disk, 1)) {
      Engine hub = open(store, Duration.ZERO);
      Runnable last =
          () -> {
            times.incrementAndGet();
            atTheEnd.countDown();
            awaitOpen(goOn);
          };
      Thread first = Thread.ofPlatform().start(() -> hub.close(last));
      atTheEnd.await();
      Thread second = Thread.ofPlatform().start(() -> hub.close(last));
      awaitState(second, Thread.State.WAITING);
      goOn.countDown();
      second.join();
      first.join();
    }
    assertThat(times).hasValue(1);
  }

  @Test
  void anActivityMayCloseItsOwnHub() throws Exception {
    try (MemoryStore store = MemoryStore.open(disk, 1)) {
      Engine hub = open(store, Duration.ofMillis(100));
      String id = hub.client().startNew("closes");
      began.await();
      hub.close();
      assertThat(store.loadInstance(0, id)).as("the last checkpoint was made").isNotNull();
    }
  }
}
