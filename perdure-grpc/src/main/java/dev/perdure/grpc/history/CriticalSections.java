package dev.perdure.grpc.history;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The critical sections of an execution for which a worker has asked for locks. Workers unlock one
 * entity after the other; the engine releases a set of locks as a whole, which is when the last of
 * them is given up.
 */
final class CriticalSections {
  private record Section(int taskId, Set<String> locked) {}

  private final Map<String, Section> sections = new HashMap<>(2);

  /** The same, to be changed on its own. */
  CriticalSections copy() {
    CriticalSections copy = new CriticalSections();
    sections.forEach((id, section) -> copy.asked(id, section.taskId(), section.locked()));
    return copy;
  }

  /**
   * The locks of a section are asked for.
   *
   * @param lockSet the entities, as instance ids
   */
  void asked(String id, int taskId, Iterable<String> lockSet) {
    Set<String> locked = new HashSet<>();
    lockSet.forEach(locked::add);
    sections.put(id, new Section(taskId, locked));
  }

  /**
   * A lock of a section is given up; one that it does not have is passed over.
   *
   * @param entityId the entity, as an instance id; null for all
   * @return the task that asked for the locks, if this was the last of them; null if not
   */
  @Nullable Integer unlocked(String id, @Nullable String entityId) {
    Section section = sections.get(id);
    if (section == null) {
      return null;
    }
    if (entityId == null) {
      section.locked().clear();
    } else {
      section.locked().remove(entityId);
    }
    if (!section.locked().isEmpty()) {
      return null;
    }
    sections.remove(id);
    return section.taskId();
  }

  /**
   * All locks are released.
   *
   * @return the tasks that asked for them
   */
  List<Integer> releaseAll() {
    List<Integer> tasks = sections.values().stream().map(Section::taskId).sorted().toList();
    sections.clear();
    return tasks;
  }

  /** All locks that a task asked for are released. */
  void released(int taskId) {
    sections.values().removeIf(section -> section.taskId() == taskId);
  }
}
