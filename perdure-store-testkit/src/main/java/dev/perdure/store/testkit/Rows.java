package dev.perdure.store.testkit;

import dev.perdure.store.HistoryRow;
import dev.perdure.store.InstanceColumns;
import dev.perdure.store.InstanceFilter;
import dev.perdure.store.InstanceKey;
import dev.perdure.store.InstancePage;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.LogRecord;
import dev.perdure.store.OutboxRow;
import dev.perdure.store.RowBatch;
import dev.perdure.store.Store;
import dev.perdure.store.TimerRow;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Short words for writing, reading and comparing rows in tests. */
public final class Rows {
  /** The kind of {@link #instance instances} made here. */
  public static final int KIND = 1;

  private static final int WAIT_SECONDS = 30;

  private Rows() {}

  // ---- making -------------------------------------------------------------------------------

  /** An instance with a state that names it. */
  public static InstanceRow instance(String id, int status, long createdAt, boolean active) {
    return instance(id, status, createdAt, active, "state of " + id);
  }

  /** An instance with a given state. */
  public static InstanceRow instance(
      String id, int status, long createdAt, boolean active, String state) {
    var columns =
        new InstanceColumns(
            id, KIND, status, "Hello", "1.0", createdAt, createdAt + 5, 0, "", Map.of());
    return new InstanceRow(columns, 7, active, bytes(state));
  }

  /** A batch. */
  public static RowBatch batch(Consumer<RowBatch> content) {
    RowBatch batch = new RowBatch();
    content.accept(batch);
    return batch;
  }

  /** A batch with new instances. */
  public static RowBatch newInstances(InstanceRow... rows) {
    return batch(
        batch -> {
          for (InstanceRow row : rows) {
            batch.put(row, null);
          }
        });
  }

  /** A chunk of history. */
  public static HistoryRow history(String instanceId, long execution, int chunk, String events) {
    return new HistoryRow(instanceId, execution, chunk, bytes(events));
  }

  /** A message. */
  public static OutboxRow message(int receiver, long number, String content) {
    return new OutboxRow(receiver, number, bytes(content));
  }

  /** A log record. */
  public static LogRecord record(int partition, long epoch, long first, long last, String data) {
    return new LogRecord(partition, epoch, first, last, ByteBuffer.wrap(bytes(data)));
  }

  /** A filter that wants everything of {@link #KIND}, with state. */
  public static InstanceFilter everything() {
    return filter(Set.of(), Long.MIN_VALUE, Long.MAX_VALUE, "");
  }

  /** A filter by status, creation time and id. */
  public static InstanceFilter filter(
      Set<Integer> statuses, long createdFrom, long createdTo, String idPrefix) {
    return new InstanceFilter(
        KIND, statuses, createdFrom, createdTo, 0, Long.MAX_VALUE, idPrefix, null, Map.of(), true);
  }

  /** Text as bytes. */
  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Bytes as text. */
  public static String text(byte @Nullable [] bytes) {
    return bytes == null ? "null" : new String(bytes, StandardCharsets.UTF_8);
  }

  // ---- writing ------------------------------------------------------------------------------

  /** Commits and waits; gives why it failed, or null. */
  public static @Nullable Throwable tryCommit(Store store, LogRecord... records) {
    CompletableFuture<@Nullable Throwable> outcome = new CompletableFuture<>();
    store.commit(List.of(records), outcome::complete);
    try {
      return outcome.get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("The store did not call back", e);
    }
  }

  /** Commits and waits until the records are durable. */
  public static void commit(Store store, LogRecord... records) {
    Throwable failure = tryCommit(store, records);
    if (failure != null) {
      throw new AssertionError("The commit failed", failure);
    }
  }

  // ---- reading ------------------------------------------------------------------------------

  /** A partition's log, each record as {@code first-last:data}. */
  public static List<String> log(Store store, int partition, long from) {
    List<String> records = new ArrayList<>();
    store.readLog(partition, from, record -> records.add(describe(record)));
    return records;
  }

  /** A record as its positions and its data. */
  public static String describe(LogRecord record) {
    byte[] data = new byte[record.data().remaining()];
    record.data().get(data);
    return record.firstPosition() + "-" + record.lastPosition() + ":" + text(data);
  }

  /** The history of an execution. */
  public static List<String> history(Store store, int partition, String id, long run, int chunks) {
    List<String> read = new ArrayList<>();
    store.readHistory(partition, id, run, chunks, bytes -> read.add(text(bytes)));
    return read;
  }

  /** All messages as {@code receiver/number:content}, read in pages. */
  public static List<String> outbox(Store store, int partition, int pageSize) {
    List<String> read = new ArrayList<>();
    OutboxRow after = null;
    List<OutboxRow> page = store.scanOutbox(partition, after, pageSize);
    while (!page.isEmpty()) {
      for (OutboxRow row : page) {
        read.add(row.receiver() + "/" + row.number() + ":" + text(row.message()));
        after = row;
      }
      page = store.scanOutbox(partition, after, pageSize);
    }
    return read;
  }

  /** All timers, read in pages. */
  public static List<TimerRow> timers(Store store, int partition, int pageSize) {
    List<TimerRow> read = new ArrayList<>();
    List<TimerRow> page = store.scanTimers(partition, null, pageSize);
    while (!page.isEmpty()) {
      read.addAll(page);
      page = store.scanTimers(partition, read.getLast(), pageSize);
    }
    return read;
  }

  /** The ids of all active instances, read in pages. */
  public static List<String> active(Store store, int partition, int pageSize) {
    List<String> read = new ArrayList<>();
    List<String> page = store.scanActive(partition, null, pageSize);
    while (!page.isEmpty()) {
      read.addAll(page);
      page = store.scanActive(partition, read.getLast(), pageSize);
    }
    return read;
  }

  /** The ids of all instances that are found, read in pages. */
  public static List<String> query(Store store, InstanceFilter filter, int pageSize) {
    List<String> read = new ArrayList<>();
    String token = null;
    do {
      InstancePage page = store.query(filter, pageSize, token);
      read.addAll(ids(page.rows()));
      token = page.continuationToken();
    } while (token != null);
    return read;
  }

  /** The ids of rows. */
  public static List<String> ids(List<InstanceRow> rows) {
    return rows.stream().map(InstanceRow::id).toList();
  }

  /** Where a row stands. */
  public static InstanceKey key(InstanceRow row) {
    return InstanceKey.of(row);
  }

  /** Everything a row says, for comparing. */
  public static String describe(@Nullable InstanceRow row) {
    return row == null
        ? "none"
        : row.columns() + " @" + row.position() + " " + row.active() + " " + text(row.state());
  }
}
