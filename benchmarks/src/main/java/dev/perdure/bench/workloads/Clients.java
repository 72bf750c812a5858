package dev.perdure.bench.workloads;

import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.bench.harness.WorkloadFailedException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Client code that workloads share. */
final class Clients {
  /** How long anything may take before it counts as lost. */
  static final Duration PATIENCE = Duration.ofMinutes(10);

  private Clients() {}

  /** Waits for the end of an instance, which must be a good one. */
  static OrchestrationMetadata await(PerdureClient client, String instanceId) {
    OrchestrationMetadata end = client.waitForCompletion(instanceId, PATIENCE);
    WorkloadFailedException.unless(
        end.status() == OrchestrationStatus.COMPLETED,
        "Instance %s ended as %s: %s",
        instanceId,
        end.status(),
        end.failure());
    return end;
  }

  /**
   * Does a numbered job a number of times, shared by virtual threads, and returns when all are
   * done.
   *
   * @throws WorkloadFailedException with the first failure of a job, once the others have stopped
   */
  static void share(int jobs, int threads, IntConsumer job) throws InterruptedException {
    AtomicInteger next = new AtomicInteger();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    CountDownLatch running = new CountDownLatch(threads);
    for (int t = 0; t < threads; t++) {
      Thread.startVirtualThread(
          () -> {
            try {
              for (int i = next.getAndIncrement(); i < jobs; i = next.getAndIncrement()) {
                job.accept(i);
              }
            } catch (RuntimeException | Error e) {
              failure.compareAndSet(null, e);
              next.set(jobs);
            } finally {
              running.countDown();
            }
          });
    }
    running.await();
    Throwable first = failure.get();
    if (first != null) {
      throw new WorkloadFailedException("A client failed: " + first, first);
    }
  }
}
