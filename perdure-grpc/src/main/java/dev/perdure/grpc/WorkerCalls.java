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
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;

/**
 * What workers call. A call is ended through its observer, in the method or later; an exception
 * that a method throws is turned into a status like those of the client's calls.
 *
 * <p>Methods are called on the threads of the transport and must not block. Those that send streams
 * set their handlers (or make an {@link OutStream}) before they return; a stream that is sent by
 * waiting for the peer is sent from another thread.
 */
public interface WorkerCalls {
  /** Sends work until the worker goes away. */
  void getWorkItems(
      Hub hub, GetWorkItemsRequest request, ServerCallStreamObserver<EncodedWorkItem> out);

  /** Takes the answer to an orchestrator item. */
  void completeOrchestrator(
      Hub hub, OrchestratorResponse answer, ServerCallStreamObserver<CompleteTaskResponse> out);

  /** Takes the answer to an activity item. */
  void completeActivity(
      Hub hub, ActivityResponse answer, ServerCallStreamObserver<CompleteTaskResponse> out);

  /** Takes the answer to an entity item. */
  void completeEntity(
      Hub hub, EntityBatchResult answer, ServerCallStreamObserver<CompleteTaskResponse> out);

  /** Takes an orchestrator item back. */
  void abandonOrchestrator(
      Hub hub,
      AbandonOrchestrationTaskRequest request,
      ServerCallStreamObserver<AbandonOrchestrationTaskResponse> out);

  /** Takes an activity item back. */
  void abandonActivity(
      Hub hub,
      AbandonActivityTaskRequest request,
      ServerCallStreamObserver<AbandonActivityTaskResponse> out);

  /** Takes an entity item back. */
  void abandonEntity(
      Hub hub,
      AbandonEntityTaskRequest request,
      ServerCallStreamObserver<AbandonEntityTaskResponse> out);

  /** Sends the past events of a turn that the worker holds. */
  void streamHistory(
      Hub hub, StreamInstanceHistoryRequest request, ServerCallStreamObserver<HistoryChunk> out);

  /**
   * The server is going to close: hands out no more work, and waits until workers have answered to
   * what they have in hand. Called before {@link #shutdown}.
   *
   * @param most how long it waits at most
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  default void drain(Duration most) throws InterruptedException {}

  /**
   * The server closes: ends all streams, so that workers go to another server or come again. Called
   * before hubs are closed.
   */
  default void shutdown() {}

  /** The server is closed: no more calls come, and none is under way. */
  default void terminated() {}
}
