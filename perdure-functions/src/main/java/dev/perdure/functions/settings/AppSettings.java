package dev.perdure.functions.settings;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The settings of an app from all places. Immutable.
 *
 * @param settings all of them, those of the process among them
 * @param host how the host listens
 * @param notes what has been passed over and why, a sentence each; without values
 */
public record AppSettings(Settings settings, LocalHost host, List<String> notes) {
  /** Copies the list. */
  public AppSettings {
    notes = List.copyOf(notes);
  }

  /**
   * The settings with those that a host adds, unless they are there: where the app is, under which
   * name it is reached, that this is development, and that functions are in Java.
   *
   * @param root where the app is
   * @param port the port on which the host listens
   */
  public Settings in(Path root, int port) {
    Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    all.putAll(settings.all());
    all.putIfAbsent("AzureWebJobsScriptRoot", root.toString());
    all.putIfAbsent("WEBSITE_HOSTNAME", "localhost:" + port);
    all.putIfAbsent("AZURE_FUNCTIONS_ENVIRONMENT", "Development");
    all.merge(SettingsLoader.RUNTIME, "java", (old, java) -> old.isBlank() ? java : old);
    return Settings.of(all);
  }
}
