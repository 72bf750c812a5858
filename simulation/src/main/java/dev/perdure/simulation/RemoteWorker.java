package dev.perdure.simulation;

import com.google.protobuf.Int32Value;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.StringValue;
import dev.perdure.grpc.protocol.ActivityResponse;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.OrchestrationStatus;
import dev.perdure.grpc.protocol.OrchestratorAction;
import dev.perdure.grpc.protocol.OrchestratorRequest;
import dev.perdure.grpc.protocol.OrchestratorResponse;
import dev.perdure.grpc.worker.Answers;
import dev.perdure.grpc.worker.LocalWorker;
import dev.perdure.grpc.worker.WorkRequest;
import dev.perdure.grpc.worker.WorkerPool;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A program elsewhere that has connected to a host. It is slow at times, goes away and comes again,
 * gives work back, answers twice or too late, and takes only some of the events of a step.
 */
final class RemoteWorker implements LocalWorker {
  private static final int SECONDS_AWAY_MAX = 3;

  private final String id;
  private final GetWorkItemsRequest request;
  private final WorkerPool pool;
  private final Answers answers;
  private final Scheduler scheduler;
  private final Scheduler.Actor host;
  private final Random random;
  private final Report report;
  private final BiPredicate<Fault, Integer> happens;
  private @Nullable Runnable goodbye;

  /**
   * A worker that is not connected yet.
   *
   * @param request what it wants
   * @param host dies with it
   * @param happens whether a fault is to happen, one time of so many
   */
  RemoteWorker(
      String id,
      GetWorkItemsRequest request,
      WorkerPool pool,
      Scheduler scheduler,
      Scheduler.Actor host,
      Random random,
      Report report,
      BiPredicate<Fault, Integer> happens) {
    this.id = id;
    this.request = request;
    this.pool = pool;
    this.answers = new Answers(pool);
    this.scheduler = scheduler;
    this.host = host;
    this.random = random;
    this.report = report;
    this.happens = happens;
  }

  void connect() {
    goodbye = pool.connect(id, request, this);
  }

  @Override
  public void ended() {
    goodbye = null;
  }

  @Override
  public void take(Work work) {
    later(20, () -> handle(work));
  }

  private void later(int millisMax, Runnable action) {
    scheduler.after(Duration.ofNanos(random.nextLong(millisMax * 1_000_000L)), host, action);
  }

  private void handle(Work work) {
    if (happens.test(Fault.WORKER_GONE, 40) && goodbye != null) {
      Runnable leave = goodbye;
      goodbye = null;
      leave.run();
      later(SECONDS_AWAY_MAX * 1_000, this::connect);
      if (random.nextBoolean()) {
        return; // else its answer comes too late
      }
    }
    if (happens.test(Fault.WORKER_SLOW, 60)) {
      later(2_000, () -> handle(work));
    } else if (happens.test(Fault.WORK_GIVEN_BACK, 40)) {
      answers.abandon(work.token());
    } else {
      answer(work);
      if (happens.test(Fault.ANSWERED_TWICE, 40)) {
        later(20, () -> answer(work));
      }
    }
  }

  private void answer(Work work) {
    switch (work.request()) {
      case WorkRequest.Step step -> {
        var unused = answers.orchestrator(step(work, step));
      }
      case WorkRequest.Activity activity -> {
        var unused =
            answers.activity(
                ActivityResponse.newBuilder()
                    .setInstanceId(work.instanceId())
                    .setTaskId(activity.work().taskId())
                    .setCompletionToken(work.token())
                    .setResult(
                        StringValue.of(
                            RemoteFunctions.activity(
                                Objects.requireNonNull(activity.work().input()).text())))
                    .build());
      }
      case WorkRequest.Operations operations -> {
        var unused =
            answers.entity(
                RemoteFunctions.operations(operations.item().getEntityRequestV2())
                    .setCompletionToken(work.token())
                    .build());
      }
    }
  }

  // ---- steps ------------------------------------------------------------------------------------

  private OrchestratorResponse step(Work work, WorkRequest.Step step) {
    OrchestratorRequest due;
    try {
      due = OrchestratorRequest.parseFrom(step.encoded());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
    OrchestratorResponse.Builder answer =
        OrchestratorResponse.newBuilder()
            .setInstanceId(work.instanceId())
            .setCompletionToken(work.token());
    int shown = due.getNewEventsCount() - 1;
    if (shown > 1 && due.getPastEventsCount() > 0 && happens.test(Fault.EVENTS_LEFT, 20)) {
      int taken = 1 + random.nextInt(shown - 1);
      List<OrchestratorAction> actions = run(due, due.getNewEventsList().subList(0, taken + 1));
      if (actions.stream().noneMatch(OrchestratorAction::hasCompleteOrchestration)) {
        return answer.addAllActions(actions).setNumEventsProcessed(Int32Value.of(taken)).build();
      }
    }
    return answer.addAllActions(run(due, due.getNewEventsList())).build();
  }

  private List<OrchestratorAction> run(OrchestratorRequest due, List<HistoryEvent> events) {
    RemoteContext ctx =
        new RemoteContext(due.getInstanceId(), due.getPastEventsList(), events, report);
    try {
      return ctx.actionsAndEnd(
          OrchestrationStatus.ORCHESTRATION_STATUS_COMPLETED, RemoteFunctions.run(ctx));
    } catch (RemoteContext.Waits waits) {
      return ctx.actions();
    } catch (RemoteContext.ContinuesAsNew anew) {
      return ctx.actionsAndEnd(
          OrchestrationStatus.ORCHESTRATION_STATUS_CONTINUED_AS_NEW, anew.input);
    } catch (RemoteContext.Failed failed) {
      return ctx.actionsAndEnd(
          OrchestrationStatus.ORCHESTRATION_STATUS_FAILED, String.valueOf(failed.getMessage()));
    }
  }
}
