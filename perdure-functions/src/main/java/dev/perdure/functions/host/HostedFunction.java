package dev.perdure.functions.host;

import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.durable.DurableFunction;
import dev.perdure.functions.http.HttpFunctions.Route;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.Trigger;
import org.jspecify.annotations.Nullable;

/**
 * A function as the host runs it. Immutable.
 *
 * @param definition the function
 * @param state whether it runs
 * @param notice what to say of it, such as why it does not run; null for nothing
 * @param runner runs it; null if it cannot be run
 * @param trigger makes it run; null if nothing does but callers of the admin API
 * @param route where it answers; null if it is no HTTP function
 * @param durable what it is to the engine; null if it is nothing to it
 */
public record HostedFunction(
    FunctionDefinition definition,
    State state,
    @Nullable String notice,
    @Nullable FunctionRunner runner,
    @Nullable Trigger trigger,
    @Nullable Route route,
    @Nullable DurableFunction durable) {
  /** Whether a function runs. */
  public enum State {
    /** It runs when its trigger says so. */
    READY,
    /** Its trigger is not available here; it can be run by hand. */
    BY_HAND,
    /** A setting says that it does not run; it can be run by hand. */
    DISABLED,
    /** It is wrong and cannot be run. */
    BROKEN
  }

  /** Its name. */
  public String name() {
    return definition.name();
  }
}
