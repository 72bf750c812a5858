package dev.perdure.api;

import java.util.List;

/** Thrown by {@code allOf(...).await()} when some of the tasks failed; all have ended by then. */
public final class CompositeTaskFailedException extends PerdureException {
  private static final long serialVersionUID = 1L;

  private final transient List<RuntimeException> failures;

  /**
   * Failures of tasks that were awaited together.
   *
   * @param tasks how many tasks there were
   * @param failures what each of the failed ones threw, in the order of the tasks; at least one
   */
  public CompositeTaskFailedException(int tasks, List<RuntimeException> failures) {
    super(
        "PD-1017",
        "%d of %d tasks failed; the first: %s"
            .formatted(failures.size(), tasks, failures.getFirst().getMessage()),
        failures.getFirst());
    this.failures = List.copyOf(failures);
  }

  /** What each failed task threw, in the order of the tasks. */
  public List<RuntimeException> failures() {
    return failures;
  }

  /** Whether any of the failures was caused by an exception of this class or a subclass. */
  public boolean isCausedBy(Class<? extends Throwable> type) {
    return failures.stream().anyMatch(failure -> isCausedBy(failure, type));
  }

  private static boolean isCausedBy(Throwable failure, Class<? extends Throwable> type) {
    Throwable at = failure;
    for (int depth = 0; at != null && depth <= FailureDetails.CAUSES_MAX; depth++) {
      if (type.isInstance(at)
          || (at instanceof TaskFailedException task && task.isCausedBy(type))
          || (at instanceof CompositeTaskFailedException several && several.isCausedBy(type))) {
        return true;
      }
      at = at.getCause();
    }
    return false;
  }
}
