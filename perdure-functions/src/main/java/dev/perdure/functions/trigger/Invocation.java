package dev.perdure.functions.trigger;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a function is to be run with. Immutable.
 *
 * @param value the value of the trigger
 * @param metadata what else is known of what happened, by name; for parameters that ask for it, and
 *     for expressions in the bindings
 * @param reason why it runs, for the log
 * @param traceparent where it belongs in a trace (W3C); null if nowhere
 */
public record Invocation(
    Value value, Map<String, Value> metadata, String reason, @Nullable String traceparent) {
  /** Copies the metadata. */
  public Invocation {
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /** An invocation without metadata. */
  public static Invocation of(Value value, String reason) {
    return new Invocation(value, Map.of(), reason, null);
  }
}
