package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/** An orchestrator without an input, registered by name. */
@FunctionalInterface
public interface OrchestratorLambda {
  /** Runs the orchestrator; returns its output, or null for none. */
  @Nullable Object run(OrchestrationContext ctx) throws Exception;
}
