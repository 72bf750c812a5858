package dev.perdure.engine.partition;

import dev.perdure.api.HistoryEvent;
import dev.perdure.engine.codec.HistoryCodec;
import dev.perdure.store.Store;
import java.util.ArrayList;
import java.util.List;

/**
 * An instance's history at a moment: chunks in the store, which do not change, and what was still
 * in memory. Can be read from any thread as long as the execution is not purged.
 *
 * @param partition the instance's partition
 * @param instanceId the instance
 * @param executionId its execution, as users see it
 * @param execution its execution, as the partition counts it
 * @param chunks how many chunks are in the store
 * @param tail what is not in the store yet, in order
 */
public record HistorySnapshot(
    int partition,
    String instanceId,
    String executionId,
    long execution,
    int chunks,
    List<byte[]> tail) {

  /** Reads all events. */
  public List<HistoryEvent> read(Store store) {
    List<HistoryEvent> events = new ArrayList<>();
    if (chunks > 0) {
      store.readHistory(
          partition, instanceId, execution, chunks, chunk -> HistoryCodec.readAll(chunk, events));
    }
    for (byte[] piece : tail) {
      HistoryCodec.readAll(piece, events);
    }
    return events;
  }
}
