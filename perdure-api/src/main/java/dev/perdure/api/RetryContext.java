package dev.perdure.api;

import java.time.Duration;

/**
 * What a {@link RetryHandler} decides upon.
 *
 * @param orchestration the calling orchestration
 * @param failedAttempt the attempt that failed, counting from 1
 * @param failure what went wrong
 * @param elapsed time since the first attempt was scheduled
 */
public record RetryContext(
    OrchestrationContext orchestration,
    int failedAttempt,
    FailureDetails failure,
    Duration elapsed) {}
