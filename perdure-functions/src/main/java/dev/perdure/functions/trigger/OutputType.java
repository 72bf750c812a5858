package dev.perdure.functions.trigger;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;

/**
 * A kind of output, such as a queue. They are found as services ({@link java.util.ServiceLoader})
 * on the host's class path; what HTTP functions answer is none of them.
 */
public interface OutputType {
  /** An output of one function. Safe from any thread. */
  @FunctionalInterface
  interface Output extends AutoCloseable {
    /**
     * Writes a value, after the function has ended without an error.
     *
     * @param value what the function gave; never null
     * @throws Exception if it cannot be written; the run fails
     */
    void write(Object value, Invocation invocation) throws Exception;

    /** The host closes: nothing more is written. */
    @Override
    default void close() {}
  }

  /** The type of its bindings, compared without regard to case. */
  String type();

  /**
   * Makes the output of a function.
   *
   * @throws InvalidTriggerException if the binding is wrong
   */
  Output create(FunctionDefinition function, Binding binding, TriggerEnvironment environment);
}
