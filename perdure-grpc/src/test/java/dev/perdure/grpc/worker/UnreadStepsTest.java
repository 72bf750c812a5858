package dev.perdure.grpc.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.OrchestratorCompleted;
import dev.perdure.api.Payload;
import dev.perdure.engine.instance.Instance;
import dev.perdure.engine.orchestrator.OrchestratorRun;
import dev.perdure.engine.orchestrator.StepResult;
import dev.perdure.engine.worker.RemoteOrchestration;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.grpc.protocol.OrchestratorRequest;
import java.time.Instant;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Steps of orchestrations that are not in memory: their histories are read when a worker is there.
 */
class UnreadStepsTest {
  private static final Instant AT = Instant.parse("2030-01-01T00:00:00Z");
  private static final List<HistoryEvent> HISTORY =
      List.of(
          new ExecutionStarted(AT, "main", "", "e1", null, null, null, Map.of(), null),
          new OrchestratorCompleted(AT, 1, List.of(Instance.ANY_EVENT)),
          new EventRaised(AT, "first", null));

  private final ManualThreads threads = new ManualThreads();
  private final WorkerPool pool = new WorkerPool(threads::now, 3, threads, WorkerPool.Pace.USUAL);
  private final List<StepResult> ended = new ArrayList<>();
  private final AtomicInteger reads = new AtomicInteger();

  private OrchestratorRun run(Supplier<List<HistoryEvent>> history) {
    return run(pool, history);
  }

  private OrchestratorRun run(WorkerPool pool, Supplier<List<HistoryEvent>> history) {
    OrchestratorRun.Listener listener =
        new OrchestratorRun.Listener() {
          @Override
          public void stepEnded(OrchestratorRun run, StepResult result) {
            ended.add(result);
          }

          @Override
          public void left(int delivered, Supplier<@Nullable String> location) {}
        };
    return pool.orchestrator(
        new RemoteOrchestration(
            "i1",
            "e1",
            "main",
            "",
            null,
            () -> {
              reads.incrementAndGet();
              return history.get();
            }),
        listener);
  }

  /** A worker that notes what it is given. */
  private static final class Worker implements LocalWorker {
    private final BlockingQueue<OrchestratorRequest> steps = new LinkedBlockingQueue<>();
    private final Runnable leave;

    Worker(WorkerPool pool) {
      leave = pool.connect("w", GetWorkItemsRequest.getDefaultInstance(), this);
    }

    @Override
    public void take(Work work) {
      try {
        steps.add(OrchestratorRequest.parseFrom(((WorkRequest.Step) work.request()).encoded()));
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void ended() {}
  }

  private static List<String> raised(OrchestratorRequest step) {
    return step.getNewEventsList().stream()
        .filter(dev.perdure.grpc.protocol.HistoryEvent::hasEventRaised)
        .map(event -> event.getEventRaised().getName())
        .toList();
  }

  @Test
  void theHistoryOfAStepThatWaitsIsReadOnceThereIsAWorker() {
    OrchestratorRun run = run(() -> HISTORY);
    run.start(List.of());
    assertThat(run.isQueued()).isTrue();
    assertThat(run.extend(List.of(new EventRaised(AT, "second", Payload.of("1"))))).isTrue();
    assertThat(reads).hasValue(0);
    assertThat(run.keptBytes()).isZero();

    Worker worker = new Worker(pool);

    assertThat(reads).hasValue(1);
    assertThat(run.keptBytes()).isPositive();
    assertThat(worker.steps).hasSize(1);
    assertThat(raised(worker.steps.remove())).containsExactly("first", "second");
  }

  @Test
  void aHistoryThatCannotBeReadEndsTheStep() {
    OrchestratorRun run =
        run(
            () -> {
              throw new IllegalStateException("Damaged content");
            });
    run.start(List.of());
    Worker worker = new Worker(pool);

    assertThat(worker.steps).isEmpty();
    assertThat(ended).hasSize(1);
    assertThat(ended.getFirst().outcome().toString()).contains("UNREADABLE", "Damaged content");
    assertThat(pool.underWay()).isZero();
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aHistoryIsReadOnceAndNothingWaitsForItButItsOwnStep() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    List<HistoryEvent> slow =
        new AbstractList<>() {
          @Override
          public HistoryEvent get(int index) {
            begun.countDown();
            try {
              goOn.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            return HISTORY.get(index);
          }

          @Override
          public int size() {
            return HISTORY.size();
          }
        };
    WorkerPool withThreads = new WorkerPool(threads::now, 3, PoolThreads.create());
    try {
      OrchestratorRun run = run(withThreads, () -> slow);
      run.start(List.of());
      Worker first = new Worker(withThreads);
      begun.await();

      assertThat(run.extend(List.of(new EventRaised(AT, "second", null)))).isTrue();
      first.leave.run();
      Worker second = new Worker(withThreads);
      assertThat(withThreads.underWay()).isEqualTo(1);
      goOn.countDown();

      assertThat(raised(second.steps.take())).containsExactly("first", "second");
      assertThat(first.steps).isEmpty();
      assertThat(reads).hasValue(1);
    } finally {
      goOn.countDown();
      withThreads.stop();
    }
  }

  @Test
  void theHistoryOfAnInstanceThatIsGoneIsNotRead() {
    OrchestratorRun run = run(() -> HISTORY);
    run.start(List.of());
    run.close();
    Worker worker = new Worker(pool);

    assertThat(reads).hasValue(0);
    assertThat(worker.steps).isEmpty();
  }
}
