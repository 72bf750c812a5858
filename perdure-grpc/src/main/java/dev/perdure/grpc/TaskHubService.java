package dev.perdure.grpc;

import com.google.protobuf.Empty;
import dev.perdure.api.StartOptions.IdReusePolicy;
import dev.perdure.grpc.protocol.AbandonActivityTaskRequest;
import dev.perdure.grpc.protocol.AbandonActivityTaskResponse;
import dev.perdure.grpc.protocol.AbandonEntityTaskRequest;
import dev.perdure.grpc.protocol.AbandonEntityTaskResponse;
import dev.perdure.grpc.protocol.AbandonOrchestrationTaskRequest;
import dev.perdure.grpc.protocol.AbandonOrchestrationTaskResponse;
import dev.perdure.grpc.protocol.ActivityResponse;
import dev.perdure.grpc.protocol.CleanEntityStorageRequest;
import dev.perdure.grpc.protocol.CleanEntityStorageResponse;
import dev.perdure.grpc.protocol.CompleteTaskResponse;
import dev.perdure.grpc.protocol.CreateInstanceRequest;
import dev.perdure.grpc.protocol.CreateInstanceResponse;
import dev.perdure.grpc.protocol.CreateTaskHubRequest;
import dev.perdure.grpc.protocol.CreateTaskHubResponse;
import dev.perdure.grpc.protocol.DeleteTaskHubRequest;
import dev.perdure.grpc.protocol.DeleteTaskHubResponse;
import dev.perdure.grpc.protocol.EntityBatchResult;
import dev.perdure.grpc.protocol.GetEntityRequest;
import dev.perdure.grpc.protocol.GetEntityResponse;
import dev.perdure.grpc.protocol.GetInstanceRequest;
import dev.perdure.grpc.protocol.GetInstanceResponse;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.grpc.protocol.HistoryChunk;
import dev.perdure.grpc.protocol.ListInstanceIdsRequest;
import dev.perdure.grpc.protocol.ListInstanceIdsResponse;
import dev.perdure.grpc.protocol.OrchestratorResponse;
import dev.perdure.grpc.protocol.PurgeInstancesRequest;
import dev.perdure.grpc.protocol.PurgeInstancesResponse;
import dev.perdure.grpc.protocol.QueryEntitiesRequest;
import dev.perdure.grpc.protocol.QueryEntitiesResponse;
import dev.perdure.grpc.protocol.QueryInstancesRequest;
import dev.perdure.grpc.protocol.QueryInstancesResponse;
import dev.perdure.grpc.protocol.RaiseEventRequest;
import dev.perdure.grpc.protocol.RaiseEventResponse;
import dev.perdure.grpc.protocol.RestartInstanceRequest;
import dev.perdure.grpc.protocol.RestartInstanceResponse;
import dev.perdure.grpc.protocol.ResumeRequest;
import dev.perdure.grpc.protocol.ResumeResponse;
import dev.perdure.grpc.protocol.RewindInstanceRequest;
import dev.perdure.grpc.protocol.RewindInstanceResponse;
import dev.perdure.grpc.protocol.SignalEntityRequest;
import dev.perdure.grpc.protocol.SignalEntityResponse;
import dev.perdure.grpc.protocol.SkipGracefulOrchestrationTerminationsRequest;
import dev.perdure.grpc.protocol.SkipGracefulOrchestrationTerminationsResponse;
import dev.perdure.grpc.protocol.StreamInstanceHistoryRequest;
import dev.perdure.grpc.protocol.SuspendRequest;
import dev.perdure.grpc.protocol.SuspendResponse;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc.TaskHubSidecarServiceImplBase;
import dev.perdure.grpc.protocol.TerminateRequest;
import dev.perdure.grpc.protocol.TerminateResponse;
import dev.perdure.grpc.worker.EncodedWorkItem;
import io.grpc.Context;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;

/**
 * The calls of the protocol, each handed to whoever knows how to do it. They come on the threads of
 * the transport, which nothing here may block.
 */
final class TaskHubService extends TaskHubSidecarServiceImplBase {
  private static final MethodDescriptor<GetWorkItemsRequest, EncodedWorkItem> WORK_ITEMS =
      TaskHubSidecarServiceGrpc.getGetWorkItemsMethod().toBuilder(
              TaskHubSidecarServiceGrpc.getGetWorkItemsMethod().getRequestMarshaller(),
              EncodedWorkItem.MARSHALLER)
          .build();

  private final Hubs hubs;
  private final WorkerCalls workers;
  private final HistoryToWire history;
  private final IdReusePolicy idReuse;
  private final Executor executor;
  private final Waits waits;

  /**
   * Serves hubs.
   *
   * @param idReuse for starts that say nothing of it, and for restarts
   */
  TaskHubService(
      Hubs hubs,
      WorkerCalls workers,
      HistoryToWire history,
      IdReusePolicy idReuse,
      Executor executor) {
    this.hubs = hubs;
    this.idReuse = idReuse;
    this.workers = workers;
    this.history = history;
    this.executor = executor;
    this.waits = new Waits(executor);
  }

  /** The service as it is offered: pieces of work are sent in the form in which they are kept. */
  ServerServiceDefinition definition() {
    ServerServiceDefinition generated = bindService();
    ServerServiceDefinition.Builder offered =
        ServerServiceDefinition.builder(generated.getServiceDescriptor().getName());
    for (ServerMethodDefinition<?, ?> method : generated.getMethods()) {
      if (!method.getMethodDescriptor().equals(TaskHubSidecarServiceGrpc.getGetWorkItemsMethod())) {
        offered.addMethod(UnreadableMessages.refusedBy(method));
      }
    }
    return offered
        .addMethod(
            UnreadableMessages.refusedBy(
                ServerMethodDefinition.create(
                    WORK_ITEMS, ServerCalls.asyncServerStreamingCall(this::sendWork))))
        .build();
  }

  /** Hands out no more work, and waits until workers have answered, but no longer than a time. */
  void drain(Duration most) throws InterruptedException {
    workers.drain(most);
  }

  /** Ends the calls that would go on for ever. */
  void shutdown() {
    workers.shutdown();
    waits.close();
  }

  /** No more calls come, and none is under way. */
  void terminated() {
    workers.terminated();
  }

  // ---- one orchestration --------------------------------------------------------------------

  @Override
  public void startInstance(
      CreateInstanceRequest request, StreamObserver<CreateInstanceResponse> out) {
    perform(
        "StartInstance",
        out,
        (hub, call) -> InstanceCalls.start(hub, request, idReuse, call, executor));
  }

  @Override
  public void getInstance(GetInstanceRequest request, StreamObserver<GetInstanceResponse> out) {
    answer("GetInstance", request, out, InstanceCalls::get);
  }

  @Override
  public void waitForInstanceStart(
      GetInstanceRequest request, StreamObserver<GetInstanceResponse> out) {
    await("WaitForInstanceStart", request, false, out);
  }

  @Override
  public void waitForInstanceCompletion(
      GetInstanceRequest request, StreamObserver<GetInstanceResponse> out) {
    await("WaitForInstanceCompletion", request, true, out);
  }

  private void await(
      String what,
      GetInstanceRequest request,
      boolean completion,
      StreamObserver<GetInstanceResponse> out) {
    perform(
        what,
        out,
        (hub, call) ->
            waits.answer(
                what,
                InstanceCalls.await(hub, request, completion),
                call,
                instance -> States.found(instance, request.getGetInputsAndOutputs())));
  }

  @Override
  public void raiseEvent(RaiseEventRequest request, StreamObserver<RaiseEventResponse> out) {
    answer("RaiseEvent", request, out, InstanceCalls::raiseEvent);
  }

  @Override
  public void terminateInstance(TerminateRequest request, StreamObserver<TerminateResponse> out) {
    answer("TerminateInstance", request, out, InstanceCalls::terminate);
  }

  @Override
  public void suspendInstance(SuspendRequest request, StreamObserver<SuspendResponse> out) {
    answer("SuspendInstance", request, out, InstanceCalls::suspend);
  }

  @Override
  public void resumeInstance(ResumeRequest request, StreamObserver<ResumeResponse> out) {
    answer("ResumeInstance", request, out, InstanceCalls::resume);
  }

  @Override
  public void rewindInstance(
      RewindInstanceRequest request, StreamObserver<RewindInstanceResponse> out) {
    answer("RewindInstance", request, out, InstanceCalls::rewind);
  }

  @Override
  public void restartInstance(
      RestartInstanceRequest request, StreamObserver<RestartInstanceResponse> out) {
    answer(
        "RestartInstance",
        request,
        out,
        (hub, asked) -> InstanceCalls.restart(hub, asked, idReuse));
  }

  // ---- many orchestrations ------------------------------------------------------------------

  @Override
  public void queryInstances(
      QueryInstancesRequest request, StreamObserver<QueryInstancesResponse> out) {
    answer("QueryInstances", request, out, ListCalls::query);
  }

  @Override
  public void listInstanceIds(
      ListInstanceIdsRequest request, StreamObserver<ListInstanceIdsResponse> out) {
    answer("ListInstanceIds", request, out, ListCalls::ids);
  }

  @Override
  public void purgeInstances(
      PurgeInstancesRequest request, StreamObserver<PurgeInstancesResponse> out) {
    answer("PurgeInstances", request, out, ListCalls::purge);
  }

  @Override
  public void skipGracefulOrchestrationTerminations(
      SkipGracefulOrchestrationTerminationsRequest request,
      StreamObserver<SkipGracefulOrchestrationTerminationsResponse> out) {
    answer("SkipGracefulOrchestrationTerminations", request, out, InstanceCalls::terminateAll);
  }

  // ---- entities -----------------------------------------------------------------------------

  @Override
  public void signalEntity(SignalEntityRequest request, StreamObserver<SignalEntityResponse> out) {
    answer("SignalEntity", request, out, EntityCalls::signal);
  }

  @Override
  public void getEntity(GetEntityRequest request, StreamObserver<GetEntityResponse> out) {
    answer("GetEntity", request, out, EntityCalls::get);
  }

  @Override
  public void queryEntities(
      QueryEntitiesRequest request, StreamObserver<QueryEntitiesResponse> out) {
    answer("QueryEntities", request, out, EntityCalls::query);
  }

  @Override
  public void cleanEntityStorage(
      CleanEntityStorageRequest request, StreamObserver<CleanEntityStorageResponse> out) {
    answer("CleanEntityStorage", request, out, EntityCalls::clean);
  }

  // ---- hubs ---------------------------------------------------------------------------------

  @Override
  public void createTaskHub(
      CreateTaskHubRequest request, StreamObserver<CreateTaskHubResponse> out) {
    String hub = HubChoice.ofCurrentCall();
    later(
        "CreateTaskHub",
        out,
        () -> {
          hubs.create(hub, request.getRecreateIfExists());
          end(out, CreateTaskHubResponse.getDefaultInstance());
        });
  }

  @Override
  public void deleteTaskHub(
      DeleteTaskHubRequest request, StreamObserver<DeleteTaskHubResponse> out) {
    String hub = HubChoice.ofCurrentCall();
    later(
        "DeleteTaskHub",
        out,
        () -> {
          hubs.delete(hub);
          end(out, DeleteTaskHubResponse.getDefaultInstance());
        });
  }

  // ---- workers ------------------------------------------------------------------------------

  @Override
  public void hello(Empty request, StreamObserver<Empty> out) {
    end(out, Empty.getDefaultInstance());
  }

  private void sendWork(GetWorkItemsRequest request, StreamObserver<EncodedWorkItem> out) {
    perform("GetWorkItems", out, (hub, call) -> workers.getWorkItems(hub, request, call));
  }

  @Override
  public void completeOrchestratorTask(
      OrchestratorResponse answer, StreamObserver<CompleteTaskResponse> out) {
    perform(
        "CompleteOrchestratorTask",
        out,
        (hub, call) -> workers.completeOrchestrator(hub, answer, call));
  }

  @Override
  public void completeActivityTask(
      ActivityResponse answer, StreamObserver<CompleteTaskResponse> out) {
    perform(
        "CompleteActivityTask", out, (hub, call) -> workers.completeActivity(hub, answer, call));
  }

  @Override
  public void completeEntityTask(
      EntityBatchResult answer, StreamObserver<CompleteTaskResponse> out) {
    perform("CompleteEntityTask", out, (hub, call) -> workers.completeEntity(hub, answer, call));
  }

  @Override
  public void abandonTaskOrchestratorWorkItem(
      AbandonOrchestrationTaskRequest request,
      StreamObserver<AbandonOrchestrationTaskResponse> out) {
    perform(
        "AbandonTaskOrchestratorWorkItem",
        out,
        (hub, call) -> workers.abandonOrchestrator(hub, request, call));
  }

  @Override
  public void abandonTaskActivityWorkItem(
      AbandonActivityTaskRequest request, StreamObserver<AbandonActivityTaskResponse> out) {
    perform(
        "AbandonTaskActivityWorkItem",
        out,
        (hub, call) -> workers.abandonActivity(hub, request, call));
  }

  @Override
  public void abandonTaskEntityWorkItem(
      AbandonEntityTaskRequest request, StreamObserver<AbandonEntityTaskResponse> out) {
    perform(
        "AbandonTaskEntityWorkItem", out, (hub, call) -> workers.abandonEntity(hub, request, call));
  }

  @Override
  public void streamInstanceHistory(
      StreamInstanceHistoryRequest request, StreamObserver<HistoryChunk> out) {
    perform(
        "StreamInstanceHistory",
        out,
        (hub, call) -> {
          if (request.getForWorkItemProcessing()) {
            workers.streamHistory(hub, request, call);
          } else {
            OutStream<HistoryChunk> stream = new OutStream<>(call);
            executor.execute(() -> HistoryStreams.send(hub, request, history, stream));
          }
        });
  }

  // ---- how calls are answered ---------------------------------------------------------------

  @FunctionalInterface
  private interface Work<A> {
    void perform(Hub hub, ServerCallStreamObserver<A> out);
  }

  /** Answers a call with what a function says, which may block. */
  private <Q, A> void answer(
      String what, Q request, StreamObserver<A> out, BiFunction<Hub, Q, A> function) {
    String hub = HubChoice.ofCurrentCall();
    later(what, out, () -> end(out, function.apply(hubs.hub(hub), request)));
  }

  /** Has work done that does not block: on the thread of the transport, if the hub is open. */
  private <A> void perform(String what, StreamObserver<A> out, Work<A> work) {
    ServerCallStreamObserver<A> call = (ServerCallStreamObserver<A>) out;
    String name = HubChoice.ofCurrentCall();
    try {
      Hub hub = hubs.hubAtOnce(name);
      if (hub != null) {
        work.perform(hub, call);
        return;
      }
    } catch (RuntimeException | Error e) {
      out.onError(Statuses.of(what, e));
      return;
    }
    LateCall<A> late = new LateCall<>(call);
    later(what, out, () -> work.perform(hubs.hub(name), late));
  }

  /** Has work done that may block. */
  private void later(String what, StreamObserver<?> out, Runnable work) {
    LargeMessages.Hold message = LargeMessages.hold();
    executor.execute(
        Context.current()
            .wrap(
                () -> {
                  try (message) {
                    work.run();
                  } catch (RuntimeException | Error e) {
                    out.onError(Statuses.of(what, e));
                  }
                }));
  }

  private static <A> void end(StreamObserver<A> out, A answer) {
    out.onNext(answer);
    out.onCompleted();
  }
}
