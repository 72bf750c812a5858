package dev.perdure.functions.settings;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The settings of an app: texts that are found by name, without regard to case. Immutable. Never
 * shows values, which are secrets as often as not.
 */
public final class Settings {
  /** No settings. */
  public static final Settings NONE = new Settings(Map.of());

  private static final Pattern EXPRESSION = Pattern.compile("%([^%]+)%");

  private final Map<String, String> values;

  private Settings(Map<String, String> values) {
    Map<String, String> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    copy.putAll(values);
    this.values = Collections.unmodifiableMap(copy);
  }

  /** Settings with these values. */
  public static Settings of(Map<String, String> values) {
    return new Settings(values);
  }

  /**
   * The value of a setting; null if there is none. A colon in a name may be written as two
   * underscores, because names in environments cannot have one, and the other way round.
   */
  public @Nullable String get(String name) {
    String value = values.get(name);
    if (value == null && name.contains(":")) {
      value = values.get(name.replace(":", "__"));
    }
    if (value == null && name.contains("__")) {
      value = values.get(name.replace("__", ":"));
    }
    return value;
  }

  /** Whether a setting says {@code true} or {@code 1}. */
  public boolean flag(String name) {
    String value = get(name);
    return value != null && (value.strip().equalsIgnoreCase("true") || value.strip().equals("1"));
  }

  /** All names and values, in order of the names. */
  public Map<String, String> all() {
    return values;
  }

  /**
   * A text in which every {@code %NAME%} is replaced by the setting of that name.
   *
   * @throws MissingSettingException if there is none
   */
  public String resolve(String text) {
    Matcher matcher = EXPRESSION.matcher(text);
    StringBuilder resolved = new StringBuilder();
    while (matcher.find()) {
      String value = get(matcher.group(1));
      if (value == null) {
        throw new MissingSettingException(matcher.group(1), text);
      }
      matcher.appendReplacement(resolved, Matcher.quoteReplacement(value));
    }
    return matcher.appendTail(resolved).toString();
  }

  /**
   * The value that an attribute such as {@code connection} means, which holds a name: that of the
   * setting {@code AzureWebJobs} and the name, else that of the name; of connection strings before
   * others.
   *
   * @return null if there is none
   */
  public @Nullable String connection(String name) {
    for (String full : new String[] {"AzureWebJobs" + name, name}) {
      for (String place : new String[] {"ConnectionStrings:", ""}) {
        String value = get(place + full);
        if (value != null && !value.isEmpty()) {
          return value;
        }
      }
    }
    return null;
  }

  @Override
  public String toString() {
    return "Settings" + values.keySet();
  }
}
