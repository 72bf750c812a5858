package dev.perdure.engine.partition;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Those who wait for an instance to begin or to end. They outlive a recovery. */
final class Waiters {
  private final Map<String, List<Command.Await>> byInstance = new HashMap<>();

  /** How many of them wait for a beginning. Mostly none, and then a step need not be looked up. */
  private int forBeginning;

  void add(Command.Await waiter) {
    byInstance.computeIfAbsent(waiter.instanceId(), id -> new ArrayList<>(1)).add(waiter);
    if (!waiter.completion()) {
      forBeginning++;
    }
  }

  /** Forgets those whose replies were cancelled. */
  void forgetCancelled(String instanceId) {
    remove(instanceId, waiter -> waiter.reply().isDone());
  }

  /** Hands over those who wait for what an instance has reached by now, and forgets them. */
  void takeThere(ResidentOrchestration r, Consumer<Command.Await> taker) {
    if (byInstance.isEmpty() || (forBeginning == 0 && !r.state.status().isTerminal())) {
      return;
    }
    remove(
        r.state.id(),
        waiter -> {
          boolean there = waiter.isReached(r.state);
          if (there) {
            taker.accept(waiter);
          }
          return there;
        });
  }

  /** Takes out those who wait for an id, whichever instance has it. */
  List<Command.Await> takeById(String instanceId) {
    List<Command.Await> taken = new ArrayList<>(0);
    remove(instanceId, waiter -> waiter.byId() && taken.add(waiter));
    return taken;
  }

  /** Takes all of them. */
  List<Command.Await> takeAll() {
    List<Command.Await> all = new ArrayList<>();
    byInstance.values().forEach(all::addAll);
    byInstance.clear();
    forBeginning = 0;
    return all;
  }

  private void remove(String instanceId, Predicate<Command.Await> which) {
    List<Command.Await> waiters = byInstance.get(instanceId);
    if (waiters == null) {
      return;
    }
    waiters.removeIf(
        waiter -> {
          boolean removed = which.test(waiter);
          if (removed && !waiter.completion()) {
            forBeginning--;
          }
          return removed;
        });
    if (waiters.isEmpty()) {
      byInstance.remove(instanceId);
    }
  }
}
