package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.durabletask.OrchestrationMetadata;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CustomStatusTest extends SdkTest {
  @Test
  void theLastValueOfATurnCanBeReadWhileItRunsAndAfterwards() {
    worker(
        code ->
            code.orchestrator(
                "main",
                ctx -> {
                  ctx.setCustomStatus("beginning");
                  ctx.setCustomStatus(Map.of("done", List.of(1, 2)));
                  ctx.waitForExternalEvent("go").await();
                  ctx.setCustomStatus(100);
                }));
    String id = start("main");

    assertThat(awaitStart(id).readCustomStatusAs(Object.class))
        .isEqualTo(Map.of("done", List.of(1, 2)));
    client.raiseEvent(id, "go");
    assertThat(completed(id).readCustomStatusAs(int.class)).isEqualTo(100);
  }

  @Test
  void itCanBeCleared() {
    worker(
        code ->
            code.orchestrator(
                "main",
                ctx -> {
                  ctx.setCustomStatus("something");
                  ctx.waitForExternalEvent("go").await();
                  ctx.clearCustomStatus();
                }));
    String id = start("main");
    assertThat(awaitStart(id).readCustomStatusAs(String.class)).isEqualTo("something");

    client.raiseEvent(id, "go");

    OrchestrationMetadata end = completed(id);
    assertThat(end.isCustomStatusFetched()).isFalse();
  }

  @Test
  void anEmptyTextIsAValue() {
    worker(code -> code.orchestrator("main", ctx -> ctx.setCustomStatus("")));

    OrchestrationMetadata end = completed(start("main"));

    assertThat(end.isCustomStatusFetched()).isTrue();
    assertThat(end.readCustomStatusAs(String.class)).isEmpty();
  }

  @Test
  void whoSetsNoneHasNone() {
    worker(code -> code.orchestrator("empty", ctx -> {}));

    assertThat(completed(start("empty")).isCustomStatusFetched()).isFalse();
  }
}
