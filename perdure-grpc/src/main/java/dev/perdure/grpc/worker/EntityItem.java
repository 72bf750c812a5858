package dev.perdure.grpc.worker;

import com.google.protobuf.StringValue;
import dev.perdure.api.EntityId;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.InvalidInstanceIdException;
import dev.perdure.api.Payload;
import dev.perdure.api.Problem;
import dev.perdure.engine.entity.EntityBatch;
import dev.perdure.engine.entity.EntityBatch.Action;
import dev.perdure.engine.entity.EntityBatch.Result;
import dev.perdure.engine.entity.EntityEvent.StateChange;
import dev.perdure.engine.entity.EntityRequest.Operation;
import dev.perdure.engine.entity.EntityWork;
import dev.perdure.engine.entity.RunningBatch;
import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.grpc.history.WireValues;
import dev.perdure.grpc.protocol.EntityBatchRequest;
import dev.perdure.grpc.protocol.EntityBatchResult;
import dev.perdure.grpc.protocol.EntityOperationCalledEvent;
import dev.perdure.grpc.protocol.EntityOperationSignaledEvent;
import dev.perdure.grpc.protocol.EntityRequest;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.OperationAction;
import dev.perdure.grpc.protocol.OperationRequest;
import dev.perdure.grpc.protocol.OperationResult;
import dev.perdure.grpc.protocol.SendSignalAction;
import dev.perdure.grpc.protocol.StartNewOrchestrationAction;
import dev.perdure.grpc.protocol.WorkItem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Operations of an entity for workers. */
final class EntityItem extends Item {
  private static final System.Logger LOG = System.getLogger("dev.perdure.worker");

  final RunningBatch batch;
  private final WorkerPool pool;

  EntityItem(RunningBatch batch, WorkerPool pool) {
    super(FunctionKind.ENTITY, batch.entity().name(), "", batch.entity().instanceId(), 0);
    this.batch = batch;
    this.pool = pool;
    batch.onAbandon(() -> pool.waitsNoMore(this));
  }

  @Override
  boolean isVoid() {
    return batch.isAbandoned();
  }

  /** From now on it is kept: the pool has found a worker. */
  @Override
  boolean isUnread() {
    return !batch.keep() && !isVoid();
  }

  @Override
  void read(Runnable then) {
    pool.listener().entityBatchWanted(batch, then);
  }

  @Override
  void leftUnanswered() {
    batch.release();
  }

  @Override
  @Nullable WorkRequest toSend(long number, Connection to) {
    EntityWork work = batch.known();
    if (work == null || isVoid() || number != delivery) {
      return null; // over, or given to another worker since
    }
    WorkItem.Builder item = WorkItem.newBuilder();
    switch (to.entityForm()) {
      case V1 -> item.setEntityRequest(batchRequest(work));
      case V2 -> item.setEntityRequestV2(request(work, pool.tokens().of(number)));
    }
    return new WorkRequest.Operations(item.build());
  }

  private EntityBatchRequest batchRequest(EntityWork work) {
    EntityBatchRequest.Builder request = EntityBatchRequest.newBuilder().setInstanceId(instanceId);
    if (work.state() != null) {
      request.setEntityState(WireValues.text(work.state()));
    }
    for (Operation operation : work.operations()) {
      OperationRequest.Builder one =
          OperationRequest.newBuilder()
              .setOperation(operation.name())
              .setRequestId(UUID.randomUUID().toString());
      if (operation.input() != null) {
        one.setInput(WireValues.text(operation.input()));
      }
      request.addOperations(one);
    }
    return request.build();
  }

  private EntityRequest request(EntityWork work, String executionId) {
    EntityRequest.Builder request =
        EntityRequest.newBuilder().setInstanceId(instanceId).setExecutionId(executionId);
    if (work.state() != null) {
      request.setEntityState(WireValues.text(work.state()));
    }
    for (Operation operation : work.operations()) {
      request.addOperationRequests(event(operation));
    }
    return request.build();
  }

  private HistoryEvent event(Operation operation) {
    String requestId = UUID.randomUUID().toString();
    HistoryEvent.Builder event =
        HistoryEvent.newBuilder().setEventId(-1).setTimestamp(WireValues.time(operation.since()));
    if (operation.caller() == null) {
      EntityOperationSignaledEvent.Builder signal =
          EntityOperationSignaledEvent.newBuilder()
              .setRequestId(requestId)
              .setOperation(operation.name())
              .setTargetInstanceId(StringValue.of(instanceId));
      if (operation.input() != null) {
        signal.setInput(WireValues.text(operation.input()));
      }
      return event.setEntityOperationSignaled(signal).build();
    }
    EntityOperationCalledEvent.Builder call =
        EntityOperationCalledEvent.newBuilder()
            .setRequestId(requestId)
            .setOperation(operation.name())
            .setParentInstanceId(StringValue.of(operation.caller().instanceId()))
            .setParentExecutionId(StringValue.of(operation.caller().executionId()))
            .setTargetInstanceId(StringValue.of(instanceId));
    if (operation.input() != null) {
      call.setInput(WireValues.text(operation.input()));
    }
    return event.setEntityOperationCalled(call).build();
  }

  /** What an answer means; the message of the exception says what is wrong with it. */
  EntityBatch outcome(EntityBatchResult answer, Supplier<String> newIds) {
    EntityWork work = batch.work();
    if (answer.getResultsCount() > work.operations().size()) {
      throw new IllegalArgumentException(
          "%d results for %d operations"
              .formatted(answer.getResultsCount(), work.operations().size()));
    }
    if (answer.getResultsCount() == 0) {
      throw new IllegalArgumentException("no result for any of its operations");
    }
    List<Result> results = new ArrayList<>(answer.getResultsCount());
    for (OperationResult result : answer.getResultsList()) {
      results.add(result(result));
    }
    Payload state = answer.hasEntityState() ? WireValues.payload(answer.getEntityState()) : null;
    StateChange change =
        Objects.equals(state, work.state())
            ? new StateChange.Unchanged()
            : state == null ? new StateChange.Deleted() : new StateChange.Replaced(state);
    List<Action> actions = new ArrayList<>(answer.getActionsCount());
    for (OperationAction action : answer.getActionsList()) {
      Action read = action(action, newIds);
      if (read != null) {
        actions.add(read);
      }
    }
    return new EntityBatch.Completed(results, change, actions);
  }

  private static Result result(OperationResult result) {
    return switch (result.getResultTypeCase()) {
      case SUCCESS ->
          new Result(
              result.getSuccess().hasResult()
                  ? WireValues.payload(result.getSuccess().getResult())
                  : null,
              null);
      case FAILURE -> new Result(null, WireValues.failure(result.getFailure().getFailureDetails()));
      case RESULTTYPE_NOT_SET ->
          new Result(
              null,
              new FailureDetails(
                  "OperationResultMissing", "The worker gave no result.", null, null, false));
    };
  }

  private @Nullable Action action(OperationAction action, Supplier<String> newIds) {
    return switch (action.getOperationActionTypeCase()) {
      case SENDSIGNAL -> signal(action.getSendSignal());
      case STARTNEWORCHESTRATION -> {
        StartNewOrchestrationAction start = action.getStartNewOrchestration();
        if (start.getName().isEmpty()) {
          throw new IllegalArgumentException("it starts an orchestration without a name");
        }
        yield new Action.Start(
            start.getInstanceId().isEmpty() ? newIds.get() : start.getInstanceId(),
            start.getName(),
            start.hasVersion() ? start.getVersion().getValue() : "",
            start.hasInput() ? WireValues.payload(start.getInput()) : null,
            Map.of(),
            start.hasScheduledTime() ? future(WireValues.due(start.getScheduledTime())) : null,
            start.hasParentTraceContext() ? WireValues.trace(start.getParentTraceContext()) : null);
      }
      case OPERATIONACTIONTYPE_NOT_SET -> null;
    };
  }

  /** A signal; null if there can be no such entity, which is no reason to run the others again. */
  private @Nullable Action signal(SendSignalAction signal) {
    EntityId target;
    try {
      target = WireValues.entity(signal.getInstanceId());
    } catch (InvalidInstanceIdException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Entity ''{0}'': its signal ''{1}'' was dropped: {2}",
          instanceId,
          signal.getName(),
          e.getMessage());
      return null;
    }
    return new Action.Signal(
        target.instanceId(),
        signal.getName(),
        signal.hasInput() ? WireValues.payload(signal.getInput()) : null,
        signal.hasScheduledTime() ? WireValues.due(signal.getScheduledTime()) : null);
  }

  /** A start whose time has passed is one for now, and is told as such. */
  private static @Nullable Instant future(Instant at) {
    return at.isAfter(Instant.now()) ? at : null;
  }

  @Override
  boolean isLarge() {
    EntityWork work = batch.known();
    if (work == null) {
      return false;
    }
    long bytes = work.state() == null ? 0 : work.state().size();
    for (Operation operation : work.operations()) {
      bytes += operation.input() == null ? 0 : operation.input().size();
    }
    return bytes > LARGE_BYTES;
  }

  /** They have run, or are not to be run. */
  void ended(EntityBatch outcome) {
    pool.listener().entityBatchEnded(batch, outcome);
  }

  @Override
  void park(String why) {
    ended(
        new EntityBatch.Stuck(
            new Problem(
                Problem.Kind.POISON,
                ("Entity '%s': %s. They are not tried again. Find out what the first of them"
                        + " does, then requeue or purge the entity.")
                    .formatted(instanceId, why))));
  }

  @Override
  String noun() {
    return "its operations";
  }

  @Override
  String describe() {
    return "operations of entity '%s'".formatted(instanceId);
  }
}
