package dev.perdure.engine.orchestrator;

/**
 * Leaves an orchestrator's code when its session is closed. An {@code Error}, so that no reasonable
 * handler takes it for a failure; and where one does, every further call of the context throws it
 * again.
 */
final class Unwound extends Error {
  private static final long serialVersionUID = 1L;

  Unwound() {
    super(
        "The orchestration is being taken out of memory. Do not catch this: it will be rebuilt from"
            + " its history when it goes on.",
        null,
        false,
        false);
  }
}
