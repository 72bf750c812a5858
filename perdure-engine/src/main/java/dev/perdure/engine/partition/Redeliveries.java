package dev.perdure.engine.partition;

import dev.perdure.api.HistoryEvent.WorkRedelivered;
import dev.perdure.api.Problem;
import dev.perdure.engine.instance.Instance;
import dev.perdure.engine.instance.OpenTask;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Hands out again what may have been under way when a host died. That this is about to happen is
 * made durable first and counted, so that work which kills its host is noticed and set aside. Only
 * so much is under way at once, so that little is suspected along with it.
 */
final class Redeliveries {
  /** Work under way at once. */
  private static final int AT_ONCE = 256;

  /** Work that is queued before recovery looks at further instances. */
  private static final int QUEUED_MAX = 2_560;

  private static final int STEP = Integer.MIN_VALUE;
  private static final int ENTITY = Integer.MIN_VALUE + 1;

  private record Work(String instanceId, long execution, int taskId) {}

  /** What redelivering needs of the partition. */
  interface Hands {
    /** The very same object is still in memory. */
    boolean isStillHere(ResidentOrchestration r);

    @Nullable ResidentOrchestration inMemory(String instanceId);

    void record(ResidentOrchestration r, WorkRedelivered event);

    void whenDurable(Effect effect);

    void dispatch(ResidentOrchestration r, int taskId);

    void step(ResidentOrchestration r);

    /** Runs operations of an entity again; returns whether they are about to run. */
    boolean repeatEntity(String entityId, int timesMax);

    void setAside(ResidentOrchestration r, Problem problem);
  }

  private final Hands partition;
  private final InstantSource clock;
  private final int timesMax;
  private final Deque<Work> queue = new ArrayDeque<>();
  private int underWay;

  Redeliveries(Hands partition, InstantSource clock, int timesMax) {
    this.partition = partition;
    this.clock = clock;
    this.timesMax = timesMax;
  }

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

  /** Hands out as much as may be under way. */
  void handOut() {
    while (hasWork()) {
      Work next = queue.remove();
      if (next.taskId() == ENTITY) {
        if (partition.repeatEntity(next.instanceId(), timesMax)) {
          underWay++;
        }
        continue;
      }
      ResidentOrchestration r = partition.inMemory(next.instanceId());
      if (r == null) {
        continue;
      }
      if (next.taskId() == STEP) {
        step(r); // of whatever execution it is in by now: its next step waits for this turn
        continue;
      }
      if (r.state.execution() != next.execution() || r.state.problem() != null) {
        continue;
      }
      if (r.state.openTask(next.taskId()) instanceof OpenTask.Activity task
          && !task.isDispatched()) {
        activity(r, task);
      }
    }
  }

  private void step(ResidentOrchestration r) {
    if (!r.state.needsStep() || r.stepping) {
      r.repeating = false;
      return;
    }
    int count = r.state.stepRedeliveries() + 1;
    if (count > timesMax) {
      r.repeating = false;
      partition.setAside(r, poison(r, "a step of its orchestrator"));
      return;
    }
    partition.record(r, new WorkRedelivered(clock.instant(), Instance.SCHEDULED_START, count));
    underWay++;
    partition.whenDurable(
        () -> {
          r.repeating = false;
          if (partition.isStillHere(r) && !r.stepping && r.state.needsStep()) {
            r.steppingAgain = true;
            partition.step(r);
            if (r.stepping) {
              return; // its end gives back the place
            }
            r.steppingAgain = false;
          }
          ended();
        });
  }

  private void activity(ResidentOrchestration r, OpenTask.Activity task) {
    int count = task.redeliveries() + 1;
    if (count > timesMax) {
      partition.setAside(r, poison(r, "activity '%s' (#%d)".formatted(task.name(), task.taskId())));
      return;
    }
    partition.record(r, new WorkRedelivered(clock.instant(), task.taskId(), count));
    underWay++;
    partition.dispatch(r, task.taskId());
  }

  private Problem poison(ResidentOrchestration r, String what) {
    return new Problem(
        Problem.Kind.POISON,
        ("Instance '%s': %s was under way each of the last %d times a host died, and may have killed"
                + " it. It is not tried again. Find out what it does, then requeue or terminate the"
                + " instance.")
            .formatted(r.state.id(), what, timesMax));
  }
}
