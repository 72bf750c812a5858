package dev.perdure.grpc.worker;

import com.google.protobuf.StringValue;
import dev.perdure.api.Problem;
import dev.perdure.engine.activity.ActivityWork;
import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.grpc.history.WireValues;
import dev.perdure.grpc.protocol.ActivityRequest;
import dev.perdure.grpc.protocol.OrchestrationInstance;
import dev.perdure.grpc.protocol.WorkItem;
import org.jspecify.annotations.Nullable;

/** An activity for workers. */
final class ActivityItem extends Item {
  final ActivityWork work;
  private final WorkerPool pool;

  ActivityItem(ActivityWork work, WorkerPool pool) {
    super(FunctionKind.ACTIVITY, work.name(), work.version(), work.instanceId(), work.taskId());
    this.work = work;
    this.pool = pool;
  }

  @Override
  boolean isVoid() {
    return false; // whether it is still wanted is seen when its answer comes
  }

  @Override
  @Nullable WorkItem toSend(String deliveryToken, Connection to) {
    ActivityRequest.Builder request =
        ActivityRequest.newBuilder()
            .setName(work.name())
            .setOrchestrationInstance(
                OrchestrationInstance.newBuilder()
                    .setInstanceId(work.instanceId())
                    .setExecutionId(StringValue.of(work.executionId())))
            .setTaskId(work.taskId());
    if (!work.call().tags().isEmpty()) {
      request.putAllTags(work.call().tags());
    }
    if (!work.call().version().isEmpty()) {
      request.setVersion(StringValue.of(work.call().version()));
    }
    if (work.input() != null) {
      request.setInput(WireValues.text(work.input()));
    }
    if (work.call().traceContext() != null) {
      request.setParentTraceContext(WireValues.trace(work.call().traceContext()));
    }
    return WorkItem.newBuilder()
        .setActivityRequest(request)
        .setCompletionToken(deliveryToken)
        .build();
  }

  @Override
  boolean isLarge() {
    return work.input() != null && work.input().size() > LARGE_BYTES;
  }

  @Override
  void park(String why) {
    pool.listener()
        .activityParked(
            work,
            new Problem(
                Problem.Kind.POISON,
                ("Instance '%s': %s. It is not tried again. Find out what it does, then requeue or"
                        + " terminate the instance.")
                    .formatted(work.instanceId(), why)));
  }

  @Override
  String noun() {
    return "activity '%s' (#%d)".formatted(work.name(), work.taskId());
  }

  @Override
  String describe() {
    return "activity '%s' (#%d) of instance '%s'"
        .formatted(work.name(), work.taskId(), work.instanceId());
  }
}
