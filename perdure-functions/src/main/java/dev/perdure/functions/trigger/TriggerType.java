package dev.perdure.functions.trigger;

import dev.perdure.functions.definition.FunctionDefinition;

/**
 * A kind of trigger. Those beyond the host's own are found as services ({@link
 * java.util.ServiceLoader}) on its class path.
 */
public interface TriggerType {
  /** The type of its bindings, such as {@code timerTrigger}; compared without regard to case. */
  String type();

  /**
   * Makes the trigger of a function.
   *
   * @param function the function; its trigger binding is of this type
   * @param runner runs it
   * @throws InvalidTriggerException if the binding is wrong; the function then does not run, others
   *     do
   */
  Trigger create(
      FunctionDefinition function, FunctionRunner runner, TriggerEnvironment environment);
}
