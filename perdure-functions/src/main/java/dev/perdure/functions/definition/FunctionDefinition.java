package dev.perdure.functions.definition;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A function of an app: the method that is run, and what it is bound to. Immutable.
 *
 * @param name its name; unique in the app without regard to case
 * @param className the binary name of the class
 * @param methodName the name of the method
 * @param bindings what it is bound to; exactly one is a trigger
 * @param retry how failed runs are repeated; null if they are not
 */
public record FunctionDefinition(
    String name,
    String className,
    String methodName,
    List<Binding> bindings,
    @Nullable RetryPolicy retry) {
  /** Copies the list. */
  public FunctionDefinition {
    bindings = List.copyOf(bindings);
  }

  /** What makes it run. */
  public Binding trigger() {
    for (Binding binding : bindings) {
      if (binding.isTrigger()) {
        return binding;
      }
    }
    throw new IllegalStateException("Function '%s' has no trigger.".formatted(name));
  }

  /** The binding of a name; null if there is none. */
  public @Nullable Binding binding(String bindingName) {
    for (Binding binding : bindings) {
      if (binding.name().equals(bindingName)) {
        return binding;
      }
    }
    return null;
  }

  /** The class and the method, for people. */
  public String entryPoint() {
    return className + "." + methodName;
  }
}
