package dev.perdure.functions.settings;

import dev.perdure.functions.text.InvalidFileException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Brings together the settings of an app from the environment, {@code .env} and {@code
 * local.settings.json}; the first that has a setting wins.
 */
public final class SettingsLoader {
  /** Says in which language functions are written. */
  static final String RUNTIME = "FUNCTIONS_WORKER_RUNTIME";

  private static final String ENVIRONMENT = "the environment";

  /** Where options of the JVM are read, by the script that starts it. */
  private static final String JVM_OPTIONS = "PERDURE_JAVA_OPTS";

  private SettingsLoader() {}

  /**
   * The settings of an app.
   *
   * @param root the directory of the files, both of which may be missing
   * @param environment the environment of the process
   * @throws InvalidFileException if a file is wrong, or the app is written for another runtime. No
   *     message holds a value of local.settings.json or {@code .env}
   */
  public static AppSettings load(Path root, Map<String, String> environment) {
    List<String> notes = new ArrayList<>();
    Map<String, String> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    Map<String, String> origins = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    add(environment, ENVIRONMENT, values, origins, notes);
    Path dotEnv = root.resolve(DotEnvFile.NAME);
    if (Files.isRegularFile(dotEnv)) {
      add(DotEnvFile.read(dotEnv), DotEnvFile.NAME, values, origins, notes);
    }
    LocalHost host = LocalHost.DEFAULTS;
    Path local = root.resolve(LocalSettings.NAME);
    if (Files.isRegularFile(local)) {
      LocalSettings settings = LocalSettings.read(local);
      add(settings.values(), LocalSettings.NAME, values, origins, notes);
      notes.addAll(settings.notes());
      host = settings.host();
    }
    checkRuntime(values, origins);
    return new AppSettings(Settings.of(values), host, notes);
  }

  private static void add(
      Map<String, String> from,
      String origin,
      Map<String, String> values,
      Map<String, String> origins,
      List<String> notes) {
    from.forEach(
        (name, value) -> {
          String there = values.putIfAbsent(name, value);
          if (isForAnotherJvm(name, origin)) {
            notes.add(
                "%s in %s has no effect, since the host and its functions share a JVM, which runs already. Set %s in the environment that ./perdure is started in."
                    .formatted(name, origin, JVM_OPTIONS));
          }
          if (there == null) {
            origins.put(name, origin);
          } else if (!there.equals(value) && !origin.equals(ENVIRONMENT)) {
            notes.add(
                "%s in %s is skipped, because %s has it."
                    .formatted(name, origin, origins.get(name)));
          }
        });
  }

  /**
   * Whether a setting has options for a JVM that functions would have to themselves elsewhere. In
   * the environment, {@code JAVA_OPTS} is there for other programs as well.
   */
  private static boolean isForAnotherJvm(String name, String origin) {
    return name.replace("__", ":").equalsIgnoreCase("languageWorkers:java:arguments")
        || (!origin.equals(ENVIRONMENT)
            && (name.equalsIgnoreCase("JAVA_OPTS") || name.equalsIgnoreCase(JVM_OPTIONS)));
  }

  private static void checkRuntime(Map<String, String> values, Map<String, String> origins) {
    String runtime = values.get(RUNTIME);
    if (runtime != null && !runtime.isBlank() && !runtime.strip().equalsIgnoreCase("java")) {
      throw new InvalidFileException(
          "%s is '%s' (from %s), and this host runs functions in Java. Set it to java."
              .formatted(RUNTIME, runtime, origins.get(RUNTIME)));
    }
  }
}
