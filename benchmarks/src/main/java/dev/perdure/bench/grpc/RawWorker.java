package dev.perdure.bench.grpc;

import com.google.protobuf.StringValue;
import dev.perdure.grpc.protocol.ActivityRequest;
import dev.perdure.grpc.protocol.ActivityResponse;
import dev.perdure.grpc.protocol.CompleteOrchestrationAction;
import dev.perdure.grpc.protocol.CompleteTaskResponse;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.OrchestrationStatus;
import dev.perdure.grpc.protocol.OrchestratorAction;
import dev.perdure.grpc.protocol.OrchestratorRequest;
import dev.perdure.grpc.protocol.OrchestratorResponse;
import dev.perdure.grpc.protocol.ScheduleTaskAction;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc.TaskHubSidecarServiceStub;
import dev.perdure.grpc.protocol.WorkItem;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.Consumer;

/**
 * A worker for the hello-sequence that costs as little as one can: it answers on the thread on
 * which work arrives, and waits for nothing.
 */
final class RawWorker implements StreamObserver<WorkItem> {
  static final String OUTPUT =
      "\"Hello, Tokyo Hello, London Hello, Seattle Hello, Amsterdam Hello, Seoul\"";

  private static final List<String> CITIES =
      List.of("Tokyo", "London", "Seattle", "Amsterdam", "Seoul");

  private static final int LIMIT = 1_000;

  private final TaskHubSidecarServiceStub stub;
  private final Consumer<Throwable> failed;
  private final StreamObserver<CompleteTaskResponse> taken =
      new StreamObserver<>() {
        @Override
        public void onNext(CompleteTaskResponse answer) {}

        @Override
        public void onError(Throwable failure) {
          failed.accept(failure);
        }

        @Override
        public void onCompleted() {}
      };

  private RawWorker(Channel channel, Consumer<Throwable> failed) {
    this.stub = TaskHubSidecarServiceGrpc.newStub(channel);
    this.failed = failed;
  }

  static void start(Channel channel, Consumer<Throwable> failed) {
    RawWorker worker = new RawWorker(channel, failed);
    worker.stub.getWorkItems(
        GetWorkItemsRequest.newBuilder()
            .setMaxConcurrentOrchestrationWorkItems(LIMIT)
            .setMaxConcurrentActivityWorkItems(LIMIT)
            .build(),
        worker);
  }

  @Override
  public void onNext(WorkItem item) {
    switch (item.getRequestCase()) {
      case ORCHESTRATORREQUEST -> step(item.getOrchestratorRequest(), item.getCompletionToken());
      case ACTIVITYREQUEST -> activity(item.getActivityRequest(), item.getCompletionToken());
      default -> {}
    }
  }

  private void step(OrchestratorRequest request, String token) {
    StringBuilder greetings = new StringBuilder();
    int done =
        collect(request.getPastEventsList(), greetings)
            + collect(request.getNewEventsList(), greetings);
    OrchestratorAction.Builder action = OrchestratorAction.newBuilder().setId(done);
    if (done < CITIES.size()) {
      action.setScheduleTask(
          ScheduleTaskAction.newBuilder()
              .setName("sayHello")
              .setInput(StringValue.of('"' + CITIES.get(done) + '"')));
    } else {
      action.setCompleteOrchestration(
          CompleteOrchestrationAction.newBuilder()
              .setOrchestrationStatus(OrchestrationStatus.ORCHESTRATION_STATUS_COMPLETED)
              .setResult(StringValue.of('"' + greetings.toString() + '"')));
    }
    stub.completeOrchestratorTask(
        OrchestratorResponse.newBuilder()
            .setInstanceId(request.getInstanceId())
            .setCompletionToken(token)
            .addActions(action)
            .build(),
        taken);
  }

  private static int collect(List<HistoryEvent> events, StringBuilder greetings) {
    int done = 0;
    for (HistoryEvent event : events) {
      if (event.hasTaskCompleted()) {
        String result = event.getTaskCompleted().getResult().getValue();
        if (!greetings.isEmpty()) {
          greetings.append(' ');
        }
        greetings.append(result, 1, result.length() - 1);
        done++;
      }
    }
    return done;
  }

  private void activity(ActivityRequest request, String token) {
    String city = request.getInput().getValue();
    stub.completeActivityTask(
        ActivityResponse.newBuilder()
            .setInstanceId(request.getOrchestrationInstance().getInstanceId())
            .setTaskId(request.getTaskId())
            .setResult(StringValue.of("\"Hello, " + city.substring(1)))
            .setCompletionToken(token)
            .build(),
        taken);
  }

  @Override
  public void onError(Throwable failure) {
    failed.accept(failure);
  }

  @Override
  public void onCompleted() {
    failed.accept(new IllegalStateException("The server has sent the worker away."));
  }
}
