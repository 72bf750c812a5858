package dev.perdure.functions.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DisabledFunctionsTest {
  @ParameterizedTest
  @CsvSource({
    "AzureWebJobs.ToDo.Disabled, true, true",
    "AzureWebJobs.ToDo.Disabled, TRUE, true",
    "AzureWebJobs.ToDo.Disabled, 1, true",
    "AzureWebJobs.ToDo.Disabled, 0, false",
    "AzureWebJobs.ToDo.Disabled, false, false",
    "AzureWebJobs.ToDo.Disabled, '', false",
    "AzureWebJobs.ToDo.Disabled, yes, false",
    "azurewebjobs.todo.disabled, true, true",
    "AzureWebJobs_ToDo_Disabled, true, true",
    "AzureWebJobs.ToDo.Disable, true, true",
    "AzureWebJobs_ToDo_Disable, 1, true",
    "AzureWebJobs.Other.Disabled, true, false",
    "AzureWebJobs.ToDo_Disabled, true, false",
    "AzureWebJobsStorage, true, false"
  })
  void aSettingSwitchesAFunctionOff(String key, String value, boolean disabled) {
    assertThat(disabled(Map.of(key, value)).contains("ToDo")).isEqualTo(disabled);
  }

  @Test
  void namesMayHaveUnderscores() {
    assertThat(
            disabled(Map.of("AzureWebJobs_IoTHub_Trigger_Disabled", "1"))
                .contains("IoTHub_Trigger"))
        .isTrue();
  }

  @Test
  void theRightKeyWinsOverTheMistakenOne() {
    assertThat(
            disabled(
                    Map.of(
                        "AzureWebJobs.ToDo.Disabled", "false", "AzureWebJobs.ToDo.Disable", "true"))
                .contains("ToDo"))
        .isFalse();
  }

  @Test
  void whatCanComeFromTheEnvironmentWinsOverWhatIsInAFile() {
    assertThat(
            disabled(
                    Map.of(
                        "AzureWebJobs.ToDo.Disabled",
                        "true",
                        "AzureWebJobs_ToDo_Disabled",
                        "false"))
                .contains("ToDo"))
        .isFalse();
  }

  @Test
  void mistakesAreNoted() {
    assertThat(
            disabled(
                    Map.of(
                        "AzureWebJobs.ToDo.Disable", "true",
                        "AzureWebJobs.Hello.Disabled", "yes",
                        "AzureWebJobs.Helo.Disabled", "true"))
                .notes(List.of("ToDo", "Hello")))
        .containsExactly(
            "The setting AzureWebJobs.ToDo.Disable is understood here, but Azure ignores it; write AzureWebJobs.ToDo.Disabled.",
            "The setting AzureWebJobs.Hello.Disabled is neither true nor false, so the function runs.",
            "The setting AzureWebJobs.Helo.Disabled names a function that the app does not have. Did you mean 'Hello'?");
  }

  private static DisabledFunctions disabled(Map<String, String> settings) {
    return DisabledFunctions.of(Settings.of(settings));
  }
}
