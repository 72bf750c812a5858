package dev.perdure.grpc.history;

import com.google.protobuf.StringValue;
import com.google.protobuf.Timestamp;
import dev.perdure.api.EntityId;
import dev.perdure.api.HistoryEvent.EntityLockGranted;
import dev.perdure.api.HistoryEvent.EntityLockRequested;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityOperationCompleted;
import dev.perdure.api.HistoryEvent.EntityOperationFailed;
import dev.perdure.api.HistoryEvent.EntityOperationSignaled;
import dev.perdure.api.HistoryEvent.EntityUnlockSent;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.EventSent;
import dev.perdure.api.HistoryEvent.ExecutionCompleted;
import dev.perdure.api.HistoryEvent.ExecutionResumed;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.ExecutionSuspended;
import dev.perdure.api.HistoryEvent.SubOrchestrationCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.SubOrchestrationFailed;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TaskFailed;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.HistoryEvent.TimerFired;
import dev.perdure.api.InvalidInstanceIdException;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.ParentInstance;
import dev.perdure.api.Payload;
import dev.perdure.engine.instance.Rewind;
import dev.perdure.grpc.protocol.EntityLockGrantedEvent;
import dev.perdure.grpc.protocol.EntityLockRequestedEvent;
import dev.perdure.grpc.protocol.EntityOperationCalledEvent;
import dev.perdure.grpc.protocol.EntityOperationCompletedEvent;
import dev.perdure.grpc.protocol.EntityOperationFailedEvent;
import dev.perdure.grpc.protocol.EntityOperationSignaledEvent;
import dev.perdure.grpc.protocol.EntityUnlockSentEvent;
import dev.perdure.grpc.protocol.EventRaisedEvent;
import dev.perdure.grpc.protocol.EventSentEvent;
import dev.perdure.grpc.protocol.ExecutionCompletedEvent;
import dev.perdure.grpc.protocol.ExecutionResumedEvent;
import dev.perdure.grpc.protocol.ExecutionStartedEvent;
import dev.perdure.grpc.protocol.ExecutionSuspendedEvent;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.OrchestrationInstance;
import dev.perdure.grpc.protocol.OrchestratorStartedEvent;
import dev.perdure.grpc.protocol.ParentInstanceInfo;
import dev.perdure.grpc.protocol.SubOrchestrationInstanceCompletedEvent;
import dev.perdure.grpc.protocol.SubOrchestrationInstanceCreatedEvent;
import dev.perdure.grpc.protocol.SubOrchestrationInstanceFailedEvent;
import dev.perdure.grpc.protocol.TaskCompletedEvent;
import dev.perdure.grpc.protocol.TaskFailedEvent;
import dev.perdure.grpc.protocol.TaskScheduledEvent;
import dev.perdure.grpc.protocol.TimerCreatedEvent;
import dev.perdure.grpc.protocol.TimerFiredEvent;
import dev.perdure.grpc.protocol.TurnDetails;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Writes the events of one execution in the form of the protocol, in the order in which they
 * happened: answers refer to what was said when the question was asked. Not thread-safe.
 */
final class EventTranslator {
  /** The id of every event that is no action. */
  static final int NO_ID = -1;

  private final String instanceId;
  private String executionId = "";

  private final Map<Integer, String> requestIds = new HashMap<>(2);
  private final Map<Integer, EntityLockRequestedEvent> locks = new HashMap<>(2);

  /** Requests in the older form, whose answers are external events of their names. */
  private final Map<Integer, String> olderRequests = new HashMap<>(0);

  private final Map<Integer, Timestamp> timers = new HashMap<>(4);

  EventTranslator(String instanceId) {
    this.instanceId = instanceId;
  }

  private static HistoryEvent.Builder event(int id, long at) {
    return HistoryEvent.newBuilder().setEventId(id).setTimestamp(WireValues.time(at));
  }

  private static HistoryEvent.Builder event(int id, dev.perdure.api.HistoryEvent of) {
    return event(id, of.timestamp().toEpochMilli());
  }

  /** The mark of a new step. */
  static HistoryEvent orchestratorStarted(Timestamp clock) {
    return HistoryEvent.newBuilder()
        .setEventId(NO_ID)
        .setTimestamp(clock)
        .setOrchestratorStarted(OrchestratorStartedEvent.getDefaultInstance())
        .build();
  }

  // ---- what is handed over ----------------------------------------------------------------------

  /** When the timer of an event was to fire, in milliseconds since 1970; 0 for other events. */
  long dueMillis(dev.perdure.api.HistoryEvent event) {
    Timestamp at = event instanceof TimerFired fired ? timers.get(fired.taskId()) : null;
    return at == null ? 0 : WireValues.millis(at);
  }

  /** An event that is handed to the code. */
  HistoryEvent inbox(dev.perdure.api.HistoryEvent event) {
    HistoryEvent.Builder out = event(NO_ID, event);
    switch (event) {
      case ExecutionStarted e -> out.setExecutionStarted(started(e));
      case TaskCompleted e -> {
        TaskCompletedEvent.Builder done =
            TaskCompletedEvent.newBuilder().setTaskScheduledId(e.taskId());
        if (e.result() != null) {
          done.setResult(WireValues.text(e.result()));
        }
        out.setTaskCompleted(done);
      }
      case TaskFailed e ->
          out.setTaskFailed(
              TaskFailedEvent.newBuilder()
                  .setTaskScheduledId(e.taskId())
                  .setFailureDetails(WireValues.failure(e.failure())));
      case SubOrchestrationCompleted e -> {
        SubOrchestrationInstanceCompletedEvent.Builder done =
            SubOrchestrationInstanceCompletedEvent.newBuilder().setTaskScheduledId(e.taskId());
        if (e.result() != null) {
          done.setResult(WireValues.text(e.result()));
        }
        out.setSubOrchestrationInstanceCompleted(done);
      }
      case SubOrchestrationFailed e ->
          out.setSubOrchestrationInstanceFailed(
              SubOrchestrationInstanceFailedEvent.newBuilder()
                  .setTaskScheduledId(e.taskId())
                  .setFailureDetails(WireValues.failure(e.failure())));
      case TimerFired e -> {
        Timestamp fireAt = timers.remove(e.taskId());
        out.setTimerFired(
            TimerFiredEvent.newBuilder()
                .setTimerId(e.taskId())
                .setFireAt(fireAt == null ? WireValues.time(e.timestamp()) : fireAt));
      }
      case EventRaised e -> {
        EventRaisedEvent.Builder raised = EventRaisedEvent.newBuilder().setName(e.name());
        if (e.payload() != null) {
          raised.setInput(WireValues.text(e.payload()));
        }
        out.setEventRaised(raised);
      }
      case EntityOperationCompleted e when olderRequests.containsKey(e.taskId()) ->
          out.setEventRaised(olderAnswer(e.taskId(), EntityJson.result(e.result())));
      case EntityOperationFailed e when olderRequests.containsKey(e.taskId()) ->
          out.setEventRaised(olderAnswer(e.taskId(), EntityJson.failure(e.failure())));
      case EntityLockGranted e when olderRequests.containsKey(e.taskId()) ->
          out.setEventRaised(olderAnswer(e.taskId(), EntityJson.granted()));
      case EntityOperationCompleted e -> {
        EntityOperationCompletedEvent.Builder done =
            EntityOperationCompletedEvent.newBuilder().setRequestId(takeRequestId(e.taskId()));
        if (e.result() != null) {
          done.setOutput(WireValues.text(e.result()));
        }
        out.setEntityOperationCompleted(done);
      }
      case EntityOperationFailed e ->
          out.setEntityOperationFailed(
              EntityOperationFailedEvent.newBuilder()
                  .setRequestId(takeRequestId(e.taskId()))
                  .setFailureDetails(WireValues.failure(e.failure())));
      case EntityLockGranted e ->
          out.setEntityLockGranted(
              EntityLockGrantedEvent.newBuilder().setCriticalSectionId(sectionId(e.taskId())));
      case ExecutionSuspended e -> {
        ExecutionSuspendedEvent.Builder suspended = ExecutionSuspendedEvent.newBuilder();
        if (e.reason() != null) {
          suspended.setInput(StringValue.of(e.reason()));
        }
        out.setExecutionSuspended(suspended);
      }
      case ExecutionResumed e -> {
        ExecutionResumedEvent.Builder resumed = ExecutionResumedEvent.newBuilder();
        if (e.reason() != null) {
          resumed.setInput(StringValue.of(e.reason()));
        }
        out.setExecutionResumed(resumed);
      }
      default -> throw new IllegalStateException("Not handed to code: " + event.getClass());
    }
    return out.build();
  }

  private EventRaisedEvent olderAnswer(int taskId, Payload content) {
    return EventRaisedEvent.newBuilder()
        .setName(Objects.requireNonNull(olderRequests.remove(taskId)))
        .setInput(WireValues.text(content))
        .build();
  }

  /** The critical section whose locks an event asks for; null if it does not. */
  @Nullable String sectionAskedFor(HistoryEvent event) {
    if (event.hasEntityLockRequested()) {
      return event.getEntityLockRequested().getCriticalSectionId();
    }
    if (event.hasEventSent() && !isUnlock(event)) {
      EntityJson.Message message = olderMessage(event);
      return message.operation() == null ? message.id() : null;
    }
    return null;
  }

  /**
   * An entity is unlocked.
   *
   * @param section the critical section whose lock it was
   * @param entityId the entity, as an instance id; null if it is not named
   */
  record Unlock(String section, @Nullable String entityId) {}

  /** What an event unlocks; null if it does not. */
  @Nullable Unlock unlock(HistoryEvent event) {
    if (event.hasEntityUnlockSent()) {
      EntityUnlockSentEvent unlock = event.getEntityUnlockSent();
      String target = unlock.getTargetInstanceId().getValue();
      return new Unlock(unlock.getCriticalSectionId(), target.isEmpty() ? null : entityId(target));
    }
    if (isUnlock(event)) {
      return new Unlock(olderMessage(event).id(), entityId(event.getEventSent().getInstanceId()));
    }
    return null;
  }

  private static String entityId(String text) {
    try {
      return EntityId.parse(text).instanceId();
    } catch (InvalidInstanceIdException e) {
      return text; // histories may hold any; such a one unlocks nothing
    }
  }

  private static EntityJson.Message olderMessage(HistoryEvent event) {
    EventSentEvent sent = event.getEventSent();
    return EntityJson.read(
        sent.getName(), sent.hasInput() ? WireValues.payload(sent.getInput()) : null);
  }

  private ExecutionStartedEvent started(ExecutionStarted e) {
    executionId = e.executionId();
    ExecutionStartedEvent.Builder out =
        ExecutionStartedEvent.newBuilder()
            .setName(e.name())
            .setVersion(StringValue.of(e.version())) // also an empty one, lest an SDK makes it null
            .setOrchestrationInstance(instance(instanceId, executionId))
            .putAllTags(e.tags());
    if (e.input() != null) {
      out.setInput(WireValues.text(e.input()));
    }
    ParentInstance parent = Rewind.withPublicId(e.parent());
    if (parent != null) {
      out.setParentInstance(
          ParentInstanceInfo.newBuilder()
              .setTaskScheduledId(parent.taskId())
              .setName(StringValue.of(parent.name()))
              .setVersion(StringValue.of(parent.version()))
              .setOrchestrationInstance(instance(parent.instanceId(), parent.executionId())));
    }
    if (e.scheduledStart() != null) {
      out.setScheduledStartTimestamp(WireValues.time(e.scheduledStart()));
    }
    if (e.traceContext() != null) {
      out.setParentTraceContext(WireValues.trace(e.traceContext()));
    }
    return out.build();
  }

  private static OrchestrationInstance instance(String id, String execution) {
    return OrchestrationInstance.newBuilder()
        .setInstanceId(id)
        .setExecutionId(StringValue.of(execution))
        .build();
  }

  private String takeRequestId(int taskId) {
    String id = requestIds.remove(taskId);
    return id == null ? madeUpId(taskId) : id;
  }

  private String sectionId(int taskId) {
    EntityLockRequestedEvent lock = locks.get(taskId);
    return lock == null ? madeUpId(taskId) : lock.getCriticalSectionId();
  }

  /** An id that is the same every time it is asked for; code in the host needs none. */
  private String madeUpId(int taskId) {
    return UUID.nameUUIDFromBytes((executionId + '/' + taskId).getBytes(StandardCharsets.UTF_8))
        .toString();
  }

  // ---- what the code asked for ------------------------------------------------------------------

  /** What the code asked for in a step; actions that the protocol has no event for are left out. */
  List<HistoryEvent> actions(
      List<dev.perdure.api.HistoryEvent> actions, @Nullable TurnDetails details) {
    List<HistoryEvent> out = new ArrayList<>(actions.size());
    Map<Integer, HistoryEvent> known = details == null ? Map.of() : byId(details);
    for (dev.perdure.api.HistoryEvent action : actions) {
      switch (action) {
        case TaskScheduled e -> out.add(scheduled(e));
        case SubOrchestrationCreated e -> out.add(created(e));
        case TimerCreated e -> {
          HistoryEvent created = known.get(e.taskId());
          if (created == null || !created.hasTimerCreated()) {
            created =
                event(e.taskId(), e)
                    .setTimerCreated(
                        TimerCreatedEvent.newBuilder().setFireAt(WireValues.time(e.fireAt())))
                    .build();
          }
          timers.put(e.taskId(), created.getTimerCreated().getFireAt());
          out.add(created);
        }
        case EventSent e -> {
          EventSentEvent.Builder sent =
              EventSentEvent.newBuilder().setInstanceId(e.instanceId()).setName(e.name());
          if (e.payload() != null) {
            sent.setInput(WireValues.text(e.payload()));
          }
          out.add(event(e.taskId(), e).setEventSent(sent).build());
        }
        case EntityOperationCalled e -> out.add(called(e, known.get(e.taskId())));
        case EntityOperationSignaled e -> out.add(signaled(e, known.get(e.taskId())));
        case EntityLockRequested e -> out.add(lockRequested(e, known.get(e.taskId())));
        case EntityUnlockSent e -> {
          if (details == null) {
            addUnlocks(e, out);
          }
        }
        default -> {}
      }
    }
    if (details != null) {
      for (HistoryEvent event : details.getEventsList()) {
        if (isUnlock(event)) {
          out.add(event);
        }
      }
      if (details.getEventsCount() > 0) {
        out.sort(Comparator.comparingInt(HistoryEvent::getEventId));
      }
    }
    return out;
  }

  private static boolean isUnlock(HistoryEvent event) {
    return event.hasEntityUnlockSent()
        || (event.hasEventSent() && event.getEventSent().getName().equals(EntityJson.RELEASE));
  }

  private static Map<Integer, HistoryEvent> byId(TurnDetails details) {
    Map<Integer, HistoryEvent> byId = new HashMap<>();
    for (HistoryEvent event : details.getEventsList()) {
      if (!isUnlock(event)) {
        byId.put(event.getEventId(), event);
      }
    }
    return byId;
  }

  private static HistoryEvent scheduled(TaskScheduled e) {
    TaskScheduledEvent.Builder out =
        TaskScheduledEvent.newBuilder().setName(e.name()).putAllTags(e.tags());
    if (e.version() != null) {
      out.setVersion(StringValue.of(e.version()));
    }
    if (e.input() != null) {
      out.setInput(WireValues.text(e.input()));
    }
    if (e.traceContext() != null) {
      out.setParentTraceContext(WireValues.trace(e.traceContext()));
    }
    return event(e.taskId(), e).setTaskScheduled(out).build();
  }

  private static HistoryEvent created(SubOrchestrationCreated e) {
    SubOrchestrationInstanceCreatedEvent.Builder out =
        SubOrchestrationInstanceCreatedEvent.newBuilder()
            .setInstanceId(e.instanceId())
            .setName(e.name())
            .putAllTags(e.tags());
    if (!e.version().isEmpty()) {
      out.setVersion(StringValue.of(e.version()));
    }
    if (e.input() != null) {
      out.setInput(WireValues.text(e.input()));
    }
    if (e.traceContext() != null) {
      out.setParentTraceContext(WireValues.trace(e.traceContext()));
    }
    return event(e.taskId(), e).setSubOrchestrationInstanceCreated(out).build();
  }

  private HistoryEvent called(EntityOperationCalled e, @Nullable HistoryEvent known) {
    if (known != null && known.hasEventSent()) {
      olderRequests.put(e.taskId(), olderMessage(known).id());
      return known;
    }
    EntityOperationCalledEvent.Builder out;
    if (known != null && known.hasEntityOperationCalled()) {
      out = known.getEntityOperationCalled().toBuilder();
    } else {
      out =
          EntityOperationCalledEvent.newBuilder()
              .setRequestId(madeUpId(e.taskId()))
              .setOperation(e.operation())
              .setParentInstanceId(StringValue.of(instanceId))
              .setParentExecutionId(StringValue.of(executionId))
              .setTargetInstanceId(StringValue.of(e.instanceId()));
      if (e.scheduledTime() != null) {
        out.setScheduledTime(WireValues.time(e.scheduledTime()));
      }
    }
    setInput(e.input(), out::setInput);
    requestIds.put(e.taskId(), out.getRequestId());
    return event(e.taskId(), e).setEntityOperationCalled(out).build();
  }

  private HistoryEvent signaled(EntityOperationSignaled e, @Nullable HistoryEvent known) {
    if (known != null && known.hasEventSent()) {
      return known;
    }
    EntityOperationSignaledEvent.Builder out;
    if (known != null && known.hasEntityOperationSignaled()) {
      out = known.getEntityOperationSignaled().toBuilder();
    } else {
      out =
          EntityOperationSignaledEvent.newBuilder()
              .setRequestId(madeUpId(e.taskId()))
              .setOperation(e.operation())
              .setTargetInstanceId(StringValue.of(e.instanceId()));
      if (e.scheduledTime() != null) {
        out.setScheduledTime(WireValues.time(e.scheduledTime()));
      }
    }
    setInput(e.input(), out::setInput);
    return event(e.taskId(), e).setEntityOperationSignaled(out).build();
  }

  private static void setInput(
      @Nullable Payload input, java.util.function.Consumer<StringValue> setter) {
    if (input != null) {
      setter.accept(WireValues.text(input));
    }
  }

  private HistoryEvent lockRequested(EntityLockRequested e, @Nullable HistoryEvent known) {
    if (known != null && known.hasEventSent()) {
      olderRequests.put(e.taskId(), olderMessage(known).id());
      return known;
    }
    EntityLockRequestedEvent lock =
        known != null && known.hasEntityLockRequested()
            ? known.getEntityLockRequested()
            : EntityLockRequestedEvent.newBuilder()
                .setCriticalSectionId(madeUpId(e.taskId()))
                .addAllLockSet(e.lockSet())
                .setParentInstanceId(StringValue.of(instanceId))
                .build();
    locks.put(e.taskId(), lock);
    return event(e.taskId(), e).setEntityLockRequested(lock).build();
  }

  private void addUnlocks(EntityUnlockSent e, List<HistoryEvent> out) {
    EntityLockRequestedEvent lock = locks.remove(e.taskId());
    if (lock == null) {
      return;
    }
    for (String entity : lock.getLockSetList()) {
      out.add(
          event(e.taskId(), e)
              .setEntityUnlockSent(
                  EntityUnlockSentEvent.newBuilder()
                      .setCriticalSectionId(lock.getCriticalSectionId())
                      .setParentInstanceId(StringValue.of(instanceId))
                      .setTargetInstanceId(StringValue.of(entity)))
              .build());
    }
  }

  // ---- the end ----------------------------------------------------------------------------------

  /** How the execution ended. */
  static HistoryEvent completed(ExecutionCompleted e, int id) {
    ExecutionCompletedEvent.Builder out =
        ExecutionCompletedEvent.newBuilder().setOrchestrationStatus(status(e.status()));
    if (e.output() != null) {
      out.setResult(WireValues.text(e.output()));
    }
    if (e.failure() != null) {
      out.setFailureDetails(WireValues.failure(e.failure()));
    }
    return event(id, e).setExecutionCompleted(out).build();
  }

  private static dev.perdure.grpc.protocol.OrchestrationStatus status(OrchestrationStatus status) {
    return switch (status) {
      case PENDING -> dev.perdure.grpc.protocol.OrchestrationStatus.ORCHESTRATION_STATUS_PENDING;
      case RUNNING -> dev.perdure.grpc.protocol.OrchestrationStatus.ORCHESTRATION_STATUS_RUNNING;
      case SUSPENDED ->
          dev.perdure.grpc.protocol.OrchestrationStatus.ORCHESTRATION_STATUS_SUSPENDED;
      case COMPLETED ->
          dev.perdure.grpc.protocol.OrchestrationStatus.ORCHESTRATION_STATUS_COMPLETED;
      case FAILED -> dev.perdure.grpc.protocol.OrchestrationStatus.ORCHESTRATION_STATUS_FAILED;
      case TERMINATED ->
          dev.perdure.grpc.protocol.OrchestrationStatus.ORCHESTRATION_STATUS_TERMINATED;
    };
  }
}
