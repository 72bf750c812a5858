package dev.perdure.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.store.RowBatch;
import dev.perdure.store.Store;
import dev.perdure.store.TimerRow;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LivenessAuditTest {
  private static TestHub sleeping() {
    TestHub hub =
        TestHub.builder()
            .partitions(1)
            .orchestrator("sleep", ctx -> ctx.createTimer(Duration.ofDays(30)).await())
            .open();
    hub.client().startNew("sleep");
    hub.runUntilIdle();
    return hub;
  }

  /** Removes the timer's row behind the engine's back. */
  private static void loseTheTimer(TestHub hub) {
    hub.client().audit(); // the row is there
    Store store = hub.lives().store();
    List<TimerRow> timers = store.scanTimers(0, null, 10);
    assertThat(timers).hasSize(1);
    RowBatch rows = new RowBatch();
    rows.delete(timers.getFirst());
    store.writeRows(0, 1, rows);
  }

  @Test
  void aTestMayLeaveBehindWhatWillBeWoken() {
    try (TestHub hub = sleeping();
        LivenessAudit audit = LivenessAudit.of(hub.client())) {
      hub.checkNothingIsStuck();
    }
  }

  @Test
  void whatNothingWillWakeFailsTheTest() {
    try (TestHub hub = sleeping()) {
      loseTheTimer(hub);

      assertThatThrownBy(() -> LivenessAudit.of(hub.client()).close())
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("Something in the hub will never be woken: 1 orchestrations")
          .hasMessageContaining("! instance-1: timer (#0), due 2030-01-31T00:00:00Z, is not set");
    }
  }

  @Test
  void theCheckOfATestHubFindsItToo() {
    try (TestHub hub = sleeping()) {
      loseTheTimer(hub);

      assertThatThrownBy(hub::checkNothingIsStuck)
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("Something is stuck in the hub:")
          .hasMessageContaining(
              "nothing will wake 'instance-1': timer (#0), due 2030-01-31T00:00:00Z, is not set");
    }
  }

  @Test
  void aHubThatWasClosedUnauditedFailsTheTest() {
    TestHub hub = sleeping();
    hub.close();

    assertThatThrownBy(() -> LivenessAudit.of(hub.client()).close())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("The hub was closed before it was audited");
  }

  @Test
  void aTestMayCloseItsHubAfterTheAudit() {
    try (TestHub hub = sleeping();
        LivenessAudit audit = LivenessAudit.of(hub.client())) {
      audit.close();
      hub.close();
    }
  }
}
