package dev.perdure.grpc.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.grpc.protocol.WorkItem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Work that ends its workers, and work that they have in hand at that time. Time is virtual. */
class SuspectsTest {
  private static final int LOST_MAX = 5;

  private final ManualThreads timers = new ManualThreads();
  private final WorkerPool pool =
      new WorkerPool(timers::now, LOST_MAX, timers, WorkerPool.Pace.USUAL);

  /** An activity, as far as the pool is concerned. */
  private static final class Job extends Item {
    private @Nullable String parked;

    Job(String id) {
      super(FunctionKind.ACTIVITY, "job", "", id, 0);
    }

    @Override
    boolean isVoid() {
      return parked != null;
    }

    @Override
    WorkRequest toSend(long number, Connection to) {
      return new WorkRequest.Operations(WorkItem.getDefaultInstance());
    }

    @Override
    boolean isLarge() {
      return false;
    }

    @Override
    void park(String why) {
      parked = why;
    }

    @Override
    String noun() {
      return "it";
    }

    @Override
    String describe() {
      return instanceId;
    }
  }

  /** A worker that notes what it is given. */
  private final class Worker implements LocalWorker {
    private final List<Work> given = new ArrayList<>();
    private final Runnable leave =
        pool.connect("w", GetWorkItemsRequest.getDefaultInstance(), this);

    @Override
    public void take(Work work) {
      given.add(work);
    }

    @Override
    public void ended() {}

    List<String> has() {
      return given.stream().map(Work::instanceId).toList();
    }

    void finish(String id) {
      Work work =
          given.stream().filter(each -> each.instanceId().equals(id)).findFirst().orElseThrow();
      given.remove(work);
      assertThat(pool.done(Objects.requireNonNull(pool.find(work.token())))).isTrue();
    }
  }

  private Job submitted(String id) {
    Job job = new Job(id);
    pool.submit(job);
    return job;
  }

  /** Connects a worker and has it leave with whatever it is given at once. */
  private List<String> leavesWith() {
    Worker worker = new Worker();
    worker.leave.run();
    return worker.has();
  }

  @Test
  void whatEndsItsWorkersIsFoundAndWhatTheyHadBesidesIsDone() {
    Job guilty = submitted("guilty");
    List<Job> innocent =
        List.of(submitted("a"), submitted("b"), submitted("c"), submitted("d"), submitted("e"));
    List<String> done = new ArrayList<>();
    for (int i = 0; i < 40 && guilty.parked == null; i++) {
      timers.pass(Duration.ofMinutes(1));
      Worker worker = new Worker();
      while (!worker.has().isEmpty() && !worker.has().contains("guilty")) {
        String next = worker.has().getFirst();
        worker.finish(next);
        done.add(next);
      }
      worker.leave.run();
    }
    assertThat(guilty.parked).contains("the last 5 workers that took it went away");
    Worker last = new Worker();
    while (!last.has().isEmpty()) {
      String next = last.has().getFirst();
      last.finish(next);
      done.add(next);
    }
    assertThat(done).containsExactlyInAnyOrder("a", "b", "c", "d", "e");
    assertThat(innocent).allSatisfy(job -> assertThat(job.parked).isNull());
  }

  @Test
  void afterTwoWorkersAThirdGetsOneAtATime() {
    submitted("a");
    submitted("b");
    assertThat(leavesWith()).containsExactly("a", "b");
    assertThat(leavesWith()).containsExactly("a", "b");
    timers.pass(WorkerPool.Pace.USUAL.rest());
    assertThat(pool.waiting()).isEqualTo(2);
    Worker third = new Worker();
    assertThat(third.has()).containsExactly("a");
    third.finish("a");
    assertThat(third.has()).containsExactly("b");
    submitted("new");
    assertThat(third.has()).as("no suspect").containsExactly("b", "new");
    assertThat(pool.waiting()).isZero();
  }

  @Test
  void workThatTakesLongKeepsTheRestWaitingForAMomentOnly() {
    submitted("a");
    submitted("b");
    leavesWith();
    leavesWith();
    timers.pass(WorkerPool.Pace.USUAL.rest());
    Worker worker = new Worker();
    assertThat(worker.has()).containsExactly("a");
    timers.pass(WorkerPool.Pace.USUAL.rest());
    assertThat(worker.has()).containsExactly("a", "b");
  }

  @Test
  void aWorkerThatIsNeverIdleTriesSuspectsToo() {
    submitted("suspect");
    leavesWith();
    leavesWith();
    Worker busy = new Worker();
    List<String> others = new ArrayList<>();
    while (pool.waiting() < 5) { // the suspect rests, and the worker has no room
      others.add("other" + others.size());
      submitted(others.getLast());
    }
    timers.pass(WorkerPool.Pace.USUAL.rest());
    assertThat(busy.has()).doesNotContain("suspect");
    busy.finish("other0");
    busy.finish("other1");
    assertThat(busy.has()).contains("suspect");
  }

  @Test
  void severalWorkersTryOneEach() {
    submitted("a");
    submitted("b");
    leavesWith();
    leavesWith();
    Worker one = new Worker();
    Worker two = new Worker();
    timers.pass(WorkerPool.Pace.USUAL.rest());
    assertThat(one.has()).hasSize(1);
    assertThat(two.has()).hasSize(1);
  }

  @Test
  void whatAWorkerHasLivedWithIsNotBlamedForWhatIsTriedAfterIt() {
    Job lived = submitted("lived");
    Job tried = submitted("tried");
    leavesWith();
    leavesWith();
    for (int i = 2; i < LOST_MAX; i++) {
      timers.pass(WorkerPool.Pace.USUAL.restMax());
      Worker worker = new Worker();
      assertThat(worker.has()).containsExactly("lived");
      timers.pass(WorkerPool.Pace.USUAL.rest().dividedBy(4));
      assertThat(worker.has()).containsExactly("lived", "tried");
      worker.leave.run();
    }
    assertThat(tried.parked).isNotNull();
    assertThat(lived.parked).isNull();
    assertThat(new Worker().has()).containsExactly("lived");
  }
}
