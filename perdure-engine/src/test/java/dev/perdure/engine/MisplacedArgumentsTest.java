package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.RetryPolicy;
import dev.perdure.api.StartOptions;
import dev.perdure.api.TaskOptions;
import dev.perdure.api.TypeRef;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What compiles because values are Objects, and cannot be meant. */
class MisplacedArgumentsTest extends Scenarios {
  private static final TypeRef<List<String>> TEXTS = new TypeRef<>() {};

  @Test
  void anOrchestratorIsToldWhatItPassedAsAValue() {
    Map<Consumer<OrchestrationContext>, String> mistakes = new LinkedHashMap<>();
    mistakes.put(
        ctx -> ctx.callActivity("x", String.class),
        "callActivity('x'): you passed the class java.lang.String as the input. If there is no"
            + " input, use callActivity(name, null, X.class).");
    mistakes.put(ctx -> ctx.callActivity("x", TEXTS), "the TypeRef of java.util.List");
    mistakes.put(ctx -> ctx.callActivity("x", TEXTS.type()), "the type java.util.List");
    mistakes.put(
        ctx -> ctx.callActivity("x", TaskOptions.NONE), "callActivity(name, input, options)");
    mistakes.put(
        ctx -> ctx.callActivity("x", RetryPolicy.of(2, Duration.ZERO), String.class),
        "TaskOptions.retry(policy)");
    mistakes.put(
        ctx -> ctx.callSubOrchestrator("x", String.class),
        "callSubOrchestrator(name, null, X.class)");
    mistakes.put(ctx -> ctx.sendEvent("id", "e", String.class), "sendEvent('e')");
    mistakes.put(ctx -> ctx.setCustomStatus(String.class), "as the status");
    mistakes.put(ctx -> ctx.continueAsNew(String.class), "continueAsNew: you passed");
    mistakes.forEach(
        (mistake, told) -> {
          TestHub hub =
              hub(
                  f ->
                      f.orchestrator(
                          "main",
                          ctx -> {
                            mistake.accept(ctx);
                            return null;
                          }));
          FailureDetails failure = hub.failure(hub.client().startNew("main"));
          assertThat(failure.errorType()).isEqualTo(IllegalArgumentException.class.getName());
          assertThat(failure.message()).contains(told);
        });
  }

  @Test
  void anOrchestratorThatReturnsATaskIsToldToWaitForIt() {
    TestHub hub = hub(f -> f.orchestrator("main", ctx -> ctx.createTimer(Duration.ZERO)));

    FailureDetails failure = hub.failure(hub.client().startNew("main"));

    assertThat(failure.message())
        .contains("'main' has returned a Task as its output", "task.await()");
  }

  @Test
  void aClientIsToldWhatItPassedAsAValue() {
    TestHub hub = hub(f -> f.orchestrator("main", ctx -> ctx.waitForExternalEvent("e").await()));
    String id = hub.start("main");

    assertThatThrownBy(() -> hub.client().startNew("main", StartOptions.id("mine")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("StartOptions", "startNew(name, null, options)");
    assertThatThrownBy(() -> hub.client().startNew("main", String.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("java.lang.String", "metadata.output(X.class)");
    assertThatThrownBy(() -> hub.client().raiseEvent(id, "e", TEXTS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("raiseEvent('e')", "as the payload");
    hub.client().raiseEvent(id, "e");
    assertThat(hub.output(id, Object.class)).isNull();
  }
}
