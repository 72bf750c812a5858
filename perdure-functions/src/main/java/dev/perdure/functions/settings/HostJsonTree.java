package dev.perdure.functions.settings;

import dev.perdure.functions.settings.HostJsonKeys.ValueKind;
import dev.perdure.functions.text.InvalidFileException;
import dev.perdure.functions.text.TimeSpans;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The values of host.json and of the settings that override them, by paths with dots in whatever
 * case. Knows where each comes from, for messages.
 */
final class HostJsonTree {
  private static final String FILE = "host.json";
  private static final String PREFIX = "AzureFunctionsJobHost";

  private final Map<String, Object> root = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  /** Names of settings by the path that they override. */
  private final Map<String, String> overrides = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  HostJsonTree(Map<String, Object> file, Settings settings) {
    file.forEach((name, value) -> root.put(name, anyCase(value)));
    settings
        .all()
        .forEach(
            (name, value) -> {
              List<String> path = pathOf(name);
              if (!path.isEmpty()) {
                overrides.put(String.join(".", path), name);
                override(path, value, name);
              }
            });
  }

  /** The names on the way to what a setting overrides; empty if it overrides nothing. */
  private static List<String> pathOf(String setting) {
    String[] names = setting.split("__|:", -1);
    if (names.length < 2 || !names[0].equalsIgnoreCase(PREFIX)) {
      return List.of();
    }
    List<String> path = List.of(names).subList(1, names.length);
    return path.contains("") ? List.of() : path;
  }

  @SuppressWarnings("unchecked")
  private void override(List<String> path, String value, String setting) {
    Map<String, Object> section = root;
    for (int i = 0; i < path.size() - 1; i++) {
      String name = path.get(i);
      if (!section.containsKey(name)) {
        section.put(name, emptySection());
        overrides.put(String.join(".", path.subList(0, i + 1)), setting);
      }
      Object below = section.get(name);
      if (below instanceof List<?> list) {
        below = byIndex(list);
        section.put(name, below);
      }
      if (!(below instanceof Map<?, ?>)) {
        throw new InvalidFileException(
            "The setting %s cannot override something in host.json: '%s' is no object there."
                .formatted(setting, name));
      }
      section = (Map<String, Object>) below;
    }
    section.put(path.getLast(), value);
  }

  private static Map<String, Object> emptySection() {
    return new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  }

  private static Map<String, Object> byIndex(List<?> list) {
    Map<String, Object> map = emptySection();
    for (int i = 0; i < list.size(); i++) {
      map.put(String.valueOf(i), list.get(i));
    }
    return map;
  }

  private static Object anyCase(Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      return value;
    }
    Map<String, Object> copy = emptySection();
    map.forEach((name, below) -> copy.put(String.valueOf(name), anyCase(below)));
    return copy;
  }

  /** What stands at the top. */
  Map<String, Object> root() {
    return root;
  }

  /** The value at a path; null if there is none. */
  @Nullable Object get(String path) {
    Object value = root;
    for (String name : path.split("\\.", -1)) {
      value = value instanceof Map<?, ?> map ? map.get(name) : null;
    }
    return value;
  }

  /** The text at a path; null if there is none. */
  @Nullable String text(String path) {
    Object value = get(path);
    if (value instanceof Map<?, ?> || value instanceof List<?>) {
      throw wrong(path, value, ValueKind.TEXT);
    }
    return value == null ? null : value.toString();
  }

  /** Whether it says true at a path; false if there is nothing. */
  boolean flag(String path) {
    Object value = get(path);
    if (value == null) {
      return false;
    }
    String text = value.toString().strip();
    if (!text.equalsIgnoreCase("true") && !text.equalsIgnoreCase("false")) {
      throw wrong(path, value, ValueKind.FLAG);
    }
    return Boolean.parseBoolean(text);
  }

  /** The number at a path; null if there is none. */
  @Nullable Integer number(String path, int least) {
    Object value = get(path);
    if (value == null) {
      return null;
    }
    int number;
    try {
      number = Integer.parseInt(value.toString().strip());
    } catch (NumberFormatException e) {
      throw wrong(path, value, ValueKind.NUMBER);
    }
    if (number < least) {
      throw new InvalidFileException(
          "%s is %d; it must be at least %d.".formatted(place(path), number, least));
    }
    return number;
  }

  /** The span of time that a value at a path means. */
  Duration span(String path, Object value) {
    if (!(value instanceof String text)) {
      throw wrong(path, value, ValueKind.SPAN);
    }
    try {
      return TimeSpans.parse(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidFileException("%s: %s".formatted(place(path), e.getMessage()), e);
    }
  }

  /**
   * The texts at a path, those of an array or of settings with indexes; empty if there are none.
   */
  List<String> texts(String path) {
    Object value = get(path);
    if (value == null) {
      return List.of();
    }
    List<Object> elements = new ArrayList<>();
    if (value instanceof List<?> list) {
      elements.addAll(list);
    } else if (value instanceof Map<?, ?> map) {
      Map<Integer, Object> inOrder = new TreeMap<>();
      map.forEach((index, element) -> inOrder.put(index(path, value, index), element));
      elements.addAll(inOrder.values());
    } else {
      throw wrong(path, value, ValueKind.TEXTS);
    }
    List<String> texts = new ArrayList<>();
    for (Object element : elements) {
      if (!(element instanceof String text)) {
        throw wrong(path, value, ValueKind.TEXTS);
      }
      texts.add(text);
    }
    return texts;
  }

  private int index(String path, Object value, @Nullable Object index) {
    try {
      return Integer.parseInt(String.valueOf(index));
    } catch (NumberFormatException e) {
      throw wrong(path, value, ValueKind.TEXTS);
    }
  }

  /** The object at a path; empty if there is none. */
  Map<String, Object> object(String path) {
    Object value = get(path);
    if (value == null) {
      return Map.of();
    }
    if (!(value instanceof Map<?, ?> map)) {
      throw wrong(path, value, ValueKind.OBJECT);
    }
    Map<String, Object> object = new LinkedHashMap<>();
    map.forEach((name, below) -> object.put(String.valueOf(name), below));
    return object;
  }

  /** The texts by name in the object at a path. */
  Map<String, String> textObject(String path) {
    Map<String, String> texts = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    object(path)
        .forEach(
            (name, value) -> {
              if (value instanceof Map<?, ?> || value instanceof List<?>) {
                throw wrong(path + "." + name, value, ValueKind.TEXT);
              }
              texts.put(name, value.toString());
            });
    return texts;
  }

  /** Fails if a value is not what must stand at its path. */
  void check(String path, Object value, ValueKind type) {
    boolean right =
        switch (type) {
          case TEXT -> !(value instanceof Map<?, ?> || value instanceof List<?>);
          case FLAG -> value.toString().matches("(?i)\\s*(true|false)\\s*");
          case NUMBER -> value.toString().matches("\\s*-?\\d{1,18}\\s*");
          case SPAN -> !span(path, value).isNegative();
          case TEXTS -> value instanceof List<?> || value instanceof Map<?, ?>;
          case OBJECT -> value instanceof Map<?, ?>;
          case ANY -> true;
        };
    if (!right) {
      throw wrong(path, value, type);
    }
  }

  private InvalidFileException wrong(String path, Object value, ValueKind type) {
    return new InvalidFileException(
        "%s is %s; it must be %s.".formatted(place(path), kind(value), type.description()));
  }

  private static String kind(Object value) {
    if (value instanceof Map<?, ?>) {
      return "an object";
    }
    return value instanceof List<?> ? "an array" : "'" + value + "'";
  }

  /** Where a value is written: a path in the file, or a setting. */
  String place(String path) {
    String setting = overrides.get(path);
    return setting == null ? FILE + ": " + path : "The setting " + setting;
  }
}
