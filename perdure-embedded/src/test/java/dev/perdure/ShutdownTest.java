package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.HistoryEvent.TaskFailed;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.RetryPolicy;
import dev.perdure.api.StartOptions;
import dev.perdure.api.TaskOptions;
import dev.perdure.testing.LivenessAudit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Closing a hub in which something is under way. */
class ShutdownTest {
  private static final Duration LONG_GRACE = Hubs.PATIENCE;
  private static final Duration SHORT_GRACE = Duration.ofMillis(100);

  @TempDir Path temporary;

  private final AtomicInteger runs = new AtomicInteger();
  private final CountDownLatch running = new CountDownLatch(1);

  private Perdure.Builder hub(Duration grace) {
    return Perdure.embedded(temporary.resolve("hub"))
        .storeOptions(Hubs::small)
        .options(options -> options.withShutdownGrace(grace))
        .orchestrator("work", ctx -> ctx.callActivity("work", null, String.class).await())
        .orchestrator(
            "workWithRetries",
            ctx ->
                ctx.callActivity(
                        "work",
                        null,
                        TaskOptions.retry(RetryPolicy.of(2, Duration.ofMillis(1))),
                        String.class)
                    .await());
  }

  @Test
  void anActivityThatEndsWithinTheGracePeriodIsNotRunAgain() throws Exception {
    Perdure.Builder hub =
        hub(LONG_GRACE)
            .activity(
                "work",
                Void.class,
                (ctx, nothing) -> {
                  runs.incrementAndGet();
                  assertThat(ctx.isCancellationRequested()).isFalse();
                  CountDownLatch closing = new CountDownLatch(1);
                  ctx.onCancellation(closing::countDown);
                  running.countDown();
                  Hubs.await(closing);
                  return "asked to end: " + ctx.isCancellationRequested();
                });
    String id;
    try (Perdure perdure = hub.start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      id = perdure.client().startNew("work");
      Hubs.await(running);
    }
    try (Perdure perdure = hub.start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      assertThat(Hubs.output(perdure.client(), id, String.class)).isEqualTo("asked to end: true");
    }
    assertThat(runs).hasValue(1);
  }

  @Test
  void anActivityThatStopsBecauseItIsAskedToHasNotFailed() throws Exception {
    Perdure.Builder hub =
        hub(LONG_GRACE)
            .activity(
                "work",
                Void.class,
                (ctx, nothing) -> {
                  if (runs.incrementAndGet() > 1) {
                    return "attempt " + ctx.attempt();
                  }
                  CountDownLatch closing = new CountDownLatch(1);
                  ctx.onCancellation(closing::countDown);
                  running.countDown();
                  Hubs.await(closing);
                  throw new IllegalStateException("stopped half way");
                });
    String id;
    try (Perdure perdure = hub.start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      id = perdure.client().startNew("workWithRetries");
      Hubs.await(running);
    }
    try (Perdure perdure = hub.start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      assertThat(Hubs.output(perdure.client(), id, String.class)).isEqualTo("attempt 1");
      assertThat(perdure.client().history(id)).noneMatch(TaskFailed.class::isInstance);
    }
    assertThat(runs).hasValue(2);
  }

  @Test
  void anActivityThatDoesNotEndIsRunAgainAndItsLateResultIsIgnored() throws Exception {
    Semaphore mayEnd = new Semaphore(0);
    CountDownLatch lateEnd = new CountDownLatch(1);
    Perdure.Builder hub =
        hub(SHORT_GRACE)
            .activity(
                "work",
                Void.class,
                (ctx, nothing) -> {
                  int run = runs.incrementAndGet();
                  running.countDown();
                  if (run == 1) {
                    mayEnd.acquireUninterruptibly(); // deaf to being asked, and to interrupts
                    lateEnd.countDown();
                  }
                  return "run " + run;
                });
    String id;
    Perdure first = hub.start();
    id = first.client().startNew("work");
    Hubs.await(running);
    LivenessAudit.check(first.client());
    long before = System.nanoTime();
    first.close();
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isBetween(SHORT_GRACE, LONG_GRACE);
    try (Perdure perdure = hub.start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      assertThat(Hubs.output(perdure.client(), id, String.class)).isEqualTo("run 2");
      mayEnd.release();
      Hubs.await(lateEnd);
      assertThat(Hubs.output(perdure.client(), id, String.class)).isEqualTo("run 2");
    }
  }

  @Test
  void activitiesThatHaveNotStartedYetDoNotStartAnyMore() throws Exception {
    Perdure.Builder hub =
        hub(LONG_GRACE)
            .options(options -> options.withActivitiesMax(1))
            .orchestrator(
                "three",
                ctx ->
                    ctx.allOf(
                            IntStream.range(0, 3)
                                .mapToObj(i -> ctx.callActivity("work", null, String.class))
                                .toList())
                        .await())
            .activity(
                "work",
                Void.class,
                (ctx, nothing) -> {
                  if (runs.incrementAndGet() == 1) {
                    CountDownLatch closing = new CountDownLatch(1);
                    ctx.onCancellation(closing::countDown);
                    running.countDown();
                    Hubs.await(closing);
                  }
                  return "done";
                });
    String id;
    try (Perdure perdure = hub.start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      id = perdure.client().startNew("three");
      Hubs.await(running);
    }
    assertThat(runs).hasValue(1);
    try (Perdure perdure = hub.start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      assertThat(Hubs.output(perdure.client(), id, String[].class))
          .containsExactly("done", "done", "done");
    }
    assertThat(runs).hasValue(3);
  }

  @Test
  void whoeverWaitsIsToldThatTheHubIsClosed() throws Exception {
    CompletableFuture<OrchestrationMetadata> waiting;
    String id;
    try (Perdure perdure =
            hub(SHORT_GRACE)
                .orchestrator("wait", ctx -> ctx.waitForExternalEvent("go", String.class).await())
                .start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      id = Hubs.startAndWait(perdure.client(), "wait", null);
      CountDownLatch asking = new CountDownLatch(1);
      waiting =
          CompletableFuture.supplyAsync(
              () -> {
                asking.countDown();
                return perdure.client().waitForCompletion(id, Hubs.PATIENCE);
              });
      Hubs.await(asking);
    }
    assertThatThrownBy(() -> waiting.get(Hubs.PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(HubClosedException.class);
  }

  @Test
  void aStartWhileTheHubClosesIsEitherThereAfterwardsOrRefused() throws Exception {
    Perdure.Builder hub = hub(SHORT_GRACE).register(new Cities());
    Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    CountDownLatch underWay = new CountDownLatch(200);
    List<Thread> starters;
    try (Perdure perdure = hub.start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      starters =
          IntStream.range(0, 4)
              .mapToObj(
                  starter ->
                      Thread.ofVirtual()
                          .start(
                              () -> {
                                try {
                                  for (int i = 0; true; i++) {
                                    String id = "s" + starter + "-" + i;
                                    perdure
                                        .client()
                                        .startNew("helloCities", null, StartOptions.id(id));
                                    acknowledged.add(id);
                                    underWay.countDown();
                                  }
                                } catch (HubClosedException e) {
                                  // as it should be
                                }
                              }))
              .toList();
      Hubs.await(underWay);
    }
    for (Thread starter : starters) {
      assertThat(starter.join(Hubs.PATIENCE)).isTrue();
    }
    try (Perdure perdure = hub.start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      acknowledged.forEach(
          id ->
              assertThat(Hubs.output(perdure.client(), id, String.class))
                  .isEqualTo("Hello, Tokyo, Hello, London"));
      assertThat(
              LoadAudit.all(
                      perdure.client(),
                      InstanceQuery.ALL.withStatuses(OrchestrationStatus.COMPLETED))
                  .keySet())
          .containsAll(acknowledged);
    }
  }

  // ---- several who close ----------------------------------------------------------------------

  /** The activity ends within the grace period, after another one who closes has gone on. */
  private Perdure.Builder hubWithAnActivity(Runnable onCancellation, CountDownLatch mayEnd) {
    return hub(LONG_GRACE)
        .activity(
            "work",
            Void.class,
            (ctx, nothing) -> {
              ctx.onCancellation(onCancellation);
              running.countDown();
              Hubs.await(mayEnd);
              return "run " + runs.incrementAndGet();
            });
  }

  private void assertTheResultWasRecorded(Perdure.Builder hub, String id) {
    try (Perdure perdure = hub.start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      assertThat(Hubs.output(perdure.client(), id, String.class)).isEqualTo("run 1");
    }
  }

  @Test
  void whoClosesAHubWhileItClosesItselfLeavesItToTheFirst() throws Exception {
    AtomicReference<Perdure> hub = new AtomicReference<>();
    CountDownLatch closedAgain = new CountDownLatch(1);
    Perdure.Builder builder =
        hubWithAnActivity(
            () -> {
              hub.get().close();
              closedAgain.countDown();
            },
            closedAgain);
    hub.set(builder.start());
    String id = hub.get().client().startNew("work");
    Hubs.await(running);
    LivenessAudit.check(hub.get().client());
    hub.get().close();
    assertTheResultWasRecorded(builder, id);
  }

  @Test
  void whoIsInterruptedWhileAnotherOneClosesLeavesItToThatOne() throws Exception {
    CountDownLatch closing = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    Perdure.Builder builder = hubWithAnActivity(closing::countDown, mayEnd);
    Perdure hub = builder.start();
    String id = hub.client().startNew("work");
    Hubs.await(running);
    LivenessAudit.check(hub.client());
    Thread first = Thread.ofPlatform().start(hub::close);
    Hubs.await(closing);
    Thread second = Thread.ofPlatform().start(hub::close);
    second.interrupt();
    assertThat(second.join(Hubs.PATIENCE)).as("it waits no longer").isTrue();
    mayEnd.countDown();
    assertThat(first.join(Hubs.PATIENCE)).isTrue();
    assertTheResultWasRecorded(builder, id);
  }
}
