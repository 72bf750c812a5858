package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.Activity;
import dev.perdure.api.ActivityContext;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.StartOptions;
import dev.perdure.api.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ActivityHostTest extends Scenarios {

  /** Counts how many run at once, and lets the first go on only when so many do. */
  private static final class Gauge {
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final CountDownLatch full;

    Gauge(int expected) {
      full = new CountDownLatch(expected);
    }

    Object measure() throws InterruptedException {
      most.accumulateAndGet(running.incrementAndGet(), Math::max);
      full.countDown();
      full.await();
      Thread.yield();
      running.decrementAndGet();
      return null;
    }
  }

  private static Object callAll(OrchestrationContext ctx, String name, int count) {
    List<Task<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      tasks.add(ctx.callActivity(name, null, Void.class));
    }
    return ctx.allOf(tasks).await().size();
  }

  @Test
  void noMoreActivitiesRunAtOnceThanTheHostAllows() {
    Gauge gauge = new Gauge(3);
    TestHub hub =
        hub(
            options -> options.withActivitiesMax(3),
            f ->
                f.orchestrator("main", ctx -> callAll(ctx, "measure", 30))
                    .activity("measure", gauge::measure));

    assertThat(hub.run("main", null, int.class)).isEqualTo(30);
    assertThat(gauge.most).hasValue(3);
  }

  /** Two of these at once, however much the host allows. */
  public static class Printer {
    final Gauge gauge = new Gauge(2);

    @Activity(maxConcurrent = 2)
    public Object print() throws InterruptedException {
      return gauge.measure();
    }

    @Orchestrator
    public Object main(OrchestrationContext ctx) {
      return callAll(ctx, "print", 20);
    }
  }

  @Test
  void whatStillWaitsWhenItsOrchestrationIsTerminatedIsNotRun() throws InterruptedException {
    AtomicInteger runs = new AtomicInteger();
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch terminated = new CountDownLatch(1);
    TestHub hub =
        hub(
            options -> options.withActivitiesMax(1),
            f ->
                f.orchestrator("main", ctx -> callAll(ctx, "send", 5))
                    .orchestrator("other", ctx -> ctx.callActivity("ok", "", int.class).await())
                    .activity("ok", () -> 1)
                    .activity(
                        "send",
                        () -> {
                          running.countDown();
                          terminated.await();
                          return runs.incrementAndGet();
                        }));
    String id = hub.start("main");
    running.await();
    hub.client().terminate(id, "it was a mistake");
    terminated.countDown();

    assertThat(hub.run("other", null, int.class)).as("it has waited behind them").isEqualTo(1);
    assertThat(runs).hasValue(1);
  }

  @Test
  void anInterruptThatAnActivityLeavesIsNotOneOfTheNext() {
    AtomicInteger runs = new AtomicInteger();
    TestHub hub =
        hub(
            options -> options.withActivitiesMax(1),
            f ->
                f.orchestrator("main", ctx -> callAll(ctx, "sleep", 3))
                    .activity(
                        "sleep",
                        () -> {
                          Thread.sleep(1);
                          Thread.currentThread().interrupt();
                          return runs.incrementAndGet();
                        }));

    assertThat(hub.run("main", null, int.class)).isEqualTo(3);
  }

  @Test
  void noMoreActivitiesOfOneNameRunAtOnceThanItAllows() {
    Printer printer = new Printer();
    TestHub hub = hub(f -> f.register(printer));

    assertThat(hub.run("main", null, int.class)).isEqualTo(20);
    assertThat(printer.gauge.most).hasValue(2);
  }

  @Test
  void activitiesThatWaitForTheirTurnDoNotHoldUpOthers() throws InterruptedException {
    CountDownLatch slow = new CountDownLatch(1);
    TestHub hub =
        hub(
            f ->
                f.orchestrator("slow", ctx -> callAll(ctx, "slow", 5))
                    .orchestrator("quick", ctx -> callAll(ctx, "quick", 5))
                    .activity(
                        "slow",
                        Void.class,
                        Object.class,
                        1,
                        (ctx, x) -> {
                          slow.await();
                          return null;
                        })
                    .activity("quick", () -> null));

    String waiting = hub.start("slow");
    assertThat(hub.run("quick", null, int.class)).isEqualTo(5);
    slow.countDown();

    assertThat(hub.output(waiting, int.class)).isEqualTo(5);
  }

  @Test
  void bothLimitsHoldTogether() {
    Gauge all = new Gauge(1);
    Gauge narrow = new Gauge(1);
    TestHub hub =
        hub(
            options -> options.withActivitiesMax(4),
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          List<Task<Void>> tasks = new ArrayList<>();
                          for (int i = 0; i < 200; i++) {
                            String name = i % 3 == 0 ? "wide" : "narrow";
                            tasks.add(ctx.callActivity(name, null, Void.class));
                          }
                          return ctx.allOf(tasks).await().size();
                        })
                    .activity("wide", all::measure)
                    .activity(
                        "narrow",
                        Void.class,
                        Object.class,
                        2,
                        (ctx, x) -> {
                          narrow.running.incrementAndGet();
                          narrow.most.accumulateAndGet(narrow.running.get(), Math::max);
                          all.measure();
                          narrow.running.decrementAndGet();
                          return null;
                        }));

    assertThat(hub.run("main", null, int.class)).isEqualTo(200);
    assertThat(all.most.get()).isLessThanOrEqualTo(4);
    assertThat(narrow.most.get()).isLessThanOrEqualTo(2);
  }

  @Test
  void anActivityKnowsWhoCalledItAndAsWhat() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          ctx.createTimer(Duration.ZERO).await();
                          return ctx.callActivity("who", null, String.class).await();
                        })
                    .activity(
                        "who",
                        String.class,
                        (ctx, x) ->
                            "%s %s #%d attempt %d %s"
                                .formatted(
                                    ctx.instanceId(),
                                    ctx.name(),
                                    ctx.taskId(),
                                    ctx.attempt(),
                                    ctx.isCancellationRequested())));

    String id = hub.client().startNew("main", null, StartOptions.id("me"));

    assertThat(hub.output(id, String.class)).isEqualTo("me who #1 attempt 1 false");
  }

  @Test
  void idempotencyKeysDifferBetweenCallsInstancesAndReplacements() {
    List<String> keys = new ArrayList<>();
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          ctx.callActivity("key").await();
                          ctx.callActivity("key").await();
                          return null;
                        })
                    .activity(
                        "key",
                        String.class,
                        (ctx, x) -> {
                          synchronized (keys) {
                            keys.add(ctx.idempotencyKey());
                          }
                          return null;
                        }));

    for (int i = 0; i < 3; i++) {
      hub.end(hub.client().startNew("main", null, StartOptions.id(i < 2 ? "same" : "other")));
    }

    assertThat(keys).hasSize(6).doesNotHaveDuplicates();
  }

  @Test
  void aClosingHostAsksRunningActivitiesToStopAndRunsThemAgainLater() {
    CountDownLatch running = new CountDownLatch(1);
    AtomicInteger executions = new AtomicInteger();
    AtomicBoolean asked = new AtomicBoolean();
    TestHub hub =
        hub(
            f ->
                f.orchestrator("main", ctx -> ctx.callActivity("long", null, String.class).await())
                    .activity(
                        "long",
                        String.class,
                        (ctx, x) -> longWork(ctx, running, executions, asked)));
    String id = hub.client().startNew("main");
    hub.until("the activity runs", () -> running.getCount() == 0);

    hub.restartProgram(
        f ->
            f.orchestrator("main", ctx -> ctx.callActivity("long", null, String.class).await())
                .activity("long", () -> "execution " + executions.incrementAndGet()));

    assertThat(asked).isTrue();
    assertThat(hub.output(id, String.class)).isEqualTo("execution 2");
  }

  private static Object longWork(
      ActivityContext ctx, CountDownLatch running, AtomicInteger executions, AtomicBoolean asked)
      throws InterruptedException {
    executions.incrementAndGet();
    CountDownLatch cancelled = new CountDownLatch(1);
    ctx.onCancellation(cancelled::countDown);
    running.countDown();
    cancelled.await();
    asked.set(ctx.isCancellationRequested());
    ctx.onCancellation(() -> asked.set(asked.get() && true)); // at once, as it has been requested
    throw new InterruptedException("stopped early");
  }

  @Test
  void anActivityThatEndsWithinTheGracePeriodDoesNotRunAgain() {
    AtomicInteger executions = new AtomicInteger();
    CountDownLatch running = new CountDownLatch(1);
    TestHub hub =
        hub(
            f ->
                f.orchestrator("main", ctx -> ctx.callActivity("long", null, String.class).await())
                    .activity(
                        "long",
                        String.class,
                        (ctx, x) -> {
                          CountDownLatch cancelled = new CountDownLatch(1);
                          ctx.onCancellation(cancelled::countDown);
                          running.countDown();
                          cancelled.await();
                          return "execution " + executions.incrementAndGet();
                        }));
    String id = hub.client().startNew("main");
    hub.until("the activity runs", () -> running.getCount() == 0);

    hub.restartProgram(
        f ->
            f.orchestrator("main", ctx -> ctx.callActivity("long", null, String.class).await())
                .activity("long", () -> "execution " + executions.incrementAndGet()));

    assertThat(hub.output(id, String.class)).isEqualTo("execution 1");
  }

  @Test
  void anActivityThatHasEndedIsNotToldThatTheHostCloses() {
    AtomicInteger told = new AtomicInteger();
    TestHub hub =
        hub(
            f ->
                f.orchestrator("main", ctx -> callAll(ctx, "quick", 10))
                    .activity(
                        "quick",
                        String.class,
                        (ctx, x) -> {
                          ctx.onCancellation(told::incrementAndGet);
                          return null;
                        }));
    hub.run("main", null, int.class);

    hub.close();

    assertThat(told).hasValue(0);
  }

  @Test
  void anActivityThatIgnoresTheGracePeriodIsInterrupted() throws InterruptedException {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    TestHub hub =
        hub(
            options -> options.withShutdownGrace(Duration.ofMillis(10)),
            f ->
                f.orchestrator("main", ctx -> ctx.callActivity("deaf", null, String.class).await())
                    .activity(
                        "deaf",
                        () -> {
                          running.countDown();
                          try {
                            new CountDownLatch(1).await();
                          } catch (InterruptedException e) {
                            interrupted.countDown();
                            throw e;
                          }
                          return "";
                        }));
    hub.client().startNew("main");
    running.await();

    try (CapturedLog log = new CapturedLog("dev.perdure.engine")) {
      hub.close();
      assertThat(log.next()).contains("still running");
    }
    interrupted.await();
  }

  @Test
  void queuedActivitiesRunWhenTheHostIsBack() {
    CountDownLatch running = new CountDownLatch(1);
    TestHub hub =
        hub(
            options -> options.withActivitiesMax(1),
            f ->
                f.orchestrator("main", ctx -> callAll(ctx, "work", 5))
                    .activity(
                        "work",
                        String.class,
                        (ctx, x) -> {
                          CountDownLatch cancelled = new CountDownLatch(1);
                          ctx.onCancellation(cancelled::countDown);
                          running.countDown();
                          cancelled.await();
                          throw new InterruptedException();
                        }));
    String id = hub.start("main");
    hub.until("the first runs", () -> running.getCount() == 0);

    hub.restartProgram(
        f -> f.orchestrator("main", ctx -> callAll(ctx, "work", 5)).activity("work", () -> null));

    assertThat(hub.output(id, int.class)).isEqualTo(5);
    assertThat(hub.status(id).status()).isEqualTo(OrchestrationStatus.COMPLETED);
  }
}
