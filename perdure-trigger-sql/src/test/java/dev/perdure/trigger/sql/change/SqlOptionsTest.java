package dev.perdure.trigger.sql.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.InvalidTriggerException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options of SQL triggers. */
class SqlOptionsTest {
  private static SqlOptions options(Map<String, Object> json, Map<String, String> settings) {
    HostSettings defaults = HostSettings.DEFAULTS;
    return SqlOptions.of(
        new HostSettings(
            defaults.functionTimeout(),
            List.of(),
            null,
            defaults.http(),
            defaults.durableTask(),
            Map.of(),
            Map.of("sql", json),
            List.of()),
        Settings.of(settings));
  }

  @Test
  void defaultsAreThoseOfTheReference() {
    assertThat(SqlOptions.of(HostSettings.DEFAULTS, Settings.NONE))
        .isEqualTo(new SqlOptions(100, Duration.ofSeconds(1), Duration.ofSeconds(30)));
  }

  @Test
  void settingsWinOverHostJsonAndNewNamesOverOldOnes() {
    Map<String, Object> json =
        Map.of("MaxBatchSize", 7, "pollingIntervalMs", 200, "appLockTimeoutMs", 1000);
    assertThat(options(json, Map.of()))
        .isEqualTo(new SqlOptions(7, Duration.ofMillis(200), Duration.ofSeconds(1)));
    assertThat(options(json, Map.of("Sql_Trigger_BatchSize", "8")).maxBatchSize()).isEqualTo(8);
    assertThat(
            options(json, Map.of("Sql_Trigger_BatchSize", "8", "Sql_Trigger_MaxBatchSize", "9"))
                .maxBatchSize())
        .isEqualTo(9);
  }

  @ParameterizedTest
  @CsvSource({
    "maxBatchSize, 0",
    "pollingIntervalMs, 99",
    "maxChangesPerWorker, 0",
    "appLockTimeoutMs, 999",
    "maxBatchSize, many"
  })
  void whatIsOutOfBoundsIsRefused(String name, String value) {
    assertThatThrownBy(() -> options(Map.of(name, value), Map.of()))
        .isInstanceOf(InvalidTriggerException.class)
        .hasMessageContaining("extensions.sql." + name);
    String setting = "Sql_Trigger_" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
    assertThatThrownBy(() -> options(Map.of(), Map.of(setting, value)))
        .isInstanceOf(InvalidTriggerException.class)
        .hasMessageContaining(setting);
  }
}
