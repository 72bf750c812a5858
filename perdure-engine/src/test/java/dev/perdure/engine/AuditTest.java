package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.perdure.api.AuditReport;
import dev.perdure.api.AuditReport.Finding;
import dev.perdure.api.CriticalSection;
import dev.perdure.api.EntityId;
import dev.perdure.api.RetryPolicy;
import dev.perdure.api.StartOptions;
import dev.perdure.api.TaskOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.engine.partition.Sabotage;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whatever has not ended is woken by something; the audit proves it, and finds it broken. */
class AuditTest extends Scenarios {
  private static final EntityId SLOW = new EntityId("slow", "a");
  private static final EntityId OTHER = new EntityId("slow", "b");
  private static final EntityId COUNTER = new EntityId("counter", "c");

  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void release() {
    release.countDown();
  }

  private FunctionRegistry.Builder register(FunctionRegistry.Builder f) {
    return f.orchestrator("event", ctx -> ctx.waitForExternalEvent("go", String.class).await())
        .orchestrator("soon", ctx -> ctx.createTimer(Duration.ofSeconds(30)).await())
        .orchestrator("late", ctx -> ctx.createTimer(Duration.ofDays(30)).await())
        .orchestrator("activity", ctx -> ctx.callActivity("slow").await())
        .orchestrator("bounded", ctx -> ctx.callActivity("one at a time").await())
        .orchestrator(
            "child",
            ctx ->
                ctx.callSubOrchestrator(
                        "event",
                        null,
                        TaskOptions.NONE.withInstanceId("child of " + ctx.instanceId()),
                        String.class)
                    .await())
        .orchestrator(
            "retrying",
            ctx ->
                ctx.callActivity(
                        "fail",
                        null,
                        TaskOptions.retry(RetryPolicy.of(5, Duration.ofMinutes(1))),
                        String.class)
                    .await())
        .orchestrator("operation", ctx -> ctx.callEntity(SLOW, "run", null, String.class).await())
        .orchestrator(
            "holds",
            ctx -> {
              try (CriticalSection section = ctx.lockEntities(SLOW, OTHER).await()) {
                return ctx.waitForExternalEvent("go", String.class).await();
              }
            })
        .orchestrator(
            "computes",
            ctx -> {
              release.await();
              return null;
            })
        .activity(
            "slow",
            () -> {
              release.await();
              return null;
            })
        .activity(
            "one at a time",
            1,
            () -> {
              release.await();
              return null;
            })
        .activity(
            "fail",
            () -> {
              throw new IOException("no luck");
            })
        .entity(
            "slow",
            ctx -> {
              release.await();
              return null;
            })
        .entity(
            "counter",
            ctx -> {
              ctx.setState(1);
              return null;
            });
  }

  @Override
  boolean leaveNothingStuck() {
    return false;
  }

  private TestHub hub() {
    return hub(this::register);
  }

  private static List<Finding> findings(TestHub hub) {
    return hub.hurried().client().audit().findings();
  }

  private static void assertFound(TestHub hub, String id, String kind, String what) {
    assertThat(findings(hub))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.instanceId()).isEqualTo(id);
              assertThat(finding.kind()).isEqualTo(kind);
              assertThat(finding.description()).contains(what);
            });
  }

  /** What is broken is broken in memory, where instances stay in some modes only. */
  private void needsMemory() {
    assumeTrue(mode != RunMode.REPLAYED_AT_EVERY_WAIT);
  }

  // ---- all is well ----------------------------------------------------------------------------

  @Test
  void everyKindOfWaitIsProvedToEnd() {
    TestHub hub = hub();
    for (String name :
        List.of("event", "soon", "late", "activity", "child", "retrying", "computes")) {
      hub.client().startNew(name);
    }
    for (int i = 0; i < 3; i++) {
      hub.client().startNew("bounded");
    }
    hub.client()
        .startNew(
            "event", null, StartOptions.DEFAULT.withScheduledStart(TestHub.NOON.plusSeconds(9)));
    hub.client().signalEntity(COUNTER, "add", null, TestHub.NOON.plusSeconds(30));
    hub.client().signalEntity(COUNTER, "add", null, TestHub.NOON.plus(Duration.ofDays(9)));
    hub.start("holds", null, StartOptions.id("first"));
    hub.until(
        "it holds the locks", () -> hub.client().explain("first").summary().contains("holds"));
    hub.start("holds", null, StartOptions.id("second"));
    hub.start("operation");

    AuditReport report = hub.client().audit();

    assertThat(report.findings()).as(report::toString).isEmpty();
    assertThat(report.isClean()).isTrue();
    // with the child; with both entities that are locked
    assertThat(report.orchestrations()).isEqualTo(15);
    assertThat(report.entities()).isEqualTo(3);
    assertThat(report.toString()).startsWith("15 orchestrations and 3 entities looked at, 0");
  }

  @Test
  void whatHasEndedIsNotLookedAt() {
    TestHub hub = hub();
    hub.client().terminate(hub.start("soon"), null);

    assertThat(hub.client().audit()).isEqualTo(new AuditReport(0, 0, List.of(), List.of()));
  }

  @Test
  void whoWaitsForAPersonIsNotedAndNoFinding() {
    TestHub hub = hub();
    String suspended = hub.start("event");
    hub.advance(Duration.ofSeconds(10));
    hub.client().suspend(suspended, "wait");
    hub.advance(Duration.ofSeconds(5));
    hub.client().raiseEvent(suspended, "other");
    String forgotten = hub.start("late");
    hub.client().signalEntity(COUNTER, "add", null);
    hub.restartProgram(f -> f.orchestrator("event", ctx -> null));
    hub.client().raiseEvent(forgotten, "any", null); // its code is needed, and is not there
    hub.until("it is set aside", () -> hub.status(forgotten).problem() != null);

    AuditReport report = hub.client().audit();

    assertThat(report.findings()).isEmpty();
    assertThat(report.notes())
        .extracting(Finding::instanceId, Finding::kind, Finding::since)
        .containsExactlyInAnyOrder(
            tuple(suspended, "suspended", TestHub.NOON.plusSeconds(10)),
            tuple(forgotten, "set-aside", TestHub.NOON.plusSeconds(15)));
  }

  @Test
  void anActivityThatHasWaitedForLongForItsTurnIsNoted() {
    TestHub hub = hub();
    hub.start("bounded", null, StartOptions.id("runs"));
    hub.start("bounded", null, StartOptions.id("waits"));
    assertThat(hub.client().audit().notes()).isEmpty();

    hub.advance(Duration.ofMinutes(2));

    assertThat(hub.client().audit().notes())
        .containsExactly(
            new Finding(
                "waits",
                "waiting",
                "activity 'one at a time' (#0) still waits for its turn: as many run as may"
                    + " (maxConcurrent of the activity, activitiesMax of the host)",
                TestHub.NOON));
  }

  @Test
  void aHubUnderLoadIsProvedAliveToo() throws Exception {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "busy",
                        ctx -> {
                          for (int i = 0; i < 20; i++) {
                            ctx.callActivity("step").await();
                            ctx.callSubOrchestrator("leaf", null, String.class).await();
                            ctx.callEntity(COUNTER, "add", null, String.class).await();
                            try (CriticalSection s = ctx.lockEntities(SLOW, OTHER).await()) {
                              ctx.callEntity(OTHER, "x", null, String.class).await();
                            }
                          }
                          return null;
                        })
                    .orchestrator("leaf", ctx -> ctx.callActivity("step").await())
                    .activity("step", () -> null)
                    .entity("slow", ctx -> null)
                    .entity("counter", ctx -> null));
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      ids.add(hub.client().startNew("busy"));
    }
    for (int i = 0; i < 3; i++) {
      AuditReport report = hub.client().audit();
      assertThat(report.findings()).as(report::toString).isEmpty();
    }
    ids.forEach(hub::end);
  }

  // ---- all is not well ------------------------------------------------------------------------

  @Test
  void aTimerThatGotLostIsFound() {
    TestHub hub = hub();
    String id = hub.start("soon");
    Sabotage.dropTimer(hub.engine().loop(), id, 0, TestHub.NOON.plusSeconds(30));

    assertFound(hub, id, "timer", "timer (#0), due 2030-01-01T12:00:30Z, is not set");
    assertThat(findings(hub).getFirst().since()).isEqualTo(TestHub.NOON);
  }

  @Test
  void anActivityThatWasHandedOutAndIsNowhereIsFound() {
    ThreadFactory nowhere = task -> Thread.ofVirtual().unstarted(() -> {});
    EngineOptions options = mode.applyTo(TestHub.OPTIONS);
    try (TestHub hub =
        new TestHub(options.withShutdownGrace(Duration.ofMillis(10)), this::register, nowhere)
            .withoutAudit()) {
      String id = hub.start("activity");

      assertFound(hub, id, "activity", "activity 'slow' (#0) was handed out, and nothing runs");
    }
  }

  @Test
  void aSubOrchestrationThatIsGoneIsFound() {
    needsMemory();
    TestHub hub = hub();
    String id = hub.start("child");
    hub.client().waitForStart("child of " + id, TestHub.PATIENCE);
    Sabotage.dropOrchestration(hub.engine().loop(), "child of " + id);

    assertFound(hub, id, "sub-orchestration", "is neither under way for it nor on its way");
  }

  @Test
  void anOperationThatIsGoneIsFound() {
    needsMemory();
    TestHub hub = hub();
    String holder = hub.start("holds");
    hub.until("it holds", () -> hub.client().explain(holder).summary().contains("holds the"));
    String id = hub.start("operation");
    hub.until(
        "the operation has come",
        () -> hub.client().getEntity(SLOW, false).orElseThrow().operationsWaiting() == 1);
    Sabotage.dropQueue(hub.engine().loop(), SLOW.instanceId());

    assertFound(hub, id, "entity", "operation 'run' (#0) neither waits at entity '@slow@a'");
  }

  @Test
  void aWishToLockThatIsGoneIsFound() {
    needsMemory();
    TestHub hub = hub();
    String holder = hub.start("holds");
    hub.until("it holds", () -> hub.client().explain(holder).summary().contains("holds the"));
    String id = hub.start("holds");
    hub.until(
        "the wish has come",
        () -> hub.client().getEntity(SLOW, false).orElseThrow().operationsWaiting() == 1);
    Sabotage.dropQueue(hub.engine().loop(), SLOW.instanceId());

    assertFound(hub, id, "lock", "its wish (#0) to lock");
  }

  @Test
  void aLockThatNobodyHoldsIsFound() {
    needsMemory();
    TestHub hub = hub();
    hub.client().signalEntity(COUNTER, "add", null);
    hub.until("it ran", () -> hub.client().getEntity(COUNTER).isPresent());
    Sabotage.lock(hub.engine().loop(), COUNTER.instanceId(), "nobody");

    assertFound(hub, COUNTER.instanceId(), "lock", "is locked by 'nobody' (#7)");
  }

  @Test
  void aStepThatDoesNotComeIsFound() {
    needsMemory();
    TestHub hub = hub();
    String id = hub.start("event");
    Sabotage.dropStep(hub.engine().loop(), id);

    assertFound(hub, id, "step", "has events to handle, and no step is about to run");
  }

  @Test
  void aScheduledOperationThatGotLostIsFound() {
    needsMemory();
    TestHub hub = hub();
    hub.client().signalEntity(COUNTER, "add", null, TestHub.NOON.plusSeconds(30));
    Sabotage.dropSignals(hub.engine().loop(), COUNTER.instanceId());

    assertFound(hub, COUNTER.instanceId(), "timer", "scheduled operation 'add', due 2030-01-01T12");
  }

  @Test
  void theBackgroundAuditFindsItWarnsOnceAndCountsIt() {
    TestHub hub = hub(o -> o.withAuditInterval(Duration.ofMillis(20)), this::register);
    String id = hub.start("soon");
    hub.client().audit(); // its row is there
    Sabotage.dropTimer(hub.hurried().engine().loop(), id, 0, TestHub.NOON.plusSeconds(30));
    try (CapturedLog log = new CapturedLog("dev.perdure.audit")) {
      hub.until("it is found", () -> hub.engine().auditFindings() > 0);

      assertThat(log.messages()).anyMatch(message -> message.contains("timer (#0)"));
    }
    assertThat(hub.engine().auditFindings()).isEqualTo(1);
  }

  @Test
  void theBackgroundAuditTellsOfLongWaitsBrieflyOnceForEachInstanceAndCountsThem()
      throws InterruptedException {
    TestHub hub = hub(o -> o.withAuditInterval(Duration.ofMillis(20)), this::register);
    hub.start("bounded", null, StartOptions.id("runs"));
    for (int i = 1; i <= 5; i++) {
      hub.start("bounded", null, StartOptions.id("waits " + i));
    }
    hub.client().audit(); // their rows are there
    assertThat(hub.engine().auditNotes()).isZero();
    try (CapturedLog log = new CapturedLog("dev.perdure.audit")) {
      hub.advance(Duration.ofMinutes(2));
      for (int i = 0; i < 3; i++) {
        assertThat(log.next()).startsWith("Work has waited for long: waits ");
      }
      assertThat(log.next()).isEqualTo("Work of 2 more instances has waited for long");
      hub.start("bounded", null, StartOptions.id("waits 6"));
      hub.client().audit();
      hub.advance(Duration.ofMinutes(2));

      assertThat(log.next()).contains("waits 6: activity 'one at a time' (#0) still waits");
      assertThat(log.messages()).isEmpty();
    }
    hub.until("all are counted", () -> hub.engine().auditNotes() == 6);
    assertThat(hub.engine().auditFindings()).isZero();
  }
}
