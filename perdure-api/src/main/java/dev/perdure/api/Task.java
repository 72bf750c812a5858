package dev.perdure.api;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Something an orchestrator waits for: the result of an activity, sub-orchestration or entity
 * operation, a timer, an external event, a lock, or a combination of these.
 *
 * <p>A task belongs to one orchestration and may be used only on its thread. Functions passed to
 * {@link #thenApply}, {@link #thenCompose} and {@link #exceptionally} run on that thread, when the
 * result arrives and before the orchestrator goes on; they may call the context but may not wait.
 *
 * @param <V> the type of the result
 */
public interface Task<V extends @Nullable Object> {
  /**
   * Waits for the result. The wait is durable: the orchestration may be taken out of memory, and
   * the program may end and start again, before this method returns.
   *
   * @return the result
   * @throws TaskFailedException if an activity, sub-orchestration or entity operation failed
   * @throws CompositeTaskFailedException if tasks awaited together failed
   * @throws TaskCancelledException if the task was cancelled
   * @throws TaskTimeoutException if its time ran out
   * @throws DataConversionException if the result does not fit the type that was asked for
   * @throws OrchestratorMisuseException if called outside the orchestrator's thread or inside a
   *     callback
   */
  V await();

  /** Whether the task has ended, well or not. */
  boolean isDone();

  /** Whether the task has ended with a failure (a cancellation or a timeout included). */
  boolean isFailed();

  /** Whether the task was cancelled. */
  boolean isCancelled();

  /**
   * Gives up waiting. A timer is removed; an external event is left for the next waiter; an
   * activity, sub-orchestration or entity operation goes on but its result is ignored; locks that
   * were asked for are given back. Has no effect on a task that has ended, nor on the one that this
   * was derived from with {@link #thenApply} and the like: to leave an event for the next waiter,
   * cancel the task that waits for it.
   *
   * @return whether the task had not ended before
   */
  boolean cancel();

  /** A task with the result of applying a function to this one's. Failures are passed on. */
  <R extends @Nullable Object> Task<R> thenApply(Function<? super V, ? extends R> function);

  /** A task that goes on with another one once this one has its result. */
  <R extends @Nullable Object> Task<R> thenCompose(Function<? super V, ? extends Task<R>> function);

  /** A task that turns a failure of this one into a result. */
  Task<V> exceptionally(Function<? super RuntimeException, ? extends V> function);
}
