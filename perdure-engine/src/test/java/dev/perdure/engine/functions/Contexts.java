package dev.perdure.engine.functions;

import dev.perdure.api.ActivityContext;
import dev.perdure.api.OrchestrationContext;
import java.lang.reflect.Proxy;

/** Contexts to be handed through; nothing may be asked of them. */
final class Contexts {
  static final OrchestrationContext ORCHESTRATION = stub(OrchestrationContext.class);
  static final ActivityContext ACTIVITY = stub(ActivityContext.class);

  private Contexts() {}

  private static <T> T stub(Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "toString" -> "a " + type.getSimpleName();
                  case "hashCode" -> System.identityHashCode(proxy);
                  case "equals" -> proxy == arguments[0];
                  default -> throw new UnsupportedOperationException(method.getName());
                }));
  }
}
