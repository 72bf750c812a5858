package dev.perdure.functions.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
  @Test
  void areFoundWithoutRegardToCase() {
    Settings settings = Settings.of(Map.of("MyName", "value"));

    assertThat(settings.get("MYNAME")).isEqualTo("value");
    assertThat(settings.get("other")).isNull();
  }

  @Test
  void aColonMayBeWrittenAsTwoUnderscores() {
    Settings settings = Settings.of(Map.of("a__b", "1", "c:d", "2"));

    assertThat(settings.get("a:b")).isEqualTo("1");
    assertThat(settings.get("c__d")).isEqualTo("2");
  }

  @Test
  void expressionsAreReplaced() {
    Settings settings = Settings.of(Map.of("queue", "orders$1", "n", "2"));

    assertThat(settings.resolve("%Queue%-%n%")).isEqualTo("orders$1-2");
    assertThat(settings.resolve("100%")).isEqualTo("100%");
    assertThatThrownBy(() -> settings.resolve("x-%gone%"))
        .isInstanceOf(MissingSettingException.class)
        .hasMessageStartingWith("'x-%gone%' names the setting 'gone', which does not exist.");
  }

  @Test
  void connectionsAreLookedForWithThePrefixFirst() {
    assertThat(Settings.of(Map.of("Hub", "b", "AzureWebJobsHub", "a")).connection("Hub"))
        .isEqualTo("a");
    assertThat(Settings.of(Map.of("Hub", "b", "ConnectionStrings:Hub", "a")).connection("Hub"))
        .isEqualTo("a");
    assertThat(Settings.of(Map.of("Hub", "b", "ConnectionStrings__Hub", "a")).connection("Hub"))
        .isEqualTo("a");
    assertThat(Settings.of(Map.of("Hub", "")).connection("Hub")).isNull();
  }

  @Test
  void valuesAreNotShown() {
    assertThat(Settings.of(Map.of("Key", "secret")).toString()).isEqualTo("Settings[Key]");
  }
}
