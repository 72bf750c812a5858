package dev.perdure.engine.entity;

import dev.perdure.engine.codec.Decoder;
import dev.perdure.engine.codec.Encoder;

/**
 * A task of an orchestration, which waits for an answer or owns locks.
 *
 * @param instanceId the orchestration
 * @param executionId which of its executions
 * @param taskId the task in its history
 */
public record TaskAddress(String instanceId, String executionId, int taskId) {

  /** Whether both belong to the same execution of the same orchestration. */
  boolean isOfSameExecution(TaskAddress other) {
    return instanceId.equals(other.instanceId) && executionId.equals(other.executionId);
  }

  /** Appends the stored form. */
  public void write(Encoder out) {
    out.text(instanceId);
    out.text(executionId);
    out.number(taskId);
  }

  /** Reads the stored form. */
  public static TaskAddress read(Decoder in) {
    return new TaskAddress(in.text(), in.text(), in.integer());
  }
}
