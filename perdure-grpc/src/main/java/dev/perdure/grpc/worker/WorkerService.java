package dev.perdure.grpc.worker;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.grpc.Hub;
import dev.perdure.grpc.OutStream;
import dev.perdure.grpc.Statuses;
import dev.perdure.grpc.WorkerCalls;
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
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.OrchestratorResponse;
import dev.perdure.grpc.protocol.StreamInstanceHistoryRequest;
import dev.perdure.grpc.worker.WorkerPool.Delivery;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What workers elsewhere call, for one server. Safe from any thread. */
public final class WorkerService implements WorkerCalls {
  /** Events of a history sent in one message, in bytes, unless a single one is larger. */
  private static final int CHUNK_BYTES = 256 << 10;

  private final EntityForm entityForm;
  private final Set<WorkerPool> used = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;
  private volatile boolean closed;

  /** One that gives workers operations of entities in the newer form. */
  public WorkerService() {
    this(EntityForm.V2);
  }

  /**
   * One for workers that want a certain form.
   *
   * @param entityForm in which form they get operations of entities
   */
  public WorkerService(EntityForm entityForm) {
    this.entityForm = entityForm;
  }

  /** In which form workers get operations of entities. */
  EntityForm entityForm() {
    return entityForm;
  }

  /** Has to be put before the service: reads what workers say of themselves. */
  public static ServerInterceptor interceptor() {
    return new WorkerIdentity.Interceptor();
  }

  private WorkerPool pool(Hub hub) {
    if (hub.engine().workers() instanceof WorkerPool pool) {
      return pool;
    }
    throw Status.FAILED_PRECONDITION
        .withDescription(
            "Task hub '%s' runs the functions of its own program only and takes no workers."
                .formatted(hub.name()))
        .asRuntimeException();
  }

  @Override
  public void getWorkItems(
      Hub hub, GetWorkItemsRequest request, ServerCallStreamObserver<EncodedWorkItem> out) {
    WorkerPool pool = pool(hub);
    if (used.add(pool)) {
      hub.onClose(() -> used.remove(pool));
    }
    Connection connection = pool.connect(WorkerIdentity.current(), this, request, out);
    if (closed) { // it may have come too late for whoever ended the others
      connection.end();
      pool.lost(connection, "its server was being closed");
    }
  }

  // ---- answers --------------------------------------------------------------------------------

  @Override
  public void completeOrchestrator(
      Hub hub, OrchestratorResponse answer, ServerCallStreamObserver<CompleteTaskResponse> out) {
    endWhenTaken(answers(hub).orchestrator(answer), out);
  }

  @Override
  public void completeActivity(
      Hub hub, ActivityResponse answer, ServerCallStreamObserver<CompleteTaskResponse> out) {
    endWhenTaken(answers(hub).activity(answer), out);
  }

  @Override
  public void completeEntity(
      Hub hub, EntityBatchResult answer, ServerCallStreamObserver<CompleteTaskResponse> out) {
    endWhenTaken(new Answers(pool(hub)).entity(answer), out);
  }

  private Answers answers(Hub hub) {
    return new Answers(pool(hub), WorkerIdentity.transportOfAnswer());
  }

  private static void endWhenTaken(
      CompletableFuture<@Nullable Void> taken, ServerCallStreamObserver<CompleteTaskResponse> out) {
    var unused =
        taken.whenComplete(
            (done, failure) -> {
              if (failure == null) {
                end(out, CompleteTaskResponse.getDefaultInstance());
              } else if (!out.isCancelled()) {
                out.onError(Statuses.of("Complete", Answers.status(failure)));
              }
            });
  }

  // ---- giving back ----------------------------------------------------------------------------

  @Override
  public void abandonOrchestrator(
      Hub hub,
      AbandonOrchestrationTaskRequest request,
      ServerCallStreamObserver<AbandonOrchestrationTaskResponse> out) {
    new Answers(pool(hub)).abandon(request.getCompletionToken());
    end(out, AbandonOrchestrationTaskResponse.getDefaultInstance());
  }

  @Override
  public void abandonActivity(
      Hub hub,
      AbandonActivityTaskRequest request,
      ServerCallStreamObserver<AbandonActivityTaskResponse> out) {
    new Answers(pool(hub)).abandon(request.getCompletionToken());
    end(out, AbandonActivityTaskResponse.getDefaultInstance());
  }

  @Override
  public void abandonEntity(
      Hub hub,
      AbandonEntityTaskRequest request,
      ServerCallStreamObserver<AbandonEntityTaskResponse> out) {
    new Answers(pool(hub)).abandon(request.getCompletionToken());
    end(out, AbandonEntityTaskResponse.getDefaultInstance());
  }

  // ---- histories ------------------------------------------------------------------------------

  @Override
  public void streamHistory(
      Hub hub, StreamInstanceHistoryRequest request, ServerCallStreamObserver<HistoryChunk> out) {
    Delivery delivery =
        pool(hub).find("", FunctionKind.ORCHESTRATOR, request.getInstanceId(), 0, null);
    if (delivery == null
        || !(delivery.item() instanceof RemoteRun.Step step)
        || (request.hasExecutionId()
            && !request.getExecutionId().getValue().equals(step.executionId()))) {
      throw Status.NOT_FOUND
          .withDescription(
              "No worker has a step of instance '%s' at present. Its history is sent to the worker that has it."
                  .formatted(request.getInstanceId()))
          .asRuntimeException();
    }
    OutStream<HistoryChunk> stream = new OutStream<>(out);
    ByteString past = step.past();
    pool(hub).executor().execute(() -> sendPast(past, stream));
  }

  private static void sendPast(ByteString past, OutStream<HistoryChunk> out) {
    try {
      sendChunks(past, out);
    } catch (IOException | RuntimeException | Error e) {
      out.fail(Statuses.of("StreamInstanceHistory", e)); // it would wait for the rest for ever
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      out.fail(Status.UNAVAILABLE.withDescription("The server is being closed.").asException());
    }
  }

  /** Sends fields of a request, each an event, as chunks of events. */
  private static void sendChunks(ByteString past, OutStream<HistoryChunk> out)
      throws IOException, InterruptedException {
    CodedInputStream in = past.newCodedInput();
    in.enableAliasing(true);
    HistoryChunk.Builder chunk = HistoryChunk.newBuilder();
    int bytes = 0;
    while (!in.isAtEnd()) {
      in.readTag();
      ByteString event = in.readBytes();
      if (bytes > 0 && bytes + event.size() > CHUNK_BYTES) {
        if (!out.send(chunk.build())) {
          return;
        }
        chunk.clear();
        bytes = 0;
      }
      chunk.addEvents(HistoryEvent.parseFrom(event, ExtensionRegistryLite.getEmptyRegistry()));
      bytes += event.size();
    }
    if (bytes == 0 || out.send(chunk.build())) {
      out.end();
    }
  }

  /** Whether no more work is handed out over it. */
  boolean isDraining() {
    return draining;
  }

  @Override
  public void drain(Duration most) throws InterruptedException {
    draining = true;
    long nanosLeft = TimeUnit.NANOSECONDS.convert(most);
    for (WorkerPool pool : used) {
      nanosLeft = pool.awaitAnswers(this, nanosLeft);
    }
  }

  @Override
  public void shutdown() {
    draining = true;
    closed = true;
    used.forEach(pool -> pool.dismiss(this));
  }

  @Override
  public void terminated() {
    used.forEach(pool -> pool.left(this));
  }

  // ---- ending calls ---------------------------------------------------------------------------

  private static <T> void end(ServerCallStreamObserver<T> out, T answer) {
    if (!out.isCancelled()) {
      out.onNext(answer);
      out.onCompleted();
    }
  }
}
