package dev.perdure.api;

/**
 * Thrown by {@link Task#await()} when an activity, a sub-orchestration or an operation of an entity
 * failed. What went wrong is in {@link #details()}, with the type, message, stack trace and causes
 * of the original exception.
 */
public final class TaskFailedException extends PerdureException {
  private static final long serialVersionUID = 1L;

  private final String taskName;
  private final int taskId;
  private final transient FailureDetails details;

  /**
   * A failed task.
   *
   * @param taskName the activity, orchestrator or operation that was called
   * @param taskId the id of the task in the calling instance's history
   * @param details what went wrong
   */
  public TaskFailedException(String taskName, int taskId, FailureDetails details) {
    super("PD-1016", "Task '%s' (#%d) failed: %s".formatted(taskName, taskId, details));
    this.taskName = taskName;
    this.taskId = taskId;
    this.details = details;
  }

  /** The name of the activity, orchestrator or operation that failed. */
  public String taskName() {
    return taskName;
  }

  /** The id of the task in the calling instance's history. */
  public int taskId() {
    return taskId;
  }

  /** What went wrong. */
  public FailureDetails details() {
    return details;
  }

  /**
   * Whether the original exception, or one of its causes, was of this class or a subclass. Works
   * without the original class being on the class path.
   */
  public boolean isCausedBy(Class<? extends Throwable> type) {
    return details.isCausedBy(type);
  }
}
