package dev.perdure.engine.instance;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that will wake an instance, by their ids. Most instances wait for one thing at a time;
 * that takes no map, and looking it up touches little memory.
 */
final class OpenTasks {
  private @Nullable OpenTask only;
  private Map<Integer, OpenTask> several = Map.of(); // if not empty, all of them

  boolean isEmpty() {
    return only == null && several.isEmpty();
  }

  int size() {
    return only == null ? several.size() : 1;
  }

  @Nullable OpenTask get(int taskId) {
    OpenTask one = only;
    if (one != null) {
      return one.taskId() == taskId ? one : null;
    }
    return several.isEmpty() ? null : several.get(taskId);
  }

  /** Adds a task, or replaces that of the same id. */
  void put(OpenTask task) {
    OpenTask one = only;
    if (isEmpty() || (one != null && one.taskId() == task.taskId())) {
      only = task;
      return;
    }
    if (one != null) {
      several = new HashMap<>(4);
      several.put(one.taskId(), one);
      only = null;
    }
    several.put(task.taskId(), task);
  }

  /** Removes a task and returns it; null if there is none of this id. */
  @Nullable OpenTask remove(int taskId) {
    OpenTask one = only;
    if (one == null) {
      return several.isEmpty() ? null : several.remove(taskId);
    }
    if (one.taskId() != taskId) {
      return null;
    }
    only = null;
    return one;
  }

  /** All of them, in no order. Not to be kept: it may change with them, or not. */
  Collection<OpenTask> all() {
    return only == null ? several.values() : List.of(only);
  }

  void clear() {
    only = null;
    several = Map.of();
  }
}
