package dev.perdure.engine.functions;

import dev.perdure.api.OrchestrationContext;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** A registered orchestrator. Safe from any thread. */
public interface OrchestratorFunction {
  /** The name under which it is registered. */
  String name();

  /** The version it implements; empty for none. */
  String version();

  /** The type of its input, never a primitive; {@code Void.class} if it takes none. */
  Type inputType();

  /**
   * Runs the user's code.
   *
   * @param input a value of the input type; ignored if the function takes none
   * @return the output; null for a function without one
   * @throws dev.perdure.api.DataConversionException if the input is null and the parameter a
   *     primitive
   * @throws Throwable what the user's code throws, as it was thrown
   */
  @Nullable Object invoke(OrchestrationContext ctx, @Nullable Object input) throws Throwable;
}
