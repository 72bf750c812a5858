package dev.perdure.engine.partition;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What may have been under way when a host died, waiting to be handed out again. Only so much is
 * under way at once, so that little is suspected along with what kills a host. Used by the
 * partition's thread only.
 */
final class RedeliveryQueue {
  /** Work under way at once. */
  private static final int AT_ONCE = 256;

  /** Work that is queued before recovery looks at further instances. */
  private static final int QUEUED_MAX = 2_560;

  /** A step of an orchestration, in place of the number of an activity. */
  static final int STEP = Integer.MIN_VALUE;

  /** Operations of an entity. */
  static final int ENTITY = Integer.MIN_VALUE + 1;

  /**
   * Some work.
   *
   * @param taskId the activity, or {@link #STEP} or {@link #ENTITY}
   */
  record Work(String instanceId, long execution, int taskId) {}

  private final Deque<Work> queue = new ArrayDeque<>();
  private int underWay;

  void clear() {
    queue.clear();
    underWay = 0;
  }

  void addActivity(ResidentOrchestration r, int taskId) {
    queue.add(new Work(r.state.id(), r.state.execution(), taskId));
  }

  void addStep(ResidentOrchestration r) {
    if (r.repeating) {
      return;
    }
    r.repeating = true;
    queue.add(new Work(r.state.id(), r.state.execution(), STEP));
  }

  void addEntity(String entityId) {
    queue.add(new Work(entityId, 0, ENTITY));
  }

  /** Whether an activity is going to be handed out. */
  boolean holds(ResidentOrchestration r, int taskId) {
    return queue.contains(new Work(r.state.id(), r.state.execution(), taskId));
  }

  /** Something that was handed out again has ended. */
  void ended() {
    underWay = Math.max(0, underWay - 1);
  }

  boolean hasRoom() {
    return queue.size() <= QUEUED_MAX;
  }

  boolean hasWork() {
    return !queue.isEmpty() && underWay < AT_ONCE;
  }

  /** Takes what is next. */
  Work next() {
    return queue.remove();
  }

  /** Something is handed out; {@link #ended} is called in the end. */
  void began() {
    underWay++;
  }
}
