package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.PerdureClient;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.ForwardingStore;
import dev.perdure.store.RowBatch;
import dev.perdure.store.Store;
import dev.perdure.store.memory.MemoryDisk;
import dev.perdure.store.memory.MemoryStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Rows of large instances are not put together without measure. */
class CheckpointSizeTest {
  private static final int INPUT = 1 << 20;
  private static final int INSTANCES = 30;

  private static final class Measuring extends ForwardingStore {
    final List<Long> batches = new CopyOnWriteArrayList<>();

    Measuring(Store store) {
      super(store);
    }

    @Override
    public void writeRows(int partition, long epoch, RowBatch rows) {
      batches.add(rows.bytes());
      super.writeRows(partition, epoch, rows);
    }
  }

  @Test
  void aBatchOfRowsIsHandedOverOnceItIsLargeEnough() {
    Measuring store = new Measuring(MemoryStore.open(new MemoryDisk(), 1));
    try (store) {
      try (Engine engine =
          Engine.start(
              store,
              FunctionRegistry.builder()
                  .orchestrator("wait", ctx -> ctx.waitForExternalEvent("go", String.class).await())
                  .build(),
              new JacksonDataConverter(),
              TestHub.OPTIONS.withCheckpoint(Duration.ofDays(1), 1L << 40))) {
        PerdureClient client = engine.client();
        for (int i = 0; i < INSTANCES; i++) {
          client.startNew("wait", "x".repeat(INPUT));
        }
      } // writes everything
      assertThat(store.batches.stream().mapToLong(bytes -> bytes).sum())
          .isGreaterThan((long) INSTANCES * INPUT);
      // One megabyte is enough; whatever comes to it last has its input in its state and its
      // history.
      assertThat(store.batches).allMatch(bytes -> bytes < 4L * INPUT);
    }
  }
}
