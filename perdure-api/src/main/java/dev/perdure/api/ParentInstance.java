package dev.perdure.api;

/**
 * The orchestration that started a sub-orchestration.
 *
 * @param instanceId the parent's instance id
 * @param executionId the parent's execution that asked for it: in {@link OrchestrationMetadata} the
 *     id that this execution had then, in histories and for code the one that it began with
 * @param name the parent's orchestrator
 * @param version the parent's version; empty if it has none
 * @param taskId the id, in the parent's history, of the task that this sub-orchestration completes
 * @param rewinds how often that execution had been rewound when it last asked for it
 */
public record ParentInstance(
    String instanceId, String executionId, String name, String version, int taskId, int rewinds) {
  /** A parent that had not been rewound. */
  public ParentInstance(
      String instanceId, String executionId, String name, String version, int taskId) {
    this(instanceId, executionId, name, version, taskId, 0);
  }
}
