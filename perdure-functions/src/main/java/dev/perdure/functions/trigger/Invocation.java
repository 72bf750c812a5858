package dev.perdure.functions.trigger;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.perdure.api.TraceContext;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a function is to be run with. Immutable.
 *
 * @param value the value of the trigger
 * @param metadata what else is known of what happened, by name; for parameters that ask for it, and
 *     for expressions in the bindings
 * @param reason why it runs, for the log
 * @param trace where it belongs in a trace; null if nowhere
 */
public record Invocation(
    Value value, Map<String, Value> metadata, String reason, @Nullable TraceContext trace) {
  /** Copies the metadata. */
  public Invocation {
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /**
   * What is known by a name: what the metadata has, or else a property at the top of a value that
   * is a JSON object. Null if that is nothing.
   */
  public @Nullable Value named(String name) {
    Value known = metadata.get(name);
    if (known != null) {
      return known;
    }
    JsonObject properties = JsonProperties.of(value);
    JsonElement property = properties == null ? null : properties.get(name);
    return property == null ? null : JsonProperties.value(property);
  }

  /** The names of all that {@link #named} knows. */
  public Set<String> names() {
    Set<String> names = new TreeSet<>(metadata.keySet());
    JsonObject properties = JsonProperties.of(value);
    if (properties != null) {
      names.addAll(properties.keySet());
    }
    return names;
  }

  /** An invocation without metadata. */
  public static Invocation of(Value value, String reason) {
    return new Invocation(value, Map.of(), reason, null);
  }
}
