package dev.perdure.functions.settings;

import java.io.File;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes settings visible to {@link System#getenv} in this process, where apps look for them. Java
 * has no way to do that, so this changes the map behind it, which needs {@code --add-opens
 * java.base/java.util=ALL-UNNAMED} and on Windows {@code java.base/java.lang} as well. Processes
 * that an app starts need not see the settings. Meant to be done once, before the app runs: an app
 * that reads the environment at the same moment may or may not see a setting.
 */
public final class ProcessEnvironment implements AutoCloseable {
  private final @Nullable List<Map<String, String>> maps;
  private final Map<String, String> added;

  private ProcessEnvironment(@Nullable List<Map<String, String>> maps, Map<String, String> added) {
    this.maps = maps;
    this.added = added;
  }

  /**
   * Adds settings that the environment does not have, in whatever case; those that it has stay as
   * they are.
   */
  public static ProcessEnvironment add(Settings settings) {
    TreeSet<String> there = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    there.addAll(System.getenv().keySet());
    Map<String, String> added = new HashMap<>();
    settings
        .all()
        .forEach(
            (name, value) -> {
              if (isPossible(name, value) && !there.contains(name)) {
                added.put(name, value);
              }
            });
    List<Map<String, String>> maps = writableMaps();
    if (maps != null) {
      maps.forEach(map -> map.putAll(added));
    }
    return new ProcessEnvironment(maps, added);
  }

  /**
   * Whether the settings can be seen. If not, this JVM has been started without the options above;
   * tell the user.
   */
  public boolean isVisible() {
    return maps != null;
  }

  /** Takes away what has been added. */
  @Override
  public void close() {
    if (maps != null) {
      maps.forEach(map -> added.keySet().forEach(map::remove));
    }
  }

  private static boolean isPossible(String name, String value) {
    return !name.isEmpty()
        && name.indexOf('=') < 0
        && name.indexOf('\0') < 0
        && value.indexOf('\0') < 0;
  }

  /** The maps that System.getenv reads; null if they cannot be reached. */
  @SuppressWarnings("unchecked")
  private static @Nullable List<Map<String, String>> writableMaps() {
    try {
      Map<String, String> view = System.getenv();
      List<Map<String, String>> maps = new ArrayList<>();
      maps.add((Map<String, String>) field(view.getClass(), "m").get(view));
      if (File.separatorChar == '\\') {
        Class<?> type = Class.forName("java.lang.ProcessEnvironment");
        maps.add((Map<String, String>) field(type, "theCaseInsensitiveEnvironment").get(null));
      }
      return maps;
    } catch (ReflectiveOperationException | RuntimeException e) {
      return null;
    }
  }

  private static Field field(Class<?> type, String name) throws NoSuchFieldException {
    Field field = type.getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }
}
