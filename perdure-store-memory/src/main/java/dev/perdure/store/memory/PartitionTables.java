package dev.perdure.store.memory;

import dev.perdure.store.CorruptStoreException;
import dev.perdure.store.HistoryRow;
import dev.perdure.store.InstanceKey;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.OutboxRow;
import dev.perdure.store.RowBatch;
import dev.perdure.store.TimerRow;
import dev.perdure.store.Utf8Order;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The rows of one partition and their indexes. Not thread-safe. */
final class PartitionTables {
  /** A place in the list by creation time. */
  record Created(long createdAt, String id) {
    static final Comparator<Created> ORDER =
        Comparator.comparingLong(Created::createdAt).thenComparing(Created::id, Utf8Order::compare);

    static Created of(InstanceRow row) {
      return new Created(row.columns().createdAt(), row.id());
    }
  }

  private record Execution(String instanceId, long execution) {}

  private static final Comparator<OutboxRow> OUTBOX_ORDER =
      Comparator.comparingInt(OutboxRow::receiver).thenComparingLong(OutboxRow::number);

  private final NavigableMap<String, InstanceRow> instances = new TreeMap<>(Utf8Order::compare);
  private final NavigableMap<String, InstanceRow> active = new TreeMap<>(Utf8Order::compare);
  private final NavigableMap<Created, InstanceRow> created = new TreeMap<>(Created.ORDER);
  private final Map<Execution, NavigableMap<Integer, byte[]>> history = new HashMap<>();
  private final NavigableSet<TimerRow> timers = new TreeSet<>();
  private final NavigableMap<OutboxRow, OutboxRow> outbox = new TreeMap<>(OUTBOX_ORDER);
  private byte @Nullable [] partition;

  PartitionTables copy() {
    PartitionTables copy = new PartitionTables();
    copy.instances.putAll(instances);
    copy.active.putAll(active);
    copy.created.putAll(created);
    history.forEach((execution, chunks) -> copy.history.put(execution, new TreeMap<>(chunks)));
    copy.timers.addAll(timers);
    copy.outbox.putAll(outbox);
    copy.partition = partition;
    return copy;
  }

  /**
   * Refuses a batch that misremembers where rows stand. A store on disk cannot afford to look and
   * would be left with an index entry that leads nowhere.
   */
  void check(RowBatch batch) {
    Map<String, InstanceKey> put = new HashMap<>();
    Set<String> deleted = new HashSet<>();
    for (RowBatch.DeleteInstance delete : batch.deletedInstances()) {
      InstanceRow row = instances.get(delete.instanceId());
      if (row != null && !InstanceKey.of(row).equals(delete.key())) {
        throw new IllegalArgumentException(
            "Instance '%s' is deleted as %s, but was last written as %s."
                .formatted(delete.instanceId(), delete.key(), InstanceKey.of(row)));
      }
      deleted.add(delete.instanceId());
    }
    for (RowBatch.PutInstance write : batch.instances()) {
      String id = write.row().id();
      InstanceRow row = deleted.contains(id) ? null : instances.get(id);
      InstanceKey before = put.getOrDefault(id, row == null ? null : InstanceKey.of(row));
      if (before != null && !before.equals(write.replaces())) {
        throw new IllegalArgumentException(
            "Instance '%s' is written in place of %s, but was last written as %s."
                .formatted(id, write.replaces(), before));
      }
      put.put(id, InstanceKey.of(write.row()));
    }
  }

  void apply(RowBatch batch) {
    for (RowBatch.DeleteInstance delete : batch.deletedInstances()) {
      remove(delete.instanceId());
    }
    for (RowBatch.DeleteHistory delete : batch.deletedHistory()) {
      deleteHistory(delete);
    }
    batch.deletedTimers().forEach(timers::remove);
    for (RowBatch.DeleteOutbox delete : batch.deletedOutbox()) {
      outbox
          .subMap(
              place(delete.receiver(), delete.firstNumber()),
              true,
              place(delete.receiver(), delete.lastNumber()),
              true)
          .clear();
    }
    for (RowBatch.PutInstance put : batch.instances()) {
      remove(put.row().id());
      add(put.row());
    }
    for (HistoryRow row : batch.history()) {
      history
          .computeIfAbsent(
              new Execution(row.instanceId(), row.execution()), execution -> new TreeMap<>())
          .put(row.chunk(), row.events());
    }
    timers.addAll(batch.timers());
    batch.outbox().forEach(row -> outbox.put(row, row));
    if (batch.partition() != null) {
      partition = batch.partition();
    }
  }

  private void add(InstanceRow row) {
    instances.put(row.id(), row);
    created.put(Created.of(row), row);
    if (row.active()) {
      active.put(row.id(), row);
    }
  }

  private void remove(String id) {
    InstanceRow row = instances.remove(id);
    if (row != null) {
      created.remove(Created.of(row));
      active.remove(id);
    }
  }

  private void deleteHistory(RowBatch.DeleteHistory delete) {
    Execution execution = new Execution(delete.instanceId(), delete.execution());
    NavigableMap<Integer, byte[]> chunks = history.get(execution);
    if (chunks != null) {
      chunks.headMap(delete.chunks(), false).clear();
      if (chunks.isEmpty()) {
        history.remove(execution);
      }
    }
  }

  private static OutboxRow place(int receiver, long number) {
    return new OutboxRow(receiver, number, new byte[0]);
  }

  byte @Nullable [] partition() {
    return partition;
  }

  @Nullable InstanceRow instance(String id) {
    return instances.get(id);
  }

  List<byte[]> history(String instanceId, long execution, int chunks) {
    NavigableMap<Integer, byte[]> found = history.get(new Execution(instanceId, execution));
    List<byte[]> wanted = new ArrayList<>();
    for (int chunk = 0; chunk < chunks; chunk++) {
      byte[] events = found == null ? null : found.get(chunk);
      if (events == null) {
        throw new CorruptStoreException(
            "Instance '%s', execution %d: chunk %d of %d of the history is missing."
                .formatted(instanceId, execution, chunk, chunks),
            null);
      }
      wanted.add(events);
    }
    return wanted;
  }

  List<String> active(@Nullable String afterId, int limit) {
    var from = afterId == null ? active : active.tailMap(afterId, false);
    return from.keySet().stream().limit(limit).toList();
  }

  List<TimerRow> timers(@Nullable TimerRow after, int limit) {
    var from = after == null ? timers : timers.tailSet(after, false);
    return from.stream().limit(limit).toList();
  }

  List<OutboxRow> outbox(@Nullable OutboxRow after, int limit) {
    var from = after == null ? outbox : outbox.tailMap(after, false);
    return from.values().stream().limit(limit).toList();
  }

  /** Instances by creation time after a place. */
  Iterable<InstanceRow> byCreation(Created after) {
    return created.tailMap(after, false).values();
  }

  /** Instances by creation time from a time on. */
  Iterable<InstanceRow> byCreation(long createdFrom) {
    return created.tailMap(new Created(createdFrom, ""), true).values();
  }

  /** Instances by id. */
  Iterable<InstanceRow> byId(String fromId, boolean inclusive) {
    return instances.tailMap(fromId, inclusive).values();
  }
}
