package dev.perdure.api;

/**
 * Decides after each failure whether to try again. Runs on the orchestrator's thread and must be
 * deterministic; it may not wait.
 */
@FunctionalInterface
public interface RetryHandler {
  /**
   * Called after a failed attempt that the policy's numbers would repeat.
   *
   * @return true to try again after the policy's wait
   */
  boolean shouldRetry(RetryContext context);
}
