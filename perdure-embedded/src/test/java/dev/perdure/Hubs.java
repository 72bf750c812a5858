package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.store.rocksdb.RocksStoreOptions;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** What the tests of whole hubs have in common. */
final class Hubs {
  /** How long a test waits for what should happen soon. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private Hubs() {}

  /** Options that keep a hub on disk, and in memory, small. */
  static RocksStoreOptions small(RocksStoreOptions options) {
    return options.withLog(256 << 10, 1 << 20).withMemory(8 << 20, 2 << 20);
  }

  /** Starts an orchestration and waits until its code has run for the first time. */
  static String startAndWait(PerdureClient client, String name, Object input) {
    String id = client.startNew(name, input);
    client.waitForStart(id, PATIENCE);
    return id;
  }

  /** Waits until an orchestration has completed; its output. */
  static <T> T output(PerdureClient client, String id, Class<T> type) {
    return completed(client, id).output(type);
  }

  /** Waits until an orchestration has completed. */
  static OrchestrationMetadata completed(PerdureClient client, String id) {
    OrchestrationMetadata end = client.waitForCompletion(id, PATIENCE);
    assertThat(end.status())
        .as(() -> end + "\n" + (end.failure() == null ? "" : end.failure().stackTrace()))
        .isEqualTo(OrchestrationStatus.COMPLETED);
    return end;
  }

  /** Waits for a latch that is expected to open. */
  static void await(CountDownLatch latch) throws InterruptedException {
    assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  /** Waits until something is so for which there is nothing to wait on. */
  static void until(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }
}
