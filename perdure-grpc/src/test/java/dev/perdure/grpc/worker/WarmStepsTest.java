package dev.perdure.grpc.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.engine.InstanceIds;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.grpc.worker.FakeWorker.Turn;
import dev.perdure.store.ForwardingStore;
import dev.perdure.store.memory.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** Histories of orchestrations whose steps wait for workers take a limited part of the memory. */
class WarmStepsTest {
  private static final int INPUT_BYTES = 3 << 20;
  private static final int INSTANCES = 12;

  /** The part of a partition, in a hub of many. */
  private static final int PARTITIONS =
      (int) Math.max(1, Runtime.getRuntime().maxMemory() / 8 / (4 * INPUT_BYTES));

  private final Set<String> read = ConcurrentHashMap.newKeySet();

  private List<String> idsOfOnePartition() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; ids.size() < INSTANCES; i++) {
      if (InstanceIds.partition("i" + i, PARTITIONS) == 0) {
        ids.add("i" + i);
      }
    }
    return ids;
  }

  @Test
  void stepsBeyondTheLimitBeginFromTheCold() {
    ForwardingStore store =
        new ForwardingStore(new MemoryStore(PARTITIONS)) {
          @Override
          public void readHistory(
              int partition, String instanceId, long execution, int chunks, HistoryVisitor to) {
            read.add(instanceId);
            super.readHistory(partition, instanceId, execution, chunks, to);
          }
        };
    try (WorkerServer server =
            new WorkerServer(FunctionRegistry.builder().build(), WorkerPool.Pace.USUAL, store);
        FakeWorker worker = server.worker()) {
      List<String> ids = idsOfOnePartition();
      List<Turn> first = new ArrayList<>();
      for (String id : ids) {
        server.start(id, "f", "\"" + "x".repeat(INPUT_BYTES) + "\"");
        first.add(worker.turn());
      }
      ids.forEach(id -> server.raise(id, "e", "1"));
      first.forEach(turn -> worker.answer(turn));
      List<Turn> second = new ArrayList<>();
      ids.forEach(id -> second.add(worker.turn()));

      assertThat(read).hasSizeBetween(1, INSTANCES - 1);
      for (Turn turn : second) {
        assertThat(turn.past()).hasSize(2);
        worker.answer(turn, Actions.complete(1, "1"));
        server.ended(turn.instanceId());
      }
    }
  }
}
