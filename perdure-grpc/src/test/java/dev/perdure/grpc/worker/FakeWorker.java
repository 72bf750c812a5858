package dev.perdure.grpc.worker;

import com.google.protobuf.StringValue;
import dev.perdure.grpc.protocol.AbandonActivityTaskRequest;
import dev.perdure.grpc.protocol.AbandonEntityTaskRequest;
import dev.perdure.grpc.protocol.AbandonOrchestrationTaskRequest;
import dev.perdure.grpc.protocol.ActivityResponse;
import dev.perdure.grpc.protocol.EntityBatchResult;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.grpc.protocol.HistoryChunk;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.OperationResult;
import dev.perdure.grpc.protocol.OperationResultFailure;
import dev.perdure.grpc.protocol.OperationResultSuccess;
import dev.perdure.grpc.protocol.OrchestratorAction;
import dev.perdure.grpc.protocol.OrchestratorRequest;
import dev.perdure.grpc.protocol.OrchestratorResponse;
import dev.perdure.grpc.protocol.StreamInstanceHistoryRequest;
import dev.perdure.grpc.protocol.TaskFailureDetails;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc.TaskHubSidecarServiceBlockingStub;
import dev.perdure.grpc.protocol.WorkItem;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A worker without an SDK: what it is sent waits here until the test takes it, and it answers what
 * the test has it answer.
 */
final class FakeWorker implements AutoCloseable {
  private final ManagedChannel channel;
  private final BlockingQueue<WorkItem> items = new LinkedBlockingQueue<>();
  private final BlockingQueue<WorkItem> pings = new LinkedBlockingQueue<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile @Nullable Throwable failure;
  private volatile @Nullable ClientCallStreamObserver<GetWorkItemsRequest> call;
  private @Nullable Consumer<WorkItem> handler;

  FakeWorker(ManagedChannel channel, GetWorkItemsRequest request) {
    this(channel, "", request);
  }

  /** A worker whose SDK says who it is, or is silent if that is empty. */
  FakeWorker(ManagedChannel channel, String agent, GetWorkItemsRequest request) {
    this.channel = channel;
    Metadata headers = new Metadata();
    if (!agent.isEmpty()) {
      headers.put(Metadata.Key.of("x-user-agent", Metadata.ASCII_STRING_MARSHALLER), agent);
    }
    TaskHubSidecarServiceGrpc.newStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
        .getWorkItems(
            request,
            new ClientResponseObserver<GetWorkItemsRequest, WorkItem>() {
              @Override
              public void beforeStart(ClientCallStreamObserver<GetWorkItemsRequest> out) {
                call = out;
              }

              @Override
              public void onNext(WorkItem item) {
                if (item.hasHealthPing()) {
                  pings.add(item);
                } else {
                  came(item);
                }
              }

              @Override
              public void onError(Throwable t) {
                failure = t;
                over.countDown();
              }

              @Override
              public void onCompleted() {
                over.countDown();
              }
            });
  }

  private synchronized void came(WorkItem item) {
    if (handler == null) {
      items.add(item);
    } else {
      handler.accept(item);
    }
  }

  /** From now on items are handled as they come, on the thread of the stream. */
  synchronized void handle(Consumer<WorkItem> by) {
    handler = by;
    List<WorkItem> waiting = new ArrayList<>();
    items.drainTo(waiting);
    waiting.forEach(by);
  }

  /** Ends its stream; what it has in hand is lost. */
  @Override
  public void close() {
    ClientCallStreamObserver<GetWorkItemsRequest> open = call;
    if (open != null) {
      open.cancel("the worker goes away", null);
    }
  }

  /** Waits until the server has ended the stream; returns with what, null for an orderly end. */
  @Nullable Throwable ended() {
    try {
      if (!over.await(WorkerServer.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("The stream goes on");
      }
      return failure;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  // ---- what it is sent --------------------------------------------------------------------------

  private static WorkItem take(BlockingQueue<WorkItem> from) {
    try {
      WorkItem item = from.poll(WorkerServer.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (item == null) {
        throw new AssertionError("No work came");
      }
      return item;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The next item of any kind. */
  WorkItem item() {
    return take(items);
  }

  WorkItem ping() {
    return take(pings);
  }

  /** Whether it has been sent nothing that was not taken. */
  boolean isIdle() {
    return items.isEmpty();
  }

  /** The next item, which has to be a step. */
  Turn turn() {
    WorkItem item = item();
    if (!item.hasOrchestratorRequest()) {
      throw new AssertionError("Not a step: " + item);
    }
    return new Turn(item.getCompletionToken(), item.getOrchestratorRequest());
  }

  /** The next item, which has to be an activity. */
  WorkItem activity() {
    WorkItem item = item();
    if (!item.hasActivityRequest()) {
      throw new AssertionError("Not an activity: " + item);
    }
    return item;
  }

  /** The next item, which has to be operations. */
  WorkItem entity() {
    WorkItem item = item();
    if (!item.hasEntityRequestV2()) {
      throw new AssertionError("Not operations: " + item);
    }
    return item;
  }

  /** A step. */
  record Turn(String token, OrchestratorRequest request) {
    String instanceId() {
      return request.getInstanceId();
    }

    List<HistoryEvent> past() {
      return request.getPastEventsList();
    }

    List<HistoryEvent> events() {
      return request.getNewEventsList();
    }

    /** Events of the step but the mark of its beginning. */
    List<HistoryEvent> inbox() {
      return events().subList(1, events().size());
    }

    HistoryEvent only() {
      if (inbox().size() != 1) {
        throw new AssertionError("Not one event: " + inbox());
      }
      return inbox().getFirst();
    }

    OrchestratorResponse.Builder answer(OrchestratorAction... actions) {
      return OrchestratorResponse.newBuilder()
          .setInstanceId(instanceId())
          .setCompletionToken(token)
          .addAllActions(List.of(actions));
    }
  }

  // ---- what it answers --------------------------------------------------------------------------

  TaskHubSidecarServiceBlockingStub stub() {
    return TaskHubSidecarServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(WorkerServer.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  void answer(Turn turn, OrchestratorAction... actions) {
    answer(turn.answer(actions));
  }

  void answer(OrchestratorResponse.Builder answer) {
    var unused = stub().completeOrchestratorTask(answer.build());
  }

  /** Takes the next step and answers it. */
  Turn turnAnswered(OrchestratorAction... actions) {
    Turn turn = turn();
    answer(turn, actions);
    return turn;
  }

  static ActivityResponse.Builder answerTo(WorkItem activity) {
    return ActivityResponse.newBuilder()
        .setInstanceId(activity.getActivityRequest().getOrchestrationInstance().getInstanceId())
        .setTaskId(activity.getActivityRequest().getTaskId())
        .setCompletionToken(activity.getCompletionToken());
  }

  void answer(WorkItem activity, @Nullable String result) {
    ActivityResponse.Builder answer = answerTo(activity);
    if (result != null) {
      answer.setResult(StringValue.of(result));
    }
    var unused = stub().completeActivityTask(answer.build());
  }

  void fail(WorkItem activity, TaskFailureDetails failure) {
    var unused = stub().completeActivityTask(answerTo(activity).setFailureDetails(failure).build());
  }

  /** Answers operations: all of them succeed. */
  void answer(WorkItem operations, @Nullable String state, List<String> results) {
    EntityBatchResult.Builder answer =
        EntityBatchResult.newBuilder().setCompletionToken(operations.getCompletionToken());
    if (state != null) {
      answer.setEntityState(StringValue.of(state));
    }
    results.forEach(result -> answer.addResults(success(result)));
    answer(answer);
  }

  void answer(EntityBatchResult.Builder answer) {
    var unused = stub().completeEntityTask(answer.build());
  }

  static OperationResult success(String result) {
    return OperationResult.newBuilder()
        .setSuccess(OperationResultSuccess.newBuilder().setResult(StringValue.of(result)))
        .build();
  }

  static OperationResult failure(TaskFailureDetails failure) {
    return OperationResult.newBuilder()
        .setFailure(OperationResultFailure.newBuilder().setFailureDetails(failure))
        .build();
  }

  void abandonTurn(String token) {
    var unused =
        stub()
            .abandonTaskOrchestratorWorkItem(
                AbandonOrchestrationTaskRequest.newBuilder().setCompletionToken(token).build());
  }

  void abandonActivity(String token) {
    var unused =
        stub()
            .abandonTaskActivityWorkItem(
                AbandonActivityTaskRequest.newBuilder().setCompletionToken(token).build());
  }

  void abandonEntity(String token) {
    var unused =
        stub()
            .abandonTaskEntityWorkItem(
                AbandonEntityTaskRequest.newBuilder().setCompletionToken(token).build());
  }

  /** The past of a step, fetched. */
  List<HistoryChunk> past(Turn turn) {
    List<HistoryChunk> chunks = new ArrayList<>();
    stub()
        .streamInstanceHistory(
            StreamInstanceHistoryRequest.newBuilder()
                .setInstanceId(turn.instanceId())
                .setExecutionId(turn.request().getExecutionId())
                .setForWorkItemProcessing(true)
                .build())
        .forEachRemaining(chunks::add);
    return chunks;
  }
}
