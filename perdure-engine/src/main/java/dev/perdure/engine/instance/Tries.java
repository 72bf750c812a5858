package dev.perdure.engine.instance;

/**
 * How far a call that is tried again has got.
 *
 * @param kind what is called: activity or sub-orchestration
 * @param name its name
 * @param taskId the task of this attempt
 * @param attempt which attempt it is, from 1 on
 * @param max attempts in all that the policy allows; {@code Integer.MAX_VALUE} for no limit, 0 if
 *     it is not known
 */
public record Tries(String kind, String name, int taskId, int attempt, int max) {
  /** Which attempt of how many it is. */
  @Override
  public String toString() {
    return max == 0 || max == Integer.MAX_VALUE
        ? "attempt " + attempt
        : "attempt %d of %d".formatted(attempt, max);
  }

  /** Of a timer that was set because this attempt had failed: that it was, and what comes next. */
  public String whyPutOff() {
    return "set when %s of %s '%s' (#%d) failed%s"
        .formatted(
            this,
            kind,
            name,
            taskId,
            max > attempt ? "; attempt %d follows".formatted(attempt + 1) : "");
  }
}
