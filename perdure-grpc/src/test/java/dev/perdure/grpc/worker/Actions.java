package dev.perdure.grpc.worker;

import com.google.protobuf.StringValue;
import com.google.protobuf.Timestamp;
import dev.perdure.grpc.protocol.CompleteOrchestrationAction;
import dev.perdure.grpc.protocol.CreateSubOrchestrationAction;
import dev.perdure.grpc.protocol.CreateTimerAction;
import dev.perdure.grpc.protocol.EntityLockRequestedEvent;
import dev.perdure.grpc.protocol.EntityOperationCalledEvent;
import dev.perdure.grpc.protocol.EntityOperationSignaledEvent;
import dev.perdure.grpc.protocol.EntityUnlockSentEvent;
import dev.perdure.grpc.protocol.EventRaisedEvent;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.OrchestrationInstance;
import dev.perdure.grpc.protocol.OrchestrationStatus;
import dev.perdure.grpc.protocol.OrchestratorAction;
import dev.perdure.grpc.protocol.ScheduleTaskAction;
import dev.perdure.grpc.protocol.SendEntityMessageAction;
import dev.perdure.grpc.protocol.SendEventAction;
import dev.perdure.grpc.protocol.TaskFailureDetails;
import dev.perdure.grpc.protocol.TerminateOrchestrationAction;
import java.time.Instant;
import java.util.List;

/** What orchestrators ask for. */
final class Actions {
  private Actions() {}

  private static OrchestratorAction.Builder action(int id) {
    return OrchestratorAction.newBuilder().setId(id);
  }

  static StringValue text(String text) {
    return StringValue.of(text);
  }

  static OrchestratorAction schedule(int id, String name, String input) {
    return action(id)
        .setScheduleTask(ScheduleTaskAction.newBuilder().setName(name).setInput(text(input)))
        .build();
  }

  static OrchestratorAction timer(int id, Timestamp fireAt) {
    return action(id).setCreateTimer(CreateTimerAction.newBuilder().setFireAt(fireAt)).build();
  }

  static Timestamp time(Instant at) {
    return Timestamp.newBuilder().setSeconds(at.getEpochSecond()).setNanos(at.getNano()).build();
  }

  static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  static OrchestratorAction child(int id, String name, String instanceId, String input) {
    return action(id)
        .setCreateSubOrchestration(
            CreateSubOrchestrationAction.newBuilder()
                .setName(name)
                .setInstanceId(instanceId)
                .setInput(text(input)))
        .build();
  }

  static OrchestratorAction send(int id, String to, String name, String payload) {
    return action(id)
        .setSendEvent(
            SendEventAction.newBuilder()
                .setInstance(OrchestrationInstance.newBuilder().setInstanceId(to))
                .setName(name)
                .setData(text(payload)))
        .build();
  }

  static OrchestratorAction terminate(int id, String which, String output, boolean recurse) {
    return action(id)
        .setTerminateOrchestration(
            TerminateOrchestrationAction.newBuilder()
                .setInstanceId(which)
                .setReason(text(output))
                .setRecurse(recurse))
        .build();
  }

  private static OrchestratorAction end(int id, CompleteOrchestrationAction.Builder end) {
    return action(id).setCompleteOrchestration(end).build();
  }

  private static CompleteOrchestrationAction.Builder end(OrchestrationStatus status) {
    return CompleteOrchestrationAction.newBuilder().setOrchestrationStatus(status);
  }

  static OrchestratorAction complete(int id, String result) {
    return end(id, end(OrchestrationStatus.ORCHESTRATION_STATUS_COMPLETED).setResult(text(result)));
  }

  static OrchestratorAction completeWithout(int id) {
    return end(id, end(OrchestrationStatus.ORCHESTRATION_STATUS_COMPLETED));
  }

  static OrchestratorAction fail(int id, TaskFailureDetails failure) {
    return end(id, end(OrchestrationStatus.ORCHESTRATION_STATUS_FAILED).setFailureDetails(failure));
  }

  static CompleteOrchestrationAction.Builder anew(String input) {
    return end(OrchestrationStatus.ORCHESTRATION_STATUS_CONTINUED_AS_NEW).setResult(text(input));
  }

  static OrchestratorAction continueAsNew(int id, CompleteOrchestrationAction.Builder anew) {
    return end(id, anew);
  }

  static OrchestratorAction continueAsNew(int id, String input) {
    return end(id, anew(input));
  }

  static HistoryEvent raised(String name, String payload) {
    return HistoryEvent.newBuilder()
        .setEventId(-1)
        .setTimestamp(time(Instant.now()))
        .setEventRaised(EventRaisedEvent.newBuilder().setName(name).setInput(text(payload)))
        .build();
  }

  private static OrchestratorAction message(int id, SendEntityMessageAction.Builder message) {
    return action(id).setSendEntityMessage(message).build();
  }

  static EntityOperationCalledEvent.Builder call(
      String caller, String entity, String operation, String input, String requestId) {
    return EntityOperationCalledEvent.newBuilder()
        .setRequestId(requestId)
        .setOperation(operation)
        .setInput(text(input))
        .setParentInstanceId(text(caller))
        .setTargetInstanceId(text(entity));
  }

  static OrchestratorAction call(int id, EntityOperationCalledEvent.Builder call) {
    return message(id, SendEntityMessageAction.newBuilder().setEntityOperationCalled(call));
  }

  static OrchestratorAction call(
      int id, String caller, String entity, String operation, String input, String requestId) {
    return call(id, call(caller, entity, operation, input, requestId));
  }

  static EntityOperationSignaledEvent.Builder signal(
      String entity, String operation, String input, String requestId) {
    return EntityOperationSignaledEvent.newBuilder()
        .setRequestId(requestId)
        .setOperation(operation)
        .setInput(text(input))
        .setTargetInstanceId(text(entity));
  }

  static OrchestratorAction signal(int id, EntityOperationSignaledEvent.Builder signal) {
    return message(id, SendEntityMessageAction.newBuilder().setEntityOperationSignaled(signal));
  }

  static OrchestratorAction lock(int id, String caller, String section, List<String> entities) {
    return message(
        id,
        SendEntityMessageAction.newBuilder()
            .setEntityLockRequested(
                EntityLockRequestedEvent.newBuilder()
                    .setCriticalSectionId(section)
                    .addAllLockSet(entities)
                    .setParentInstanceId(text(caller))));
  }

  static OrchestratorAction unlock(int id, String caller, String section, String entity) {
    return message(
        id,
        SendEntityMessageAction.newBuilder()
            .setEntityUnlockSent(
                EntityUnlockSentEvent.newBuilder()
                    .setCriticalSectionId(section)
                    .setParentInstanceId(text(caller))
                    .setTargetInstanceId(text(entity))));
  }

  static TaskFailureDetails failure(String type, String message) {
    return TaskFailureDetails.newBuilder().setErrorType(type).setErrorMessage(message).build();
  }
}
