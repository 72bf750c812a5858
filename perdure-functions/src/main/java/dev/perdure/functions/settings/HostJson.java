package dev.perdure.functions.settings;

import dev.perdure.functions.definition.RetryPolicies;
import dev.perdure.functions.definition.RetryPolicy;
import dev.perdure.functions.settings.HostJsonKeys.Effect;
import dev.perdure.functions.settings.HostJsonKeys.KnownKey;
import dev.perdure.functions.settings.HostJsonKeys.ValueKind;
import dev.perdure.functions.settings.HostSettings.DurableTask;
import dev.perdure.functions.settings.HostSettings.Http;
import dev.perdure.functions.text.InvalidFileException;
import dev.perdure.functions.text.JsonFile;
import dev.perdure.functions.text.Similar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads host.json, and the settings {@code AzureFunctionsJobHost__a__b} that override the value at
 * {@code a.b} in it.
 */
public final class HostJson {
  /** The name of the file. */
  public static final String FILE = "host.json";

  private static final String VERSION = "2.0";
  private static final String LOG_LEVEL = "logging.logLevel";
  private static final String HTTP = "extensions.http.";
  private static final String DURABLE = "extensions.durableTask.";

  private final HostJsonTree tree;
  private final Settings settings;
  private final List<String> warnings = new ArrayList<>();
  private final List<String> withoutEffect = new ArrayList<>();

  private HostJson(Map<String, Object> file, Settings settings) {
    this.tree = new HostJsonTree(file, settings);
    this.settings = settings;
  }

  /**
   * What applies to an app. Keys that are unknown, or surprise by doing nothing here, become
   * warnings.
   *
   * @param root the directory with host.json; without the file, the defaults apply
   * @throws InvalidFileException if the file is no JSON, has another version than 2.0, or a value
   *     of the wrong kind; the message has the path of the key, or the name of the setting
   */
  public static HostSettings read(Path root, Settings settings) {
    Path file = root.resolve(FILE);
    boolean isThere = Files.isRegularFile(file);
    HostJson json =
        new HostJson(isThere ? JsonFile.object(file, FILE) : Map.of("version", VERSION), settings);
    if (!isThere) {
      json.warnings.add("There is no host.json in '%s'; defaults apply.".formatted(root));
    }
    return json.hostSettings();
  }

  private HostSettings hostSettings() {
    checkVersion();
    checkKeys("", tree.root());
    if (!withoutEffect.isEmpty()) {
      warnings.add(
          "These keys of host.json have no effect here: %s."
              .formatted(String.join(", ", withoutEffect)));
    }
    return new HostSettings(
        functionTimeout(),
        tree.texts("functions"),
        retry(),
        http(),
        durableTask(),
        logLevels(),
        tree.object("extensions"),
        warnings);
  }

  private void checkVersion() {
    String version = tree.text("version");
    if (version == null) {
      throw new InvalidFileException(
          "host.json has no version. Add \"version\": \"%s\".".formatted(VERSION));
    }
    if (!version.equals(VERSION)) {
      throw new InvalidFileException(
          "%s is '%s', and only '%s' is known.".formatted(tree.place("version"), version, VERSION));
    }
  }

  private void checkKeys(String above, Map<?, ?> section) {
    section.forEach(
        (name, value) -> {
          if (name != null && value != null) {
            checkKey(above, name.toString(), value);
          }
        });
  }

  private void checkKey(String above, String name, Object value) {
    String path = above.isEmpty() ? name : above + "." + name;
    KnownKey key = HostJsonKeys.key(path);
    if (key != null) {
      tree.check(key.path(), value, key.type());
      if (key.effect() == Effect.SURPRISING) {
        withoutEffect.add(key.path());
      }
    } else if (HostJsonKeys.isSection(path)) {
      tree.check(path, value, ValueKind.OBJECT);
      checkKeys(path, (Map<?, ?>) value);
    } else {
      warnings.add(
          "%s is unknown and has no effect.%s"
              .formatted(
                  tree.place(path), Similar.didYouMean(name, HostJsonKeys.namesBelow(above))));
    }
  }

  private @Nullable Duration functionTimeout() {
    Object value = tree.get("functionTimeout");
    if (value == null) {
      return HostSettings.DEFAULTS.functionTimeout();
    }
    if (value.toString().strip().equals("-1")) {
      return null;
    }
    Duration timeout = tree.span("functionTimeout", value);
    if (timeout.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new InvalidFileException(
          "%s is '%s'; it must be at least a second, or -1 for no limit."
              .formatted(tree.place("functionTimeout"), value));
    }
    return timeout;
  }

  private @Nullable RetryPolicy retry() {
    Map<String, Object> retry = tree.object("retry");
    if (retry.isEmpty()) {
      return null;
    }
    try {
      return RetryPolicies.of(retry);
    } catch (IllegalArgumentException e) {
      throw new InvalidFileException("host.json: retry: %s".formatted(e.getMessage()), e);
    }
  }

  private Map<String, LogLevel> logLevels() {
    Map<String, LogLevel> levels = new HashMap<>();
    tree.textObject(LOG_LEVEL)
        .forEach(
            (category, name) -> {
              LogLevel level = LogLevel.of(name);
              if (level == null) {
                warnings.add(
                    "%s is '%s', which is no log level, and has no effect. The levels are %s.%s"
                        .formatted(
                            tree.place(LOG_LEVEL + "." + category),
                            name,
                            String.join(", ", LogLevel.NAMES),
                            Similar.didYouMean(name, LogLevel.NAMES)));
              } else {
                levels.put(category, level);
              }
            });
    return levels;
  }

  private Http http() {
    String prefix = tree.text(HTTP + "routePrefix");
    return new Http(
        prefix == null ? Http.DEFAULTS.routePrefix() : trimmed(prefix),
        limit(HTTP + "maxOutstandingRequests"),
        limit(HTTP + "maxConcurrentRequests"),
        tree.textObject(HTTP + "customHeaders"));
  }

  private static String trimmed(String prefix) {
    return prefix.strip().replaceAll("^/+|/+$", "");
  }

  private int limit(String path) {
    Integer number = tree.number(path, -1);
    if (number == null) {
      return -1;
    }
    if (number == 0) {
      throw new InvalidFileException(
          "%s is 0, so no request would ever run; it must be at least 1, or -1 for no limit."
              .formatted(tree.place(path)));
    }
    return number;
  }

  private DurableTask durableTask() {
    return new DurableTask(
        hubName(),
        tree.number(DURABLE + "maxConcurrentActivityFunctions", 1),
        tree.number(DURABLE + "maxConcurrentOrchestratorFunctions", 1),
        tree.number(DURABLE + "maxConcurrentEntityFunctions", 1),
        replacesAnyState(),
        notBlank(tree.text(DURABLE + "defaultVersion")),
        tree.flag(DURABLE + "httpSettings.useForwardedHost"));
  }

  private @Nullable String hubName() {
    String name = notBlank(tree.text(DURABLE + "hubName"));
    try {
      return name == null ? null : settings.resolve(name);
    } catch (MissingSettingException e) {
      throw new InvalidFileException(
          "%s: %s".formatted(tree.place(DURABLE + "hubName"), e.getMessage()), e);
    }
  }

  private boolean replacesAnyState() {
    String path = DURABLE + "overridableExistingInstanceStates";
    String states = tree.text(path);
    if (states == null) {
      return DurableTask.DEFAULTS.replacesAnyState();
    }
    return switch (states.strip().toLowerCase(Locale.ROOT)) {
      case "anystate" -> true;
      case "nonrunningstates" -> false;
      default ->
          throw new InvalidFileException(
              "%s is '%s'; it must be NonRunningStates or AnyState."
                  .formatted(tree.place(path), states));
    };
  }

  private static @Nullable String notBlank(@Nullable String text) {
    return text == null || text.isBlank() ? null : text.strip();
  }
}
