package dev.perdure.testing;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One run of an activity in a {@link TestHub}.
 *
 * @param activity the activity's name
 * @param instanceId the orchestration that called it
 * @param taskId the id of this attempt in the history of that orchestration
 * @param attempt which attempt of a retry policy this was, counting from 1
 * @param idempotencyKey the same for all runs of one call
 * @param input what it was called with; null for none
 * @param at when it began, in the hub's time
 */
public record ActivityCall(
    String activity,
    String instanceId,
    int taskId,
    int attempt,
    String idempotencyKey,
    @Nullable Object input,
    Instant at) {

  /**
   * What it was called with.
   *
   * @throws ClassCastException if the input is of another class
   */
  public <T> @Nullable T input(Class<T> type) {
    return type.cast(input);
  }
}
