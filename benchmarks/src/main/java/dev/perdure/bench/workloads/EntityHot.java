package dev.perdure.bench.workloads;

import dev.perdure.Perdure;
import dev.perdure.api.EntityContext;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntitySignal;
import dev.perdure.api.PerdureClient;
import dev.perdure.bench.harness.BenchContext;
import dev.perdure.bench.harness.CpuClock;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.Heap;
import dev.perdure.bench.harness.StopWatch;
import dev.perdure.bench.harness.Workload;
import dev.perdure.bench.harness.WorkloadFailedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;

/**
 * One entity that everybody sends to, one signal at a time; and one whose first operation takes
 * long, while a hundred thousand others of 1 KiB queue up behind it.
 */
public final class EntityHot implements Workload {
  private static final double GOAL_PER_SECOND = 20_000;
  private static final int INPUT_BYTES = 1_024;

  // The queue is 100 MiB. What has to be in memory is what no checkpoint has written yet.
  private static final double GOAL_QUEUE_MIB = 64;

  @Override
  public String name() {
    return "entity-hot";
  }

  @Override
  public String describes() {
    return "signals one by one to a single counter; 100,000 operations waiting at one entity";
  }

  @Override
  public void run(BenchContext context) throws Exception {
    signals(context);
    queue(context);
  }

  private static void signals(BenchContext context) throws InterruptedException {
    Duration warmUp =
        context.sized(Duration.ofSeconds(8), Duration.ofSeconds(3), Duration.ofMillis(200));
    Duration measured =
        context.sized(Duration.ofSeconds(15), Duration.ofSeconds(4), Duration.ofMillis(300));
    try (Perdure perdure =
        Perdure.embedded(context.hub()).entity(Counter.NAME, Counter.class).start()) {
      PerdureClient client = perdure.client();
      LongAdder sent = new LongAdder();
      try (ClosedLoop load =
          ClosedLoop.start(
              256,
              () -> {
                client.signalEntity(Counter.number(0), "add", 1);
                sent.increment();
              })) {
        load.run(warmUp);
        context.progress("warm after %,d signals, measuring", sent.sum());
        long before = sent.sum();
        StopWatch watch = StopWatch.start();
        CpuClock cpu = CpuClock.start();
        load.run(measured);
        load.stop();
        long after = sent.sum();
        long counted = Counter.sumWhenAtRest(client);
        double seconds = watch.seconds();
        WorkloadFailedException.unless(
            counted == after, "%,d signals were sent and %,d counted.", after, counted);
        context.report(
            Figure.of("signals", (after - before) / seconds, "signals/s")
                .withGoal(Goal.atLeast(GOAL_PER_SECOND))
                .withCpu(cpu.microsPer((double) (after - before))));
      }
    }
  }

  private static void queue(BenchContext context) throws Exception {
    int operations = context.sized(100_000, 20_000, 500);
    CountDownLatch mayGoOn = new CountDownLatch(1);
    EntityId id = EntityId.of("slow", "one");
    try (Perdure perdure =
        Perdure.embedded(context.directory().resolve("queue"))
            .entity("slow", ctx -> slow(ctx, mayGoOn))
            .options(o -> o.withStepWarning(Duration.ofHours(1)))
            .start()) {
      PerdureClient client = perdure.client();
      double empty = Heap.usedAfterGcMiB();
      client.signalEntity(id, "wait");
      try (Heap heap = Heap.watch()) {
        StopWatch filling = StopWatch.start();
        String input = "x".repeat(INPUT_BYTES);
        for (int i = 0; i < operations; i += 100) {
          List<EntitySignal> some = new ArrayList<>();
          for (int k = 0; k < 100; k++) {
            some.add(EntitySignal.of(id, "append", input));
          }
          client.signalEntities(some);
        }
        context.report(Figure.of("queue-filled", operations / filling.seconds(), "operations/s"));
        double used = Heap.usedAfterGcMiB() - empty;
        context.report(
            Figure.of("queue-heap", used, "MiB after GC").withGoal(Goal.below(GOAL_QUEUE_MIB)));
        context.report(Figure.of("queue-heap-peak", heap.peakMiB() - empty, "MiB after GC"));
      }
      StopWatch draining = StopWatch.start();
      mayGoOn.countDown();
      long waiting = operations;
      while (waiting > 0) {
        Thread.sleep(5);
        waiting = client.getEntity(id).orElseThrow().operationsWaiting();
        WorkloadFailedException.unless(
            draining.nanos() < Clients.PATIENCE.toNanos(), "%,d operations still wait.", waiting);
      }
      context.report(Figure.of("queue-drained", operations / draining.seconds(), "operations/s"));
      Long done = client.getEntity(id).orElseThrow().state(Long.class);
      WorkloadFailedException.unless(
          Objects.equals(done, (long) operations), "%s of %d operations ran.", done, operations);
    }
  }

  private static Object slow(EntityContext ctx, CountDownLatch mayGoOn)
      throws InterruptedException {
    if (ctx.operation().equals("wait")) {
      mayGoOn.await();
      ctx.setState(0L);
      return 0L;
    }
    String input = Objects.requireNonNull(ctx.input(String.class));
    WorkloadFailedException.unless(input.length() == INPUT_BYTES, "The input was cut.");
    long next = Objects.requireNonNull(ctx.state(Long.class)) + 1;
    ctx.setState(next);
    return next;
  }
}
