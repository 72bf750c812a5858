package dev.perdure.trigger.sql.change;

import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.ExtensionOptions;
import dev.perdure.functions.trigger.InvalidTriggerException;
import java.time.Duration;

/**
 * Options of SQL triggers: {@code extensions.sql} in host.json, and settings over it.
 *
 * @param maxBatchSize how many rows a function gets at most in one run
 * @param pollingInterval the time between two looks for changes, where they have to be looked for
 * @param appLockTimeout how long to wait for other hosts at the same tables of SQL Server
 */
public record SqlOptions(int maxBatchSize, Duration pollingInterval, Duration appLockTimeout) {
  /**
   * Reads the options.
   *
   * @throws InvalidTriggerException if one is wrong
   */
  public static SqlOptions of(HostSettings host, Settings settings) {
    ExtensionOptions json = ExtensionOptions.of(host, "sql");
    // Of no use here, since a host does not scale itself; but wrong is wrong.
    int unused =
        option(json, settings, 1000, 1, "maxChangesPerWorker", "Sql_Trigger_MaxChangesPerWorker");
    return new SqlOptions(
        option(
            json,
            settings,
            100,
            1,
            "maxBatchSize",
            "Sql_Trigger_MaxBatchSize",
            "Sql_Trigger_BatchSize"),
        Duration.ofMillis(
            option(
                json, settings, 1000, 100, "pollingIntervalMs", "Sql_Trigger_PollingIntervalMs")),
        Duration.ofMillis(
            option(
                json, settings, 30_000, 1000, "appLockTimeoutMs", "Sql_Trigger_AppLockTimeoutMs")));
  }

  private static int option(
      ExtensionOptions json,
      Settings settings,
      int otherwise,
      int least,
      String name,
      String... overrides) {
    for (String override : overrides) {
      String value = settings.get(override);
      if (value != null && !value.isBlank()) {
        return number(override, value.strip(), least);
      }
    }
    return json.number(name, otherwise, least, Integer.MAX_VALUE);
  }

  private static int number(String setting, String value, int least) {
    try {
      int number = Integer.parseInt(value);
      if (number >= least) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw wrong(setting, least);
    }
    throw wrong(setting, least);
  }

  private static InvalidTriggerException wrong(String setting, int least) {
    return new InvalidTriggerException(
        "The setting %s has to be a whole number from %d on.".formatted(setting, least));
  }
}
