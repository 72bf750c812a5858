package dev.perdure.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.EntityId;
import dev.perdure.api.EntityOperations;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.StartOptions;
import dev.perdure.api.TaskTimeoutException;
import dev.perdure.api.WaitTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class VirtualTimeTest {
  private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");

  @Test
  void aTimerOfThirtyDaysPassesInMilliseconds() {
    try (TestHub hub =
            TestHub.builder()
                .orchestrator(
                    "sleeper",
                    ctx -> {
                      ctx.createTimer(Duration.ofDays(30)).await();
                      return ctx.currentInstant().toString();
                    })
                .open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      long began = System.nanoTime();
      assertThat(hub.run("sleeper", null, String.class)).isEqualTo("2030-01-31T00:00:00Z");
      assertThat(hub.now()).isEqualTo(START.plus(Duration.ofDays(30)));
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
    }
  }

  /** Says when it happened, over and over. */
  private static TestHub.Builder ticking(List<String> heard) {
    return TestHub.builder()
        .activity("tick", String.class, what -> heard.add(what))
        .orchestrator(
            "every",
            Integer.class,
            (ctx, hours) -> {
              for (int i = 0; i < 3; i++) {
                ctx.createTimer(Duration.ofHours(hours)).await();
                String what = hours + "h at " + ctx.currentInstant().toString().substring(11, 16);
                ctx.callActivity("tick", what, Boolean.class).await();
              }
              return null;
            });
  }

  @Test
  void whatIsDueOnTheWayHappensAtItsTimeAndInOrder() {
    List<String> heard = new CopyOnWriteArrayList<>();
    try (TestHub hub = ticking(heard).open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      hub.client().startNew("every", 2);
      hub.client().startNew("every", 3);
      hub.advance(Duration.ofHours(5));
      assertThat(heard).containsExactly("2h at 02:00", "3h at 03:00", "2h at 04:00");
      assertThat(hub.now()).isEqualTo(START.plus(Duration.ofHours(5)));
      hub.advance(Duration.ofDays(1));
      assertThat(heard)
          .containsExactlyInAnyOrder(
              "2h at 02:00",
              "3h at 03:00",
              "2h at 04:00",
              "3h at 06:00",
              "2h at 06:00",
              "3h at 09:00");
      assertThat(hub.runUntilIdle()).isEmpty();
    }
  }

  @Test
  void timeStandsStillUntilItIsMoved() {
    try (TestHub hub = ticking(new CopyOnWriteArrayList<>()).startTime(Instant.EPOCH).open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      hub.client().startNew("every", 2);
      assertThat(hub.runUntilIdle()).contains(Instant.EPOCH.plus(Duration.ofHours(2)));
      assertThat(hub.now()).isEqualTo(Instant.EPOCH);
      assertThatThrownBy(() -> hub.advance(Duration.ofSeconds(-1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("Time does not go back");
    }
  }

  private static TestHub.Builder approval() {
    return TestHub.builder()
        .orchestrator(
            "approval",
            ctx -> {
              try {
                return ctx.waitForExternalEvent("approved", Duration.ofDays(3), String.class)
                    .await();
              } catch (TaskTimeoutException e) {
                return "nobody answered";
              }
            });
  }

  @Test
  void anApprovalThatComesInTime() {
    try (TestHub hub = approval().open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      String id = hub.client().startNew("approval");
      hub.advance(Duration.ofDays(2));
      hub.client().raiseEvent(id, "approved", "Ada");
      assertThat(hub.output(id, String.class)).isEqualTo("Ada");
      assertThat(hub.now()).isEqualTo(START.plus(Duration.ofDays(2)));
      hub.assertHistory(id).raised("Approved", 1).timersFired(0).completed();
    }
  }

  @Test
  void anApprovalThatNobodyGives() {
    try (TestHub hub = approval().open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      String id = hub.client().startNew("approval");
      assertThat(hub.output(id, String.class)).isEqualTo("nobody answered");
      assertThat(hub.now()).isEqualTo(START.plus(Duration.ofDays(3)));
      hub.assertHistory(id).raised("approved", 0).timersFired(1).completed();
    }
  }

  @Test
  void theWaitsOfTheClientPassInTheTimeOfTheHub() {
    try (TestHub hub = approval().open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      String id = hub.client().startNew("approval");
      assertThatThrownBy(() -> hub.client().waitForCompletion(id, Duration.ofDays(1)))
          .isInstanceOf(WaitTimeoutException.class)
          .hasMessageContaining("until it has ended")
          .hasMessageContaining("2030-01-02T00:00:00Z")
          .hasMessageContaining("approved");
      assertThat(hub.now()).isEqualTo(START.plus(Duration.ofDays(1)));
      assertThat(hub.client().waitForCompletion(id, Duration.ofDays(2)).status())
          .isEqualTo(OrchestrationStatus.COMPLETED);
    }
  }

  @Test
  void aScheduledStartIsATimerToo() {
    try (TestHub hub = TestHub.builder().orchestrator("one", ctx -> 1).open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      String id =
          hub.client()
              .startNew(
                  "one",
                  null,
                  StartOptions.DEFAULT.withScheduledStart(START.plus(Duration.ofDays(7))));
      assertThat(hub.client().waitForStart(id, Duration.ofDays(8)).status())
          .isEqualTo(OrchestrationStatus.COMPLETED);
      assertThat(hub.now()).isEqualTo(START.plus(Duration.ofDays(7)));
    }
  }

  @Test
  void aScheduledSignalIsATimerToo() {
    EntityId entity = EntityId.of("counter", "a");
    try (TestHub hub =
            TestHub.builder()
                .entity(
                    "counter",
                    EntityOperations.of(Integer.class, () -> 0)
                        .operation("add", Integer.class, (value, n) -> value + n))
                .open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      hub.client().signalEntity(entity, "add", 1);
      hub.client().signalEntity(entity, "add", 2, START.plus(Duration.ofDays(2)));
      assertThat(hub.entityState(entity, Integer.class)).isEqualTo(1);
      hub.advance(Duration.ofDays(2));
      assertThat(hub.entityState(entity, Integer.class)).isEqualTo(3);
    }
  }

  @Test
  void whoSaysHowLongIsWaitedForMayWaitForDecades() {
    Duration decades = Duration.ofDays(366 * 20);
    try (TestHub hub =
            TestHub.builder()
                .orchestrator("sleep", ctx -> ctx.createTimer(decades).thenApply(x -> 1).await())
                .open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      String id = hub.client().startNew("sleep");
      assertThat(hub.await(id, decades.plusDays(1)).output(Integer.class)).isEqualTo(1);
      assertThat(hub.await(id, Duration.ofSeconds(Long.MIN_VALUE)).output(Integer.class))
          .isEqualTo(1);
    }
  }

  @Test
  void timersOutliveARestartAndACrash() {
    try (TestHub hub = approval().open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      String id = hub.client().startNew("approval");
      hub.advance(Duration.ofDays(1));
      hub.restart();
      hub.advance(Duration.ofDays(1));
      hub.crash();
      assertThat(hub.now()).isEqualTo(START.plus(Duration.ofDays(2)));
      assertThat(hub.output(id, String.class)).isEqualTo("nobody answered");
      assertThat(hub.now()).isEqualTo(START.plus(Duration.ofDays(3)));
    }
  }

  @Test
  void waitingForWhatCannotComeFailsAtOnceAndSaysWhatIsWaitedFor() {
    try (TestHub hub =
            TestHub.builder()
                .orchestrator("w", ctx -> ctx.waitForExternalEvent("go", String.class).await())
                .open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      String id = hub.client().startNew("w");
      assertThatThrownBy(() -> hub.await(id))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("no timer is left")
          .hasMessageContaining("'go'");
      assertThatThrownBy(() -> hub.await("nobody"))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("There is no instance 'nobody'");
    }
  }

  @Test
  void aTimerLoopThatNeverEndsDoesNotHoldUpATest() {
    try (TestHub hub =
            TestHub.builder()
                .patience(Duration.ofSeconds(1))
                .orchestrator("w", ctx -> ctx.waitForExternalEvent("go", String.class).await())
                .orchestrator(
                    "monitor",
                    ctx -> {
                      ctx.createTimer(Duration.ofMinutes(1)).await();
                      ctx.continueAsNew(null);
                      return null;
                    })
                .open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      String id = hub.client().startNew("w");
      hub.client().startNew("monitor");
      assertThatThrownBy(() -> hub.await(id))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("'go'");
      assertThatThrownBy(() -> hub.await(id, Duration.ofMinutes(10)))
          .hasMessageContaining("nothing more happens until");
    }
  }

  @Test
  void aHubThatDoesNotComeToRestSaysWhatRuns() {
    CountDownLatch never = new CountDownLatch(1);
    try (TestHub hub =
            TestHub.builder()
                .patience(Duration.ofMillis(300))
                .options(o -> o.withShutdownGrace(Duration.ofMillis(10)))
                .activity("hang", () -> never.await(1, java.util.concurrent.TimeUnit.HOURS))
                .orchestrator("o", ctx -> ctx.callActivity("hang", null, Boolean.class).await())
                .open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      String id = hub.client().startNew("o");
      assertThatThrownBy(() -> hub.await(id))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("activity 'hang' of instance 'instance-1' runs")
          .hasMessageContaining("VirtualTimeTest");
    }
  }
}
