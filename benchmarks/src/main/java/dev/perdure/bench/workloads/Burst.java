package dev.perdure.bench.workloads;

import dev.perdure.Perdure;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.bench.harness.BenchContext;
import dev.perdure.bench.harness.CpuClock;
import dev.perdure.bench.harness.Directories;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.Heap;
import dev.perdure.bench.harness.StopWatch;
import dev.perdure.bench.harness.Workload;
import dev.perdure.bench.harness.WorkloadFailedException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * A hundred thousand clients that all start a hello-sequence at the same moment and wait for its
 * end. Each is a virtual thread of this process, so their stacks are part of the heap.
 */
public final class Burst implements Workload {
  private static final int HEAP_MIB = 1024;

  @Override
  public String name() {
    return "burst";
  }

  @Override
  public String describes() {
    return "100,000 starts at once (sequences of 5 activities): all finish, none is lost";
  }

  @Override
  public int heapMiB() {
    return HEAP_MIB;
  }

  @Override
  public void run(BenchContext context) throws Exception {
    int starts = context.sized(100_000, 10_000, 200);
    Path empty = context.directory().resolve("empty");
    Hello5.register(Perdure.embedded(empty)).start().close();

    try (Heap heap = Heap.watch();
        Perdure perdure = Hello5.register(Perdure.embedded(context.hub())).start()) {
      StopWatch watch = StopWatch.start();
      CpuClock cpu = CpuClock.start();
      startAtOnce(context, perdure.client(), starts);
      double seconds = watch.seconds();
      context.report(
          Figure.of("finished", starts / seconds, "orchestrations/s")
              .withCpu(cpu.microsPer(starts)));
      context.report(
          Figure.of("heap-peak", heap.peakMiB(), "MiB left by a collection")
              .withGoal(Goal.below(HEAP_MIB)));
    }

    // Closing makes a checkpoint; what an empty hub takes up is not the orchestrations' doing.
    long bytes = Directories.bytes(context.hub()) - Directories.bytes(empty);
    context.report(Figure.of("disk", (double) bytes / starts, "bytes per finished orchestration"));

    context.progress("opening again and counting");
    try (Perdure perdure = Hello5.register(Perdure.embedded(context.hub())).start()) {
      long completed = countCompleted(perdure.client());
      WorkloadFailedException.unless(
          completed == starts, "%d completed instances are on disk, not %d.", completed, starts);
    }
  }

  private static void startAtOnce(BenchContext context, PerdureClient client, int starts)
      throws InterruptedException {
    context.progress("starting %,d", starts);
    CountDownLatch ready = new CountDownLatch(starts);
    Clients.share(
        starts,
        starts,
        i -> {
          ready.countDown();
          awaitUninterrupted(ready);
          Hello5.runOne(client);
        });
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new WorkloadFailedException("A client was interrupted.", e);
    }
  }

  private static long countCompleted(PerdureClient client) {
    InstanceQuery query =
        InstanceQuery.ALL.withStatuses(OrchestrationStatus.COMPLETED).withPageSize(10_000);
    long count = 0;
    String token = null;
    do {
      InstanceQuery.Page page = client.query(query.withContinuationToken(token));
      count += page.instances().size();
      token = page.continuationToken();
    } while (token != null);
    return count;
  }
}
