package dev.perdure.functions.timer;

import dev.perdure.api.Entity;
import dev.perdure.api.EntityId;
import org.jspecify.annotations.Nullable;

/**
 * What the task hub remembers of a timer function, so that missed runs are noticed: an entity whose
 * key is the function's name.
 *
 * <p>It changes after a run, not before: whoever reads it learns of the last run that has come to
 * an end. If the host dies in the middle of a run, {@code next} is still the time at which that run
 * was due, so that the run is repeated, as one past due, when a host starts again.
 *
 * @param status null if nothing is known
 */
@Entity(name = "perdure-timer")
public record TimerState(@Nullable TimerStatus status) {
  /** What is known of a timer that has just come into being: nothing. */
  public TimerState() {
    this(null);
  }

  /** The entity that belongs to a function. */
  static EntityId idOf(String function) {
    return EntityId.of(TimerState.class, function);
  }

  /** An operation: takes down where the timer stands. */
  TimerState update(TimerStatus latest) {
    return new TimerState(latest);
  }
}
