package dev.perdure.grpc.history;

import com.google.protobuf.Int32Value;
import com.google.protobuf.StringValue;
import com.google.protobuf.Timestamp;
import dev.perdure.api.EntityId;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.CustomStatusSet;
import dev.perdure.api.HistoryEvent.EntityLockRequested;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityOperationSignaled;
import dev.perdure.api.HistoryEvent.EntityUnlockSent;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.EventSent;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.InvalidInstanceIdException;
import dev.perdure.api.Payload;
import dev.perdure.api.TraceContext;
import dev.perdure.engine.functions.FunctionName;
import dev.perdure.engine.instance.Instance;
import dev.perdure.engine.orchestrator.StepResult;
import dev.perdure.engine.orchestrator.StepResult.Outcome;
import dev.perdure.engine.orchestrator.StepResult.Termination;
import dev.perdure.grpc.protocol.CompleteOrchestrationAction;
import dev.perdure.grpc.protocol.CreateSubOrchestrationAction;
import dev.perdure.grpc.protocol.EntityLockRequestedEvent;
import dev.perdure.grpc.protocol.EntityOperationCalledEvent;
import dev.perdure.grpc.protocol.EntityOperationSignaledEvent;
import dev.perdure.grpc.protocol.EntityUnlockSentEvent;
import dev.perdure.grpc.protocol.EventRaisedEvent;
import dev.perdure.grpc.protocol.EventSentEvent;
import dev.perdure.grpc.protocol.OrchestratorAction;
import dev.perdure.grpc.protocol.OrchestratorResponse;
import dev.perdure.grpc.protocol.ScheduleTaskAction;
import dev.perdure.grpc.protocol.SendEntityMessageAction;
import dev.perdure.grpc.protocol.SendEventAction;
import dev.perdure.grpc.protocol.TimerCreatedEvent;
import dev.perdure.grpc.protocol.TurnDetails;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Reads what a worker answered to a step: its actions become the events that record them. */
public final class AnswerReader {
  private static final System.Logger LOG = System.getLogger("dev.perdure.worker");

  private final String instanceId;
  private final WorkerView view;
  private final Instant now;
  private final TurnDetails.Builder details = TurnDetails.newBuilder();
  private final List<HistoryEvent> events = new ArrayList<>();
  private final List<Termination> terminations = new ArrayList<>(0);
  private final TaskIds ids = new TaskIds();
  private @Nullable CriticalSections sections;
  private Outcome outcome = StepResult.Waiting.INSTANCE;

  private AnswerReader(String instanceId, WorkerView view, Instant now) {
    this.instanceId = instanceId;
    this.view = view;
    this.now = now;
  }

  /** An answer that cannot be; the message says what is wrong with it. */
  public static final class InvalidAnswerException extends RuntimeException {
    InvalidAnswerException(String message) {
      super(message);
    }
  }

  /**
   * Reads an answer, and makes the step part of the past.
   *
   * @param view what the worker was shown
   * @param now stamps the events
   * @param actions the actions of all parts of the answer
   * @param response the last part of the answer
   * @param trace what the worker wants to have back; null for nothing new
   * @param recorded is completed when what came of it is durable
   * @throws InvalidAnswerException if it cannot be; nothing has changed
   */
  public static StepResult read(
      String instanceId,
      WorkerView view,
      Instant now,
      List<OrchestratorAction> actions,
      OrchestratorResponse response,
      dev.perdure.grpc.protocol.@Nullable OrchestrationTraceContext trace,
      CompletableFuture<@Nullable Void> recorded) {
    AnswerReader reader = new AnswerReader(instanceId, view, now);
    List<OrchestratorAction> sorted = new ArrayList<>(actions);
    // Some workers answer in no order. What ends the execution comes last, whatever its id.
    sorted.sort(
        Comparator.comparing(OrchestratorAction::hasCompleteOrchestration)
            .thenComparingInt(OrchestratorAction::getId));
    try {
      sorted.forEach(reader::read);
    } catch (InvalidInstanceIdException refused) {
      reader.fail(refused);
    }
    reader.customStatus(response);
    reader.details.setClock(view.clock());
    if (trace != null) {
      reader.details.setTraceContext(trace);
    }
    TurnDetails details = reader.details.build();
    boolean waits = reader.outcome instanceof StepResult.Waiting;
    view.end(reader.events, details, waits ? taken(response, view.shown()) : view.shown());
    return new StepResult(
        reader.events,
        view.delivered(),
        waits ? List.of(Instance.ANY_EVENT) : List.of(),
        reader.outcome,
        TurnDetailsCodec.write(details),
        reader.terminations,
        recorded);
  }

  /**
   * How many events the worker has taken of those that it was shown. It may leave the last ones for
   * the next step; the mark of the beginning does not count. To leave all of them is not taken to
   * be meant: the later parts of an answer in parts say so, and step would follow step without end.
   */
  private static int taken(OrchestratorResponse response, int shown) {
    int counted =
        response.hasNumEventsProcessed() ? response.getNumEventsProcessed().getValue() : 0;
    return counted < 1 ? shown : Math.min(counted, shown);
  }

  /** What a step says of it replaces what was; the next execution begins without. */
  private void customStatus(OrchestratorResponse response) {
    Payload status =
        response.hasCustomStatus()
                && !response.getCustomStatus().getValueBytes().isEmpty()
                && !(outcome instanceof StepResult.ContinueAsNew)
            ? WireValues.payload(response.getCustomStatus())
            : null;
    if (!Objects.equals(status, view.customStatus())) {
      events.add(new CustomStatusSet(now, status));
    }
  }

  private void read(OrchestratorAction action) {
    switch (action.getOrchestratorActionTypeCase()) {
      case SCHEDULETASK -> schedule(action, action.getScheduleTask());
      case CREATESUBORCHESTRATION -> create(action, action.getCreateSubOrchestration());
      case CREATETIMER -> timer(action, action.getCreateTimer().getFireAt());
      case SENDEVENT -> send(action, action.getSendEvent());
      case SENDENTITYMESSAGE -> entityMessage(action, action.getSendEntityMessage());
      case TERMINATEORCHESTRATION -> {
        var termination = action.getTerminateOrchestration();
        terminations.add(
            new Termination(
                termination.getInstanceId(),
                termination.hasReason() ? WireValues.payload(termination.getReason()) : null,
                termination.getRecurse()));
      }
      case COMPLETEORCHESTRATION -> {
        details.setCompletionId(Int32Value.of(action.getId()));
        outcome = outcome(action.getCompleteOrchestration());
      }
      case REWINDORCHESTRATION, ORCHESTRATORACTIONTYPE_NOT_SET ->
          LOG.log(
              System.Logger.Level.WARNING,
              "Instance ''{0}'': a worker asked for an action that is not known or was not expected"
                  + " here ({1}, #{2}); it is left out.",
              instanceId,
              action.getOrchestratorActionTypeCase(),
              action.getId());
    }
  }

  private static String textOf(boolean there, StringValue text) {
    return there ? text.getValue() : "";
  }

  private static @Nullable Payload payloadOf(boolean there, StringValue text) {
    return there ? WireValues.payload(text) : null;
  }

  private static @Nullable TraceContext traceOf(
      boolean there, dev.perdure.grpc.protocol.TraceContext trace) {
    return there ? WireValues.trace(trace) : null;
  }

  /** The id of an action that something comes back for, or that the history names. */
  private int id(OrchestratorAction action) {
    int id = action.getId();
    if (id < 0) {
      throw new InvalidAnswerException(
          "action %s has id %d; ids begin with 0"
              .formatted(action.getOrchestratorActionTypeCase(), id));
    }
    if (!ids.add(id) || view.isOpen(id)) {
      throw new InvalidAnswerException(
          "action %s has id %d, under which another one is under way"
              .formatted(action.getOrchestratorActionTypeCase(), id));
    }
    return id;
  }

  private String named(String name, OrchestratorAction action) {
    String defect = FunctionName.defect(name);
    if (defect != null) {
      throw new InvalidAnswerException(
          "action %s #%d names no function: the name %s"
              .formatted(action.getOrchestratorActionTypeCase(), action.getId(), defect));
    }
    return name;
  }

  private void schedule(OrchestratorAction action, ScheduleTaskAction task) {
    int id = id(action);
    events.add(
        new TaskScheduled(
            now,
            id,
            named(task.getName(), action),
            payloadOf(task.hasInput(), task.getInput()),
            id,
            1, // retries are made by the worker's code, which does not say so
            0,
            task.hasVersion() ? task.getVersion().getValue() : null,
            task.getTagsMap(),
            traceOf(task.hasParentTraceContext(), task.getParentTraceContext())));
  }

  private void create(OrchestratorAction action, CreateSubOrchestrationAction child) {
    int id = id(action);
    events.add(
        new SubOrchestrationCreated(
            now,
            id,
            child.getInstanceId().isEmpty()
                ? "%s:%04x".formatted(instanceId, id)
                : child.getInstanceId(),
            named(child.getName(), action),
            textOf(child.hasVersion(), child.getVersion()),
            payloadOf(child.hasInput(), child.getInput()),
            1,
            0,
            child.getTagsMap(),
            traceOf(child.hasParentTraceContext(), child.getParentTraceContext())));
  }

  private void timer(OrchestratorAction action, Timestamp fireAt) {
    int id = id(action);
    Instant due = WireValues.due(fireAt);
    events.add(new TimerCreated(now, id, due));
    if (!fireAt.equals(WireValues.time(due))) {
      details.addEvents(
          event(id).setTimerCreated(TimerCreatedEvent.newBuilder().setFireAt(fireAt)));
    }
  }

  private dev.perdure.grpc.protocol.HistoryEvent.Builder event(int id) {
    return dev.perdure.grpc.protocol.HistoryEvent.newBuilder()
        .setEventId(id)
        .setTimestamp(WireValues.time(now.toEpochMilli()));
  }

  private void send(OrchestratorAction action, SendEventAction event) {
    if (view.hasSent(action.getId())) {
      return; // some versions of the Java SDK ask in every step for all that they ever sent
    }
    if (EntityId.isEntityId(event.getInstance().getInstanceId())
        && EntityJson.isMessage(event.getName())) {
      entityEvent(action, event);
      return;
    }
    events.add(
        new EventSent(
            now,
            action.getId(),
            event.getInstance().getInstanceId(),
            event.getName(),
            payloadOf(event.hasData(), event.getData())));
  }

  /** A message to an entity in the older form; what came of it is told in the same form. */
  private void entityEvent(OrchestratorAction action, SendEventAction event) {
    String target = entity(event.getInstance().getInstanceId());
    EntityJson.Message message =
        EntityJson.read(event.getName(), payloadOf(event.hasData(), event.getData()));
    int id = action.getId();
    if (event.getName().equals(EntityJson.RELEASE)) {
      release(message.id(), target);
    } else if (message.operation() == null) {
      List<String> lockSet =
          message.lockSet().isEmpty()
              ? List.of(target)
              : message.lockSet().stream().distinct().sorted().map(EntityId::instanceId).toList();
      lock(message.id(), id(action), lockSet);
    } else if (message.signal()) {
      events.add(
          new EntityOperationSignaled(
              now, id(action), target, message.operation(), message.input(), message.at()));
    } else {
      events.add(
          new EntityOperationCalled(
              now, id(action), target, message.operation(), message.input(), message.at()));
    }
    EventSentEvent.Builder sent =
        EventSentEvent.newBuilder()
            .setInstanceId(event.getInstance().getInstanceId())
            .setName(event.getName());
    if (event.hasData()) {
      sent.setInput(event.getData());
    }
    details.addEvents(event(id).setEventSent(sent));
  }

  /** The critical sections as they are after the actions that were read; a copy of the view's. */
  private CriticalSections sections() {
    CriticalSections known = sections;
    if (known == null) {
      known = view.sections().copy();
      sections = known;
    }
    return known;
  }

  /**
   * Code holds one set of locks at a time, so who has got one and asks for another has left the
   * critical section before. Not every SDK then unlocks an entity whose operation it did not wait
   * for. Who has not got the first one cannot have left it.
   */
  private void lock(String section, int id, List<String> lockSet) {
    for (int task : sections().releaseAll()) {
      if (ids.contains(task) || view.isOpen(task)) {
        throw new InvalidAnswerException(
            "action #%d asks for locks while those of action #%d are waited for; ask for all of them at once"
                .formatted(id, task));
      }
      events.add(new EntityUnlockSent(now, task));
    }
    sections().asked(section, id, lockSet);
    events.add(new EntityLockRequested(now, id, lockSet));
  }

  private void release(String section, @Nullable String entityId) {
    Integer task = sections().unlocked(section, entityId);
    if (task != null) {
      events.add(new EntityUnlockSent(now, task));
    }
  }

  private void entityMessage(OrchestratorAction action, SendEntityMessageAction message) {
    switch (message.getEntityMessageTypeCase()) {
      case ENTITYOPERATIONCALLED -> {
        EntityOperationCalledEvent call = message.getEntityOperationCalled();
        int id = id(action);
        events.add(
            new EntityOperationCalled(
                now,
                id,
                entity(textOf(call.hasTargetInstanceId(), call.getTargetInstanceId())),
                call.getOperation(),
                payloadOf(call.hasInput(), call.getInput()),
                call.hasScheduledTime() ? WireValues.due(call.getScheduledTime()) : null));
        details.addEvents(event(id).setEntityOperationCalled(call.toBuilder().clearInput()));
      }
      case ENTITYOPERATIONSIGNALED -> {
        EntityOperationSignaledEvent signal = message.getEntityOperationSignaled();
        int id = id(action);
        events.add(
            new EntityOperationSignaled(
                now,
                id,
                entity(textOf(signal.hasTargetInstanceId(), signal.getTargetInstanceId())),
                signal.getOperation(),
                payloadOf(signal.hasInput(), signal.getInput()),
                signal.hasScheduledTime() ? WireValues.due(signal.getScheduledTime()) : null));
        details.addEvents(event(id).setEntityOperationSignaled(signal.toBuilder().clearInput()));
      }
      case ENTITYLOCKREQUESTED -> {
        EntityLockRequestedEvent lock = message.getEntityLockRequested();
        int id = id(action);
        List<String> lockSet =
            lock.getLockSetList().stream()
                .map(WireValues::entity)
                .distinct()
                .sorted() // in the order in which all locks are taken
                .map(EntityId::instanceId)
                .toList();
        if (lockSet.isEmpty()) {
          throw new InvalidAnswerException("action #%d locks no entity".formatted(id));
        }
        lock(lock.getCriticalSectionId(), id, lockSet);
        details.addEvents(event(id).setEntityLockRequested(lock));
      }
      case ENTITYUNLOCKSENT -> {
        EntityUnlockSentEvent unlock = message.getEntityUnlockSent();
        String target = unlock.getTargetInstanceId().getValue();
        release(unlock.getCriticalSectionId(), target.isEmpty() ? null : entity(target));
        details.addEvents(event(action.getId()).setEntityUnlockSent(unlock));
      }
      case ENTITYMESSAGETYPE_NOT_SET ->
          throw new InvalidAnswerException(
              "action #%d is a message to an entity of no known kind".formatted(action.getId()));
    }
  }

  private static String entity(String id) {
    return WireValues.entity(id).instanceId();
  }

  /** The step is a failure that asks for nothing. */
  private void fail(RuntimeException cause) {
    events.clear();
    terminations.clear();
    details.clear();
    outcome = new StepResult.Failed(FailureDetails.of(cause));
  }

  private Outcome outcome(CompleteOrchestrationAction end) {
    Payload result = payloadOf(end.hasResult(), end.getResult());
    return switch (end.getOrchestrationStatus()) {
      case ORCHESTRATION_STATUS_COMPLETED -> new StepResult.Completed(result);
      case ORCHESTRATION_STATUS_FAILED -> new StepResult.Failed(failure(end), result);
      case ORCHESTRATION_STATUS_TERMINATED -> new StepResult.Terminated(result);
      case ORCHESTRATION_STATUS_CONTINUED_AS_NEW ->
          new StepResult.ContinueAsNew(
              result,
              carriedOver(end),
              view.notShown(),
              end.hasNewVersion() ? end.getNewVersion().getValue() : null,
              end.getTagsCount() == 0 ? null : end.getTagsMap());
      default ->
          throw new InvalidAnswerException(
              "an execution cannot end with status %s (%d)"
                  .formatted(end.getOrchestrationStatus(), end.getOrchestrationStatusValue()));
    };
  }

  /** Events that the worker leaves to the next execution. */
  private List<EventRaised> carriedOver(CompleteOrchestrationAction end) {
    List<EventRaised> events = new ArrayList<>();
    for (dev.perdure.grpc.protocol.HistoryEvent event : end.getCarryoverEventsList()) {
      if (event.hasEventRaised()) {
        EventRaisedEvent raised = event.getEventRaised();
        events.add(
            new EventRaised(
                now, raised.getName(), payloadOf(raised.hasInput(), raised.getInput())));
      }
    }
    return events;
  }

  private static FailureDetails failure(CompleteOrchestrationAction end) {
    if (end.hasFailureDetails()) {
      return WireValues.failure(end.getFailureDetails());
    }
    return new FailureDetails(
        "OrchestrationFailed",
        end.hasDetails() ? end.getDetails().getValue() : "The worker gave no reason.",
        null,
        null,
        false);
  }
}
