package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/**
 * An orchestrator with an input, registered by name.
 *
 * @param <I> the type of the input
 */
@FunctionalInterface
public interface BiOrchestratorLambda<I extends @Nullable Object> {
  /** Runs the orchestrator; returns its output, or null for none. */
  @Nullable Object run(OrchestrationContext ctx, I input) throws Exception;
}
