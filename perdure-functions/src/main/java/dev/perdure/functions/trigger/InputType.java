package dev.perdure.functions.trigger;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;

/**
 * A kind of input beside the trigger, such as the client of durable functions. Those beyond the
 * host's own are found as services ({@link java.util.ServiceLoader}) on its class path.
 */
public interface InputType {
  /** An input of one function. Safe from any thread. */
  @FunctionalInterface
  interface Input {
    /**
     * Its value for one run.
     *
     * @param invocation what the function is run with
     * @throws Exception if it cannot be had; the run fails
     */
    Value read(Invocation invocation) throws Exception;
  }

  /** The type of its bindings, compared without regard to case. */
  String type();

  /**
   * Makes the input of a function.
   *
   * @throws InvalidTriggerException if the binding is wrong
   */
  Input create(FunctionDefinition function, Binding binding, TriggerEnvironment environment);
}
