package dev.perdure.engine;

import dev.perdure.api.RetryPolicy;
import dev.perdure.api.StartOptions;
import dev.perdure.api.Task;
import dev.perdure.api.TaskOptions;
import dev.perdure.api.TypeRef;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * Finds what was passed as a value and meant for another parameter. Values are {@code Object}s, so
 * the compiler cannot: {@code callActivity("price", Integer.class)} passes a class as the input.
 */
public final class MisplacedArguments {
  private MisplacedArguments() {}

  /**
   * Refuses a value that can only be a mistake.
   *
   * @param value what was passed as an input, an event's payload or a status
   * @param method the method it was passed to
   * @param name the name that was passed along; null if the method takes none
   * @throws IllegalArgumentException if it is a class, a type, or options
   */
  public static void refuse(@Nullable Object value, String method, @Nullable String name) {
    String what =
        switch (value) {
          case Class<?> type -> "the class " + type.getTypeName();
          case Type type -> "the type " + type.getTypeName();
          case TypeRef<?> type -> "the TypeRef of " + type;
          case StartOptions options -> "StartOptions";
          case TaskOptions options -> "TaskOptions";
          case RetryPolicy policy -> "a RetryPolicy";
          case Task<?> task -> "a Task, whose result is not there yet,";
          case null, default -> null;
        };
    if (what != null) {
      boolean isType = value instanceof Type || value instanceof TypeRef<?>;
      throw new IllegalArgumentException(
          "%s: you passed %s as the %s. %s"
              .formatted(
                  name == null ? method : "%s('%s')".formatted(method, name),
                  what,
                  switch (method) {
                    case "raiseEvent", "sendEvent" -> "payload";
                    case "setCustomStatus" -> "status";
                    case "setState" -> "state";
                    default -> "input";
                  },
                  value instanceof Task
                      ? "Wait for it and pass its result: task.await()."
                      : remedy(method, isType)));
    }
  }

  /**
   * Refuses to end with what can only be a mistake.
   *
   * @param output what an orchestrator has returned
   * @throws IllegalArgumentException if it is a task, also one that has completed
   */
  public static void refuseOutput(@Nullable Object output, String orchestrator) {
    if (output instanceof Task) {
      throw new IllegalArgumentException(
          "Orchestrator '%s' has returned a Task as its output. Wait for it and return its result: task.await()."
              .formatted(orchestrator));
    }
  }

  private static String remedy(String method, boolean isType) {
    return switch (method) {
      case "callActivity", "callSubOrchestrator" ->
          isType
              ? "If there is no input, use %s(name, null, X.class).".formatted(method)
              : "Use %s(name, input, options), with options such as TaskOptions.retry(policy)."
                  .formatted(method);
      case "startNew" ->
          isType
              ? "The type of the output is given when it is read: metadata.output(X.class)."
              : "If there is no input, use startNew(name, null, options).";
      default -> "Pass a value that the data converter can write.";
    };
  }
}
