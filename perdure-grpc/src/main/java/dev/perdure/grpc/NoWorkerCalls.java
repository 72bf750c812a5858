package dev.perdure.grpc;

import dev.perdure.grpc.protocol.AbandonActivityTaskRequest;
import dev.perdure.grpc.protocol.AbandonActivityTaskResponse;
import dev.perdure.grpc.protocol.AbandonEntityTaskRequest;
import dev.perdure.grpc.protocol.AbandonEntityTaskResponse;
import dev.perdure.grpc.protocol.AbandonOrchestrationTaskRequest;
import dev.perdure.grpc.protocol.AbandonOrchestrationTaskResponse;
import dev.perdure.grpc.protocol.ActivityResponse;
import dev.perdure.grpc.protocol.CompleteTaskResponse;
import dev.perdure.grpc.protocol.EntityBatchResult;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.grpc.protocol.HistoryChunk;
import dev.perdure.grpc.protocol.OrchestratorResponse;
import dev.perdure.grpc.protocol.StreamInstanceHistoryRequest;
import dev.perdure.grpc.worker.EncodedWorkItem;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;

/** Of a server whose code is all in its own process: sends workers away. */
final class NoWorkerCalls implements WorkerCalls {
  private static void refuse(ServerCallStreamObserver<?> out) {
    out.onError(
        Status.UNIMPLEMENTED
            .withDescription("This server takes no workers; it runs the functions it has itself.")
            .asRuntimeException());
  }

  @Override
  public void getWorkItems(
      Hub hub, GetWorkItemsRequest request, ServerCallStreamObserver<EncodedWorkItem> out) {
    refuse(out);
  }

  @Override
  public void completeOrchestrator(
      Hub hub, OrchestratorResponse answer, ServerCallStreamObserver<CompleteTaskResponse> out) {
    refuse(out);
  }

  @Override
  public void completeActivity(
      Hub hub, ActivityResponse answer, ServerCallStreamObserver<CompleteTaskResponse> out) {
    refuse(out);
  }

  @Override
  public void completeEntity(
      Hub hub, EntityBatchResult answer, ServerCallStreamObserver<CompleteTaskResponse> out) {
    refuse(out);
  }

  @Override
  public void abandonOrchestrator(
      Hub hub,
      AbandonOrchestrationTaskRequest request,
      ServerCallStreamObserver<AbandonOrchestrationTaskResponse> out) {
    refuse(out);
  }

  @Override
  public void abandonActivity(
      Hub hub,
      AbandonActivityTaskRequest request,
      ServerCallStreamObserver<AbandonActivityTaskResponse> out) {
    refuse(out);
  }

  @Override
  public void abandonEntity(
      Hub hub,
      AbandonEntityTaskRequest request,
      ServerCallStreamObserver<AbandonEntityTaskResponse> out) {
    refuse(out);
  }

  @Override
  public void streamHistory(
      Hub hub, StreamInstanceHistoryRequest request, ServerCallStreamObserver<HistoryChunk> out) {
    refuse(out);
  }
}
