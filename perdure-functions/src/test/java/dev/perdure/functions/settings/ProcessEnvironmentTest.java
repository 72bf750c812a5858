package dev.perdure.functions.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ProcessEnvironmentTest {
  @Test
  void settingsAreSeenUntilItIsClosed() {
    try (ProcessEnvironment environment =
        ProcessEnvironment.add(Settings.of(Map.of("PERDURE_TEST_SETTING", "value")))) {
      assertThat(environment.isVisible()).isTrue();
      assertThat(System.getenv("PERDURE_TEST_SETTING")).isEqualTo("value");
      assertThat(System.getenv()).containsEntry("PERDURE_TEST_SETTING", "value");
    }
    assertThat(System.getenv("PERDURE_TEST_SETTING")).isNull();
  }

  @Test
  void whatTheEnvironmentHasStays() {
    String path = System.getenv("PATH");
    try (ProcessEnvironment environment =
        ProcessEnvironment.add(Settings.of(Map.of("Path", "other")))) {
      assertThat(environment.isVisible()).isTrue();
      assertThat(System.getenv("PATH")).isEqualTo(path);
      assertThat(System.getenv("Path")).isNotEqualTo("other");
    }
    assertThat(System.getenv("PATH")).isEqualTo(path);
  }

  @Test
  void namesThatNoEnvironmentCanHaveAreLeftOut() {
    try (ProcessEnvironment environment =
        ProcessEnvironment.add(Settings.of(Map.of("A=B", "1", "PERDURE_TEST_NUL", "\0")))) {
      assertThat(environment.isVisible()).isTrue();
      assertThat(System.getenv("A=B")).isNull();
      assertThat(System.getenv("PERDURE_TEST_NUL")).isNull();
    }
  }
}
