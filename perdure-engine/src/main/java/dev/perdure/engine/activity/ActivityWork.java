package dev.perdure.engine.activity;

import dev.perdure.api.Payload;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of an activity to be run.
 *
 * @param partition the partition of the calling instance
 * @param instanceId the calling instance
 * @param executionId its execution, as users see it
 * @param execution its execution, as the partition counts it
 * @param taskId the attempt's task
 * @param firstTaskId the task of the call's first attempt
 * @param attempt which attempt this is, counting from 1
 * @param name the activity
 * @param input what it is called with
 * @param redelivered whether it may have been under way when a host died
 */
public record ActivityWork(
    int partition,
    String instanceId,
    String executionId,
    long execution,
    int taskId,
    int firstTaskId,
    int attempt,
    String name,
    @Nullable Payload input,
    boolean redelivered) {}
