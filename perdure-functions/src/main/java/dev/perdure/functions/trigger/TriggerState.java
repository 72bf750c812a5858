package dev.perdure.functions.trigger;

import dev.perdure.api.Entity;
import org.jspecify.annotations.Nullable;

/**
 * What the task hub remembers for a trigger under a key: an entity with a text.
 *
 * @param value null if nothing was written
 */
@Entity(name = "perdure-trigger")
public record TriggerState(@Nullable String value) {
  /** Nothing. */
  public TriggerState() {
    this(null);
  }

  /** An operation: takes down the latest. */
  TriggerState write(String latest) {
    return new TriggerState(latest);
  }
}
