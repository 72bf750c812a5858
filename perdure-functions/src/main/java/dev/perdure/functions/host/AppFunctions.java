package dev.perdure.functions.host;

import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.functions.durable.DurableFunction;
import dev.perdure.http.durable.KnownFunctions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which durable functions the callers of the HTTP API may name: those of the app, of either kind,
 * and any while workers elsewhere are connected, who have others.
 */
final class AppFunctions implements KnownFunctions {
  private final TreeMap<String, String> orchestrators =
      new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Set<String> entities;
  private final KnownFunctions own;
  private final BooleanSupplier othersConnected;

  AppFunctions(
      FunctionRegistry registry, Set<DurableFunction> functions, BooleanSupplier othersConnected) {
    this.own = KnownFunctions.of(registry);
    this.othersConnected = othersConnected;
    own.orchestrators().forEach(name -> orchestrators.put(name, name));
    Set<String> names = new java.util.TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (DurableFunction function : functions) {
      if (function.kind() == FunctionKind.ORCHESTRATOR) {
        orchestrators.put(function.name(), function.name());
      } else if (function.kind() == FunctionKind.ENTITY) {
        names.add(function.name());
      }
    }
    this.entities = names;
  }

  @Override
  public @Nullable String orchestrator(String name) {
    String exact = own.orchestrator(name);
    if (exact == null) {
      exact = orchestrators.get(name);
    }
    return exact == null && othersConnected.getAsBoolean() ? name : exact;
  }

  @Override
  public List<String> orchestrators() {
    return new ArrayList<>(orchestrators.values());
  }

  @Override
  public boolean hasEntity(String name) {
    return own.hasEntity(name) || entities.contains(name) || othersConnected.getAsBoolean();
  }
}
