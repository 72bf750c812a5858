package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.FunctionNotFoundException;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.StartOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import org.junit.jupiter.api.Test;

class VersionsTest extends Scenarios {

  /** Two versions side by side. */
  public static class Orders {
    @Orchestrator(name = "order", version = "1")
    public String first(OrchestrationContext ctx) {
      return "first, " + ctx.version();
    }

    @Orchestrator(name = "order", version = "2")
    public String second(OrchestrationContext ctx) {
      return "second, " + ctx.version();
    }
  }

  private static StartOptions version(String version) {
    return StartOptions.DEFAULT.withVersion(version);
  }

  @Test
  void anInstanceRunsOnTheCodeOfItsVersion() {
    TestHub hub = hub(f -> f.register(new Orders()));

    String one = hub.client().startNew("order", null, version("1"));
    String two = hub.client().startNew("order", null, version("2"));

    assertThat(hub.output(one, String.class)).isEqualTo("first, 1");
    assertThat(hub.output(two, String.class)).isEqualTo("second, 2");
    assertThat(hub.status(two).version()).isEqualTo("2");
  }

  @Test
  void codeWithoutAVersionServesAllAndMayBranch() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "order", ctx -> ctx.version().compareTo("2") < 0 ? "old way" : "new way"));

    assertThat(hub.output(hub.client().startNew("order", null, version("1")), String.class))
        .isEqualTo("old way");
    assertThat(hub.output(hub.client().startNew("order", null, version("3")), String.class))
        .isEqualTo("new way");
    assertThat(hub.output(hub.client().startNew("order"), String.class)).isEqualTo("old way");
  }

  @Test
  void aVersionThatNobodyRegisteredCannotBeStarted() {
    TestHub hub = hub(f -> f.register(new Orders()));

    assertThatThrownBy(() -> hub.client().startNew("order", null, version("3")))
        .isInstanceOf(FunctionNotFoundException.class)
        .hasMessageContaining("order")
        .hasMessageContaining("3");
    assertThatThrownBy(() -> hub.client().startNew("order"))
        .isInstanceOf(FunctionNotFoundException.class);
  }

  @Test
  void theDefaultVersionIsThatOfOrchestrationsStartedWithoutOne() {
    TestHub hub = hub(options -> options.withDefaultVersion("2"), f -> f.register(new Orders()));

    assertThat(hub.run("order", null, String.class)).isEqualTo("second, 2");
    assertThat(hub.output(hub.client().startNew("order", null, version("1")), String.class))
        .isEqualTo("first, 1");
  }

  @Test
  void runningInstancesKeepTheirVersionWhenANewOneIsDeployed() {
    TestHub hub = hub(VersionsTest::onlyTheFirst);
    String id = hub.start("order", null, version("1"));

    hub.restartProgram(
        f ->
            onlyTheFirst(f)
                .orchestrator(
                    "order", "2", ctx -> ctx.callActivity("x", null, String.class).await())
                .activity("x", () -> "second"));
    String next = hub.client().startNew("order", null, version("2"));
    hub.client().raiseEvent(id, "go");

    assertThat(hub.output(id, String.class)).isEqualTo("first");
    assertThat(hub.output(next, String.class)).isEqualTo("second");
  }

  private static FunctionRegistry.Builder onlyTheFirst(FunctionRegistry.Builder functions) {
    return functions.orchestrator(
        "order",
        "1",
        ctx -> {
          ctx.waitForExternalEvent("go", Void.class).await();
          return "first";
        });
  }
}
