package dev.perdure.engine.partition;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Those who wait for an instance to begin or to end. They outlive a recovery. */
final class Waiters {
  private final Map<String, List<Command.Await>> byInstance = new HashMap<>();

  void add(Command.Await waiter) {
    byInstance.computeIfAbsent(waiter.instanceId(), id -> new ArrayList<>(1)).add(waiter);
  }

  /** Forgets those whose replies were cancelled. */
  void forgetCancelled(String instanceId) {
    List<Command.Await> waiters = byInstance.get(instanceId);
    if (waiters != null) {
      waiters.removeIf(waiter -> waiter.reply().isDone());
      if (waiters.isEmpty()) {
        byInstance.remove(instanceId);
      }
    }
  }

  /** Hands over those who wait for what an instance has reached by now, and forgets them. */
  void takeThere(ResidentOrchestration r, Consumer<Command.Await> taker) {
    if (byInstance.isEmpty()) {
      return;
    }
    List<Command.Await> waiters = byInstance.get(r.state.id());
    if (waiters == null) {
      return;
    }
    waiters.removeIf(
        waiter -> {
          boolean there = waiter.isReached(r.state);
          if (there) {
            taker.accept(waiter);
          }
          return there;
        });
    if (waiters.isEmpty()) {
      byInstance.remove(r.state.id());
    }
  }

  /** Takes out those who wait for an id, whichever instance has it. */
  List<Command.Await> takeById(String instanceId) {
    List<Command.Await> taken = new ArrayList<>(0);
    List<Command.Await> waiters = byInstance.get(instanceId);
    if (waiters != null) {
      waiters.removeIf(waiter -> waiter.byId() && taken.add(waiter));
      if (waiters.isEmpty()) {
        byInstance.remove(instanceId);
      }
    }
    return taken;
  }

  /** Takes all of them. */
  List<Command.Await> takeAll() {
    List<Command.Await> all = new ArrayList<>();
    byInstance.values().forEach(all::addAll);
    byInstance.clear();
    return all;
  }
}
