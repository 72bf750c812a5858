package dev.perdure.engine.partition;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The orchestrations in memory, by their ids. Each knows whether it is one of them, so that who has
 * it at hand need not look for it. Used by the partition's thread only.
 */
final class Residents {
  private final PartitionHost host;
  private final Map<String, ResidentOrchestration> byId = new HashMap<>();

  Residents(PartitionHost host) {
    this.host = host;
  }

  @Nullable ResidentOrchestration get(String id) {
    return byId.get(id);
  }

  /** Adds one, in place of another of its id if there is one. */
  void add(ResidentOrchestration r) {
    ResidentOrchestration before = byId.put(r.state.id(), r);
    if (before != null) {
      before.inMemory = false;
    }
    r.inMemory = true;
  }

  /** Removes one, if it is here. */
  void remove(ResidentOrchestration r) {
    if (r.inMemory) {
      byId.remove(r.state.id());
      r.inMemory = false;
    }
  }

  /** Forgets one that the store has completely. */
  void release(ResidentOrchestration r) {
    if (r.isRemovable() && r.inMemory) {
      remove(r);
      if (!r.state.status().isTerminal()) {
        host.unfinished(-1);
      }
    }
  }

  /** Removes all. */
  void clear() {
    byId.values().forEach(r -> r.inMemory = false);
    byId.clear();
  }

  boolean contains(String id) {
    return byId.containsKey(id);
  }

  int size() {
    return byId.size();
  }

  Set<String> ids() {
    return byId.keySet();
  }

  Collection<ResidentOrchestration> all() {
    return byId.values();
  }
}
