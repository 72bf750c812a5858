package dev.perdure.engine.orchestrator;

/**
 * How far a call with a retry policy has got.
 *
 * @param kind what is called: activity or sub-orchestration
 * @param name its name
 * @param taskId the task of this attempt
 * @param attempt which attempt it is, from 1 on
 * @param max attempts in all that the policy allows; {@code Integer.MAX_VALUE} for no limit
 */
public record Tries(String kind, String name, int taskId, int attempt, int max) {
  /** Which attempt of how many it is. */
  @Override
  public String toString() {
    return max == Integer.MAX_VALUE
        ? "attempt " + attempt
        : "attempt %d of %d".formatted(attempt, max);
  }
}
