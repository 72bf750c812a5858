package dev.perdure.engine.functions;

import dev.perdure.api.ActivityContext;
import dev.perdure.api.EntityContext;
import dev.perdure.api.FunctionRef;
import dev.perdure.api.OrchestrationContext;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The kinds of functions, which are registered in the same way. */
public enum FunctionKind {
  ORCHESTRATOR("Orchestrator", OrchestrationContext.class),
  ACTIVITY("Activity", ActivityContext.class),
  ENTITY("Entity", EntityContext.class);

  private final String annotation;
  private final Class<?> contextClass;

  FunctionKind(String annotation, Class<?> contextClass) {
    this.annotation = annotation;
    this.contextClass = contextClass;
  }

  /** The class of the context that functions of this kind may take. */
  Class<?> contextClass() {
    return contextClass;
  }

  /** Whether a class is that of a context, of whatever kind. */
  static boolean isContext(Class<?> type) {
    return Arrays.stream(values()).anyMatch(kind -> kind.contextClass == type);
  }

  /** The annotation as it stands in source code. */
  String annotation() {
    return "@" + annotation;
  }

  /** What to call a function of this kind at the beginning of a sentence. */
  String title() {
    return annotation;
  }

  /** What to call a function of this kind within a sentence, with its article. */
  String noun() {
    return "an " + annotation.toLowerCase(Locale.ROOT);
  }

  /** The kind that a typed reference must have; null if its type does not say. */
  static @Nullable FunctionKind of(Object reference) {
    return switch (reference) {
      case FunctionRef.ToOrchestrator o -> ORCHESTRATOR;
      case FunctionRef.ToActivity a -> ACTIVITY;
      case FunctionRef.ToEntityOperation e -> ENTITY;
      default -> null;
    };
  }
}
