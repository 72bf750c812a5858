package dev.perdure.functions.definition;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AppDefinitionTest {
  private static final AppProblem BROKEN = new AppProblem("Broken", "broken");
  private static final AppProblem GENERAL = new AppProblem(null, "general");
  private static final AppDefinition APP =
      new AppDefinition(
          List.of(function("Hello"), function("Other")),
          List.of("app.D"),
          List.of(BROKEN, GENERAL));

  @Test
  void withoutNamesAllFunctionsAreLoaded() {
    assertThat(APP.only(List.of())).isSameAs(APP);
  }

  @Test
  void onlyNamedFunctionsAreLoaded() {
    AppDefinition only = APP.only(List.of("hello"));

    assertThat(only.functions()).containsExactly(function("Hello"));
    assertThat(only.durableClasses()).containsExactly("app.D");
    assertThat(only.problems()).containsExactly(GENERAL);
    assertThat(APP.only(List.of("broken")).problems()).containsExactly(BROKEN, GENERAL);
  }

  @Test
  void aNameThatTheAppDoesNotHaveIsAProblem() {
    assertThat(APP.only(List.of("Hello", "Otherr")).problems())
        .extracting(AppProblem::message)
        .contains(
            "Only some functions are to be loaded, and one of them, 'Otherr', is not in the app. Did you mean 'Other'?");
  }

  private static FunctionDefinition function(String name) {
    return new FunctionDefinition(
        name,
        "app.Functions",
        "run",
        List.of(new Binding("httpTrigger", Direction.IN, "req", Map.of())),
        null);
  }
}
