package dev.perdure.engine.partition;

import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.EntityLockRequested;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityOperationSignaled;
import dev.perdure.api.HistoryEvent.EntityUnlockSent;
import dev.perdure.api.HistoryEvent.EventSent;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.ParentInstance;
import dev.perdure.engine.entity.TaskAddress;
import dev.perdure.engine.instance.EntityLocks;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a step of an orchestration has to say to other instances. Decides only, and sends nothing.
 */
final class StepMessages {
  private StepMessages() {}

  /**
   * What a step has to say to others. Made before the step is recorded, while it is still known
   * which locks are held.
   *
   * @param last whether the execution ends with this step; its locks are then released
   */
  static List<Message> messages(ResidentOrchestration r, List<HistoryEvent> events, boolean last) {
    List<Message> messages = new ArrayList<>(0);
    EntityLocks locks = r.state.locks();
    for (int i = 0; i < events.size(); i++) {
      switch (events.get(i)) {
        case SubOrchestrationCreated e -> messages.add(startChild(r, e));
        case EventSent e -> messages.add(new Message.Event(e.instanceId(), e.name(), e.payload()));
        case EntityOperationCalled e -> messages.add(callEntity(r, e));
        case EntityOperationSignaled e ->
            messages.add(
                new Message.CallEntity(
                    e.instanceId(), e.operation(), e.input(), null, e.scheduledTime()));
        case EntityLockRequested e -> {
          locks = new EntityLocks(e.taskId(), 0, e.lockSet(), false);
          messages.add(new Message.LockEntity(address(r, e.taskId()), e.lockSet(), 0));
        }
        case EntityUnlockSent e -> {
          addReleases(r, locks, messages);
          locks = null;
        }
        default -> {}
      }
    }
    if (last) {
      addReleases(r, locks, messages);
    }
    return messages;
  }

  private static void addReleases(
      ResidentOrchestration r, @Nullable EntityLocks locks, List<Message> messages) {
    if (locks == null) {
      return;
    }
    TaskAddress owner = address(r, locks.taskId());
    if (locks.granted()) {
      for (String entityId : locks.lockSet()) {
        messages.add(new Message.UnlockEntity(entityId, owner));
      }
    } else {
      messages.add(new Message.WithdrawLock(owner, locks.lockSet(), 0));
    }
  }

  static TaskAddress address(ResidentOrchestration r, int taskId) {
    return new TaskAddress(r.state.id(), r.state.executionId(), taskId);
  }

  static Message.CallEntity callEntity(ResidentOrchestration r, EntityOperationCalled e) {
    return new Message.CallEntity(
        e.instanceId(), e.operation(), e.input(), address(r, e.taskId()), e.scheduledTime());
  }

  static Message.StartChild startChild(ResidentOrchestration r, SubOrchestrationCreated e) {
    return new Message.StartChild(
        e.instanceId(),
        e.name(),
        e.version(),
        e.input(),
        e.tags(),
        parentTask(r, e.taskId()),
        e.traceContext());
  }

  static ParentInstance parentTask(ResidentOrchestration r, int taskId) {
    return new ParentInstance(
        r.state.id(),
        r.state.executionId(),
        r.state.name(),
        r.state.version(),
        taskId,
        r.state.rewinds());
  }
}
