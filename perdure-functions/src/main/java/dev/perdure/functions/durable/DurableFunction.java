package dev.perdure.functions.durable;

import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a function of an app is to the engine.
 *
 * @param kind what it is
 * @param name the name by which orchestrations know it
 */
public record DurableFunction(FunctionKind kind, String name) {
  /** What a function is to the engine; null if it is nothing to it. */
  public static @Nullable DurableFunction of(FunctionDefinition function) {
    Binding trigger = function.trigger();
    return switch (trigger.type().toLowerCase(Locale.ROOT)) {
      case "orchestrationtrigger" ->
          new DurableFunction(
              FunctionKind.ORCHESTRATOR, trigger.text("orchestration", function.name()));
      case "activitytrigger" ->
          new DurableFunction(FunctionKind.ACTIVITY, trigger.text("activity", function.name()));
      case "entitytrigger" ->
          new DurableFunction(
              FunctionKind.ENTITY,
              trigger.text("entityName", function.name()).toLowerCase(Locale.ROOT));
      default -> null;
    };
  }
}
