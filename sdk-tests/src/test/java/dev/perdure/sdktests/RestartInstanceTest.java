package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.microsoft.durabletask.OrchestrationMetadata;
import com.microsoft.durabletask.OrchestrationRuntimeStatus;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RestartInstanceTest extends SdkTest {
  private final AtomicInteger executions = new AtomicInteger();

  @BeforeEach
  void work() {
    worker(
        code ->
            code.orchestrator(
                    "count",
                    ctx -> ctx.complete(ctx.getInput(String.class) + executions.incrementAndGet()))
                .orchestrator(
                    "failFirst",
                    ctx -> {
                      if (executions.incrementAndGet() == 1) {
                        throw new IllegalStateException("no");
                      }
                      ctx.complete("second time");
                    })
                .orchestrator("wait", ctx -> ctx.waitForExternalEvent("go").await()));
  }

  @Test
  void underTheSameId() {
    String id = start("count", "run ");
    assertThat(output(id, String.class)).isEqualTo("run 1");

    assertThat(client.restartInstance(id, false)).isEqualTo(id);

    OrchestrationMetadata end = completed(id);
    assertThat(end.readOutputAs(String.class)).isEqualTo("run 2");
    assertThat(end.readInputAs(String.class)).isEqualTo("run ");
  }

  @Test
  void underANewId() {
    String id = start("count", "run ");
    completed(id);

    String second = client.restartInstance(id, true);

    assertThat(second).isNotEqualTo(id);
    OrchestrationMetadata end = completed(second);
    assertThat(end.getName()).isEqualTo("count");
    assertThat(end.readInputAs(String.class)).isEqualTo("run ");
    assertThat(end.readOutputAs(String.class)).isEqualTo("run 2");
    assertThat(get(id).readOutputAs(String.class)).isEqualTo("run 1");
  }

  @Test
  void afterAFailure() {
    String id = start("failFirst");
    assertThat(end(id).getRuntimeStatus()).isEqualTo(OrchestrationRuntimeStatus.FAILED);

    client.restartInstance(id, false);

    assertThat(output(id, String.class)).isEqualTo("second time");
  }

  @Test
  void afterATermination() {
    String id = start("wait");
    awaitStart(id);
    client.terminate(id, null);
    end(id);

    client.restartInstance(id, false);
    client.raiseEvent(id, "go");

    completed(id);
  }

  @Test
  void nobodyCannotBeRestarted() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> client.restartInstance(unique("nobody"), false));
  }
}
