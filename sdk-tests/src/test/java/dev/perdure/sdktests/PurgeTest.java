package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.durabletask.OrchestrationRuntimeStatus;
import com.microsoft.durabletask.PurgeInstanceCriteria;
import com.microsoft.durabletask.PurgeResult;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PurgeTest extends SdkTest {
  /** What other tests have left was created before. */
  private Instant from;

  @BeforeEach
  void work() {
    worker(
        code ->
            code.orchestrator("well", ctx -> ctx.complete(1))
                .orchestrator(
                    "badly",
                    ctx -> {
                      throw new IllegalStateException("no");
                    })
                .orchestrator("wait", ctx -> ctx.waitForExternalEvent("go").await())
                .orchestrator(
                    "parent", ctx -> ctx.callSubOrchestrator("well", null, int.class).await()));
    String id = start("well");
    from = completed(id).getCreatedAt();
    client.purgeInstance(id);
  }

  @Test
  void whatIsPurgedIsGone() {
    String id = start("well");
    completed(id);

    assertThat(client.purgeInstance(id).getDeletedInstanceCount()).isOne();

    assertThat(get(id).isInstanceFound()).isFalse();
    assertThat(client.purgeInstance(id).getDeletedInstanceCount()).isZero();
    startAs(id, "well", null);
    completed(id);
  }

  @Test
  void whatRunsIsNotPurged() {
    String id = start("wait");
    awaitStart(id);

    assertThat(client.purgeInstance(id).getDeletedInstanceCount()).isZero();

    assertThat(status(id)).isEqualTo(OrchestrationRuntimeStatus.RUNNING);
    client.raiseEvent(id, "go");
    completed(id);
  }

  @Test
  void whatWasTerminatedCanBePurgedAtOnce() {
    String id = start("wait");
    awaitStart(id);
    client.terminate(id, null);
    end(id);

    assertThat(client.purgeInstance(id).getDeletedInstanceCount()).isOne();
    assertThat(get(id).isInstanceFound()).isFalse();
  }

  @Test
  void byTimeAndStatus() throws Exception {
    String well = start("well");
    String badly = start("badly");
    end(well);
    end(badly);
    String waiting = start("wait");
    awaitStart(waiting);
    Instant to = get(waiting).getCreatedAt();
    String later = start("well");
    completed(later);

    assertThat(
            purge(criteria().setRuntimeStatusList(List.of(OrchestrationRuntimeStatus.TERMINATED))))
        .isZero();
    assertThat(purge(criteria().setRuntimeStatusList(List.of(OrchestrationRuntimeStatus.FAILED))))
        .isOne();
    assertThat(get(badly).isInstanceFound()).isFalse();
    assertThat(purge(criteria().setCreatedTimeTo(to))).isOne();
    assertThat(get(well).isInstanceFound()).isFalse();
    assertThat(get(later).isInstanceFound()).isTrue();
    assertThat(purge(criteria())).isOne();
    assertThat(get(later).isInstanceFound()).isFalse();

    assertThat(status(waiting)).isEqualTo(OrchestrationRuntimeStatus.RUNNING);
    client.raiseEvent(waiting, "go");
    completed(waiting);
  }

  @Test
  void childrenAreInstancesOfTheirOwn() throws Exception {
    completed(start("parent"));

    assertThat(purge(criteria())).isEqualTo(2);
  }

  @Test
  void itTakesNoLongerThanItMay() throws Exception {
    completed(start("well"));

    PurgeResult result = client.purgeInstances(criteria().setTimeout(Duration.ofSeconds(20)));

    assertThat(result.getDeletedInstanceCount()).isOne();
  }

  private PurgeInstanceCriteria criteria() {
    return new PurgeInstanceCriteria().setCreatedTimeFrom(from);
  }

  private int purge(PurgeInstanceCriteria criteria) throws Exception {
    return client.purgeInstances(criteria).getDeletedInstanceCount();
  }
}
