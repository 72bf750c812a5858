package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.InstanceQuery;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Problem;
import dev.perdure.api.StartOptions;
import org.junit.jupiter.api.Test;

/** Invariant 7: managing an instance never needs its code. */
class AdminWithoutCodeTest extends Scenarios {
  private TestHub hubWithoutItsCode(String id) {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "gone", ctx -> ctx.waitForExternalEvent("go", String.class).await()));
    hub.client().startNew("gone", null, StartOptions.id(id));
    hub.untilWaitingFor(id, "external event 'go'");
    hub.restartProgram(f -> f.orchestrator("other", ctx -> null));
    return hub;
  }

  @Test
  void anInstanceWhoseCodeIsGoneCanBeLookedAtPausedEndedAndRemoved() {
    TestHub hub = hubWithoutItsCode("i");

    assertThat(hub.status("i").status()).isEqualTo(OrchestrationStatus.RUNNING);
    assertThat(hub.client().explain("i").summary()).contains("external event 'go'");
    assertThat(hub.client().history("i")).isNotEmpty();
    assertThat(hub.client().query(InstanceQuery.ALL).instances()).hasSize(1);
    hub.client().suspend("i", "while the code is away");
    hub.client().resume("i", null);
    hub.client().terminate("i", "it never came back");

    assertThat(hub.end("i").status()).isEqualTo(OrchestrationStatus.TERMINATED);
    assertThat(hub.client().purge("i")).isTrue();
    assertThat(hub.client().status("i")).isEmpty();
  }

  @Test
  void anInstanceThatWasSetAsideForItCanBeExplainedAndEnded() {
    TestHub hub = hubWithoutItsCode("i");
    hub.client().raiseEvent("i", "go", "now");
    hub.until("it is set aside", () -> hub.status("i").problem() != null);

    assertThat(hub.status("i").problem())
        .extracting(Problem::kind)
        .isEqualTo(Problem.Kind.FUNCTION_NOT_FOUND);
    assertThat(hub.client().explain("i").summary()).contains("set aside").contains("gone");
    hub.client().terminate("i", null);

    assertThat(hub.end("i").status()).isEqualTo(OrchestrationStatus.TERMINATED);
  }
}
