package dev.perdure.http.durable;

import dev.perdure.engine.functions.EntityFunction;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.engine.functions.OrchestratorFunction;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which functions may be started and signalled. Implementations are safe from any thread. */
public interface KnownFunctions {
  /** Whatever callers name: workers that have it may connect later. */
  KnownFunctions ANY =
      new KnownFunctions() {
        @Override
        public String orchestrator(String name) {
          return name;
        }

        @Override
        public List<String> orchestrators() {
          return List.of();
        }

        @Override
        public boolean hasEntity(String name) {
          return true;
        }
      };

  /**
   * How an orchestrator is called exactly.
   *
   * @param name its name, in upper or lower case
   * @return null if there is none
   */
  @Nullable String orchestrator(String name);

  /** The orchestrators, by name. */
  List<String> orchestrators();

  /** Whether there is an entity of a name, in upper or lower case. */
  boolean hasEntity(String name);

  /** The functions of a registry, as it is now. */
  static KnownFunctions of(FunctionRegistry registry) {
    TreeMap<String, String> orchestrators = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (OrchestratorFunction function : registry.orchestrators()) {
      orchestrators.put(function.name(), function.name());
    }
    TreeSet<String> entities = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (EntityFunction function : registry.entities()) {
      entities.add(function.name());
    }
    return new KnownFunctions() {
      @Override
      public @Nullable String orchestrator(String name) {
        return registry.hasOrchestrator(name) ? name : orchestrators.get(name);
      }

      @Override
      public List<String> orchestrators() {
        return List.copyOf(orchestrators.values());
      }

      @Override
      public boolean hasEntity(String name) {
        return entities.contains(name);
      }
    };
  }
}
