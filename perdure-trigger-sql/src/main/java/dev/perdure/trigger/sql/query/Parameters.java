package dev.perdure.trigger.sql.query;

import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.BindingTemplate;
import dev.perdure.functions.trigger.InvalidTriggerException;
import dev.perdure.functions.trigger.Invocation;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an input says of its parameters: {@code @name={expression},@other=value}. The word {@code
 * null} means NULL. Immutable.
 */
final class Parameters {
  private final Map<String, BindingTemplate> values;

  private Parameters(Map<String, BindingTemplate> values) {
    this.values = values;
  }

  /**
   * Reads them.
   *
   * @param function the name of the function whose binding they are
   * @throws InvalidTriggerException if they are of another form
   */
  static Parameters parse(
      @Nullable String text, String function, Settings settings, InstantSource clock) {
    Map<String, BindingTemplate> values = new LinkedHashMap<>();
    for (String pair : split(text == null ? "" : text)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? "" : pair.substring(0, equals).strip();
      if (!name.startsWith("@") || name.length() == 1) {
        throw new InvalidTriggerException(
            "parameters are wrong: write them as @name=value,@other=value.");
      }
      values.put(
          name.substring(1).toLowerCase(Locale.ROOT),
          BindingTemplate.of(pair.substring(equals + 1).strip(), function, settings, clock));
    }
    return new Parameters(values);
  }

  /** Parts between commas that stand outside of braces. */
  private static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int begin = 0;
    for (int i = 0; i <= text.length(); i++) {
      char c = i == text.length() ? ',' : text.charAt(i);
      if (c == '{') {
        depth++;
      } else if (c == '}') {
        depth--;
      } else if (c == ',' && (depth <= 0 || i == text.length())) {
        String part = text.substring(begin, i).strip();
        if (!part.isEmpty()) {
          parts.add(part);
        }
        begin = i + 1;
      }
    }
    return parts;
  }

  /** Their names, in lower case and without the at sign, in order. */
  Set<String> names() {
    return Collections.unmodifiableSet(values.keySet());
  }

  /**
   * The values for one run; null for NULL, which is also what has no value, such as a null of JSON.
   *
   * @throws IllegalArgumentException if an expression names something that is not known
   */
  Map<String, @Nullable String> fill(Invocation invocation) {
    Map<String, @Nullable String> filled = new LinkedHashMap<>();
    for (Map.Entry<String, BindingTemplate> value : values.entrySet()) {
      String text = value.getValue().fillOrNull(invocation);
      filled.put(value.getKey(), text == null || text.equalsIgnoreCase("null") ? null : text);
    }
    return filled;
  }
}
