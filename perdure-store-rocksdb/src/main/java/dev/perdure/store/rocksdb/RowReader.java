package dev.perdure.store.rocksdb;

import dev.perdure.store.InstanceRow;
import dev.perdure.store.OutboxRow;
import dev.perdure.store.TimerRow;
import dev.perdure.store.rocksdb.RowTables.Cursor;
import dev.perdure.store.rocksdb.RowTables.Table;
import dev.perdure.store.rocksdb.RowTables.View;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads rows of one partition. */
final class RowReader {
  /** Up to so many chunks are looked up one by one; a cursor pays off only beyond. */
  private static final int LOOKUPS_MAX = 3;

  private final RowTables tables;

  RowReader(RowTables tables) {
    this.tables = tables;
  }

  byte @Nullable [] partition(int partition) {
    return tables.get(Table.QUEUES, Keys.partition(new Bytes(3), partition).toArray());
  }

  /** Where a partition's log starts; {@code Long.MIN_VALUE} if it was never cut. */
  long logStart(int partition) {
    byte[] value = tables.get(Table.QUEUES, Keys.logStart(new Bytes(3), partition).toArray());
    return value == null ? Long.MIN_VALUE : new ByteReader(value, 0).i8();
  }

  @Nullable InstanceRow instance(int partition, String id) {
    byte[] value = tables.get(Table.INSTANCES, instanceKey(partition, id));
    return value == null ? null : RowCodec.row(id, value, true);
  }

  private static byte[] instanceKey(int partition, String id) {
    return Keys.instance(new Bytes(2 + id.length()), partition, id).toArray();
  }

  List<byte[]> history(int partition, String id, long execution, int chunks) {
    return chunks <= LOOKUPS_MAX
        ? lookUpHistory(partition, id, execution, chunks)
        : scanHistory(partition, id, execution, chunks);
  }

  private List<byte[]> lookUpHistory(int partition, String id, long execution, int chunks) {
    List<byte[]> read = new ArrayList<>(chunks);
    for (int chunk = 0; chunk < chunks; chunk++) {
      byte[] events = tables.get(Table.HISTORY, historyKey(partition, id, execution, chunk));
      if (events == null) {
        throw missing(id, execution, chunk, chunks);
      }
      read.add(events);
    }
    return read;
  }

  private List<byte[]> scanHistory(int partition, String id, long execution, int chunks) {
    List<byte[]> read = new ArrayList<>(chunks);
    byte[] from = historyKey(partition, id, execution, 0);
    byte[] to = historyKey(partition, id, execution, chunks);
    try (View view = tables.view()) {
      Cursor cursor = view.from(Table.HISTORY, from, to);
      for (; cursor.isValid(); cursor.next()) {
        byte[] key = cursor.key();
        int chunk = new ByteReader(key, key.length - Integer.BYTES).i4();
        if (chunk != read.size()) {
          break;
        }
        read.add(cursor.value());
      }
    }
    if (read.size() < chunks) {
      throw missing(id, execution, read.size(), chunks);
    }
    return read;
  }

  private static byte[] historyKey(int partition, String id, long execution, int chunk) {
    return Keys.history(new Bytes(32 + id.length()), partition, id, execution, chunk).toArray();
  }

  private static RuntimeException missing(String id, long execution, int chunk, int chunks) {
    return Errors.corrupt(
        "Instance '%s', execution %d: chunk %d of %d of the history is missing."
            .formatted(id, execution, chunk, chunks),
        null);
  }

  List<String> active(int partition, @Nullable String afterId, int limit) {
    byte[] start = Keys.activeFrom(partition);
    byte[] from =
        afterId == null
            ? start
            : Keys.next(Keys.active(new Bytes(32), partition, afterId).toArray());
    List<String> ids = new ArrayList<>();
    try (View view = tables.view()) {
      Cursor cursor = view.from(Table.QUEUES, from, Keys.after(start));
      for (; cursor.isValid() && ids.size() < limit; cursor.next()) {
        ids.add(Keys.activeId(cursor.key()));
      }
    }
    return ids;
  }

  List<TimerRow> timers(int partition, @Nullable TimerRow after, int limit) {
    byte[] start = Keys.timersFrom(partition);
    byte[] from =
        after == null ? start : Keys.next(Keys.timer(new Bytes(32), partition, after).toArray());
    List<TimerRow> rows = new ArrayList<>();
    try (View view = tables.view()) {
      Cursor cursor = view.from(Table.QUEUES, from, Keys.after(start));
      for (; cursor.isValid() && rows.size() < limit; cursor.next()) {
        rows.add(Keys.timer(cursor.key()));
      }
    }
    return rows;
  }

  List<OutboxRow> outbox(int partition, @Nullable OutboxRow after, int limit) {
    byte[] start = Keys.outboxFrom(partition);
    byte[] from =
        after == null
            ? start
            : Keys.next(
                Keys.outbox(new Bytes(32), partition, after.receiver(), after.number()).toArray());
    List<OutboxRow> rows = new ArrayList<>();
    try (View view = tables.view()) {
      Cursor cursor = view.from(Table.QUEUES, from, Keys.after(start));
      for (; cursor.isValid() && rows.size() < limit; cursor.next()) {
        rows.add(Keys.outbox(cursor.key(), cursor.value()));
      }
    }
    return rows;
  }
}
