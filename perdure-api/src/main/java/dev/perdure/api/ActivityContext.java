package dev.perdure.api;

/** What an activity may know about the call it serves. Safe from any thread. */
public interface ActivityContext {
  /** The orchestration that called the activity. */
  String instanceId();

  /** The name under which the activity was called. */
  String name();

  /** The id of this attempt in the calling instance's history. */
  int taskId();

  /** Which attempt of the call's retry policy this is, counting from 1. */
  int attempt();

  /**
   * A key that is the same for every execution of this call: for attempts of a retry policy and for
   * executions repeated after a crash or a rewind. Two calls have the same key only if a rewind has
   * removed one of them, and both are of the same activity with the same input. Pass it to services
   * that ignore a request they have seen.
   */
  String idempotencyKey();

  /**
   * Whether the host is shutting down and waits for this activity to end. An activity that stops
   * early should throw; it will run again when the host is back.
   */
  boolean isCancellationRequested();

  /** Runs an action when cancellation is requested, at once if it has been; it must not block. */
  void onCancellation(Runnable action);
}
