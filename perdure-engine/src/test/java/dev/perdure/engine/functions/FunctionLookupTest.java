package dev.perdure.engine.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.FunctionNotFoundException;
import org.junit.jupiter.api.Test;

class FunctionLookupTest {

  private final FunctionRegistry registry =
      FunctionRegistry.builder()
          .orchestrator("order", "1", ctx -> "first")
          .orchestrator("order", "2", ctx -> "second")
          .orchestrator("invoice", ctx -> "any version")
          .orchestrator("invoice", "2", ctx -> "second")
          .activity("chargeCard", () -> 1)
          .activity("chargeCash", () -> 1)
          .activity("ship", () -> 1)
          .build();

  @Test
  void anInstanceRunsOnTheCodeOfItsOwnVersion() {
    assertThat(registry.orchestrator("order", "2").version()).isEqualTo("2");
    assertThat(registry.orchestrator("invoice", "2").version()).isEqualTo("2");
  }

  @Test
  void codeWithoutAVersionServesEveryVersionThatHasNone() {
    assertThat(registry.orchestrator("invoice", "3").version()).isEmpty();
    assertThat(registry.orchestrator("invoice", "").version()).isEmpty();
  }

  @Test
  void nothingServesAVersionThatNobodyRegistered() {
    assertThat(registry.orchestrator("order", "3")).isNull();
    assertThat(registry.orchestrator("order", "")).isNull();
    assertThat(registry.hasOrchestrator("order")).isTrue();
  }

  @Test
  void namesMatchExactly() {
    assertThat(registry.orchestrator("Order", "1")).isNull();
    assertThat(registry.hasOrchestrator("Order")).isFalse();
    assertThat(registry.activity("Ship")).isNull();
  }

  @Test
  void aMissingActivityBringsTheNamesThatMayHaveBeenMeant() {
    assertThat(registry.activityNotFound("chargeCart"))
        .hasMessageContaining("No activity 'chargeCart'")
        .hasMessageContaining("Did you mean 'chargeCard' or 'chargeCash'?")
        .hasMessageContaining("@Activity");
    assertThat(registry.activityNotFound("SHIP")).hasMessageContaining("Did you mean 'ship'?");
    assertThat(registry.activityNotFound("somethingElse")).hasMessageNotContaining("Did you mean");
  }

  @Test
  void aMissingVersionBringsTheVersionsThatExist() {
    assertThat(registry.orchestratorNotFound("order", "3"))
        .hasMessageContainingAll("'order'", "'3'", "'1', '2'", "Register the code");
    assertThat(registry.orchestratorNotFound("order", ""))
        .hasMessageContainingAll("'order'", "not without a version", "'1', '2'");
  }

  @Test
  void aMissingOrchestratorBringsSimilarNames() {
    assertThat(registry.orchestratorNotFound("oder", "3"))
        .hasMessageContainingAll("'oder'", "version '3'", "Did you mean 'order'?", "@Orchestrator");
  }

  @Test
  void aFunctionOfTheOtherKindIsPointedOut() {
    assertThat(registry.activityNotFound("order")).hasMessageContaining("use callSubOrchestrator");
    assertThat(registry.orchestratorNotFound("ship", "")).hasMessageContaining("use callActivity");
  }

  @Test
  void anEmptyRegistrySaysSo() {
    assertThat(FunctionRegistry.builder().build().activityNotFound("x"))
        .hasMessageContaining("None is registered");
  }

  @Test
  void anActivityTakesThePlaceOfTheOneOfItsNameOnly() {
    ActivityFunction ship = registry.activity("ship");
    ActivityFunction other =
        FunctionRegistry.builder().activity("ship", () -> 2).build().activity("ship");
    FunctionRegistry replaced = registry.toBuilder().replace(other).build();
    assertThat(replaced.activity("ship")).isSameAs(other);
    assertThat(registry.activity("ship")).isSameAs(ship);
    assertThatThrownBy(() -> FunctionRegistry.builder().replace(other))
        .isInstanceOf(FunctionNotFoundException.class)
        .hasMessageContaining("No activity 'ship'");
  }
}
