package dev.perdure.api;

/**
 * The orchestration that started a sub-orchestration.
 *
 * @param instanceId the parent's instance id
 * @param executionId the parent's execution that asked for it
 * @param name the parent's orchestrator
 * @param version the parent's version; empty if it has none
 * @param taskId the id, in the parent's history, of the task that this sub-orchestration completes
 */
public record ParentInstance(
    String instanceId, String executionId, String name, String version, int taskId) {}
