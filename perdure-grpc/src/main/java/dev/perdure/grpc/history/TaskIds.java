package dev.perdure.grpc.history;

import java.util.HashSet;
import java.util.Set;

/**
 * A set of ids of tasks. Most orchestrations wait for one thing at a time; that takes no set, and
 * looking it up touches little memory. Not thread-safe.
 */
final class TaskIds {
  private boolean hasOne;
  private int one;
  private Set<Integer> others = Set.of();

  boolean isEmpty() {
    return !hasOne && others.isEmpty();
  }

  boolean contains(int id) {
    return (hasOne && one == id) || (!others.isEmpty() && others.contains(id));
  }

  /** Adds an id; returns whether it was not there. */
  boolean add(int id) {
    if (contains(id)) {
      return false;
    }
    if (!hasOne) {
      hasOne = true;
      one = id;
      return true;
    }
    if (others.isEmpty()) {
      others = new HashSet<>();
    }
    return others.add(id);
  }

  /** Removes an id, if it is there. */
  void remove(int id) {
    if (hasOne && one == id) {
      hasOne = false;
    } else if (!others.isEmpty()) {
      others.remove(id);
    }
  }
}
