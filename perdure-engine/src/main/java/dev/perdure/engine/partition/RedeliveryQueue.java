package dev.perdure.engine.partition;

import dev.perdure.engine.activity.ActivityWork;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What may have been under way when a host died, waiting to be handed out again. Only so much is
 * under way at once, so that little is suspected along with what kills a host. Activities, which
 * may take long, have places of their own, and no work holds its place for long, so that it keeps
 * nothing else waiting. Used by the partition's thread only.
 */
final class RedeliveryQueue {
  /** Places for activities, and places for steps and operations. */
  private static final int AT_ONCE = 256;

  /** What keeps work that is here, in words. */
  static final String WAITS = "waits to be handed out again after a crash, behind others";

  /** What has been under way for so long will not have killed the host so soon after a start. */
  private static final long PLACE_HELD_MILLIS_MAX = 60_000;

  /** Instances that have work here before recovery looks at further ones. */
  private static final int INSTANCES_MAX = 2_560;

  /** A step of an orchestration, in place of the number of an activity. */
  static final int STEP = Integer.MIN_VALUE;

  /** Operations of an entity. */
  static final int ENTITY = Integer.MIN_VALUE + 1;

  /**
   * Some work.
   *
   * @param executionId that of an activity's caller; empty for a step, which is of whatever
   *     execution there is by then, and for operations
   * @param taskId the activity, or {@link #STEP} or {@link #ENTITY}
   */
  record Work(String instanceId, String executionId, int taskId) {
    static Work activity(ResidentOrchestration r, int taskId) {
      return new Work(r.state.id(), r.state.executionId(), taskId);
    }

    static Work activity(ActivityWork work) {
      return new Work(work.instanceId(), work.executionId(), work.taskId());
    }

    static Work step(ResidentOrchestration r) {
      return new Work(r.state.id(), "", STEP);
    }

    static Work entity(String entityId) {
      return new Work(entityId, "", ENTITY);
    }
  }

  /** Work that waits for places, one instance after the other, and has them. */
  private static final class Lane {
    final Map<String, Set<Work>> waiting = new LinkedHashMap<>();

    /** Who has a place, and since when, in that order. */
    private final Map<Work, Long> underWay = new LinkedHashMap<>();

    void add(Work work) {
      waiting.computeIfAbsent(work.instanceId(), id -> new LinkedHashSet<>()).add(work);
    }

    boolean holds(Work work) {
      Set<Work> ofInstance = waiting.get(work.instanceId());
      return ofInstance != null && ofInstance.contains(work);
    }

    boolean hasWork(long now) {
      return nextAt() <= now;
    }

    /** When there is something to hand out, unless something ends before. */
    long nextAt() {
      if (waiting.isEmpty()) {
        return Long.MAX_VALUE;
      }
      return underWay.size() < AT_ONCE
          ? Long.MIN_VALUE
          : underWay.values().iterator().next() + PLACE_HELD_MILLIS_MAX;
    }

    /** Takes the next work of the instance whose turn it is, which then has its turn last. */
    Work next() {
      Iterator<Map.Entry<String, Set<Work>>> instances = waiting.entrySet().iterator();
      Map.Entry<String, Set<Work>> first = instances.next();
      String instanceId = first.getKey();
      Set<Work> ofInstance = first.getValue();
      instances.remove();
      Iterator<Work> works = ofInstance.iterator();
      Work next = works.next();
      works.remove();
      if (!ofInstance.isEmpty()) {
        waiting.put(instanceId, ofInstance);
      }
      return next;
    }

    void began(Work work, long now) {
      underWay.remove(work); // or it would keep its place in the order
      if (underWay.size() >= AT_ONCE) {
        Iterator<Work> eldest = underWay.keySet().iterator();
        eldest.next();
        eldest.remove();
      }
      underWay.put(work, now);
    }

    void clear() {
      waiting.clear();
      underWay.clear();
    }
  }

  private final Lane activities = new Lane();
  private final Lane code = new Lane();

  /** What this host has handed out, with its count durable, and what has not ended since. */
  private final Set<Work> counted = new HashSet<>();

  /** Forgets what waits and what is under way, but not what was counted: this host still lives. */
  void clear() {
    activities.clear();
    code.clear();
  }

  void addActivity(ResidentOrchestration r, int taskId) {
    activities.add(Work.activity(r, taskId));
  }

  void addStep(ResidentOrchestration r) {
    if (r.repeating) {
      return;
    }
    r.repeating = true;
    code.add(Work.step(r));
  }

  void addEntity(String entityId) {
    code.add(Work.entity(entityId));
  }

  /** Whether an activity is going to be handed out. */
  boolean holds(ResidentOrchestration r, int taskId) {
    return activities.holds(Work.activity(r, taskId));
  }

  /** Something that was handed out again has ended. */
  void ended(Work work) {
    lane(work).underWay.remove(work);
    counted.remove(work);
  }

  /** That something is handed out again is counted, and the count is durable. */
  void counted(Work work) {
    counted.add(work);
  }

  /** Whether this host has counted it: it has not killed this one. */
  boolean isCounted(Work work) {
    return counted.contains(work);
  }

  /** Whether nothing waits to be handed out. */
  boolean isEmpty() {
    return activities.waiting.isEmpty() && code.waiting.isEmpty();
  }

  boolean hasRoom() {
    return activities.waiting.size() + code.waiting.size() <= INSTANCES_MAX;
  }

  boolean hasWork(long now) {
    return nextAt() <= now;
  }

  /** When there is something to hand out, in milliseconds since 1970, unless more comes or ends. */
  long nextAt() {
    return Math.min(activities.nextAt(), code.nextAt());
  }

  /** Takes what is next; null if there is nothing, or no place for it. */
  @Nullable Work next(long now) {
    if (code.hasWork(now)) {
      return code.next();
    }
    return activities.hasWork(now) ? activities.next() : null;
  }

  /** Something is handed out; {@link #ended} is called in the end. */
  void began(Work work, long now) {
    lane(work).began(work, now);
  }

  private Lane lane(Work work) {
    return work.taskId() == STEP || work.taskId() == ENTITY ? code : activities;
  }

  /** What was to last some time after now still does. */
  void clockWentBack(long millis) {
    activities.underWay.replaceAll((work, since) -> since - millis);
    code.underWay.replaceAll((work, since) -> since - millis);
  }
}
