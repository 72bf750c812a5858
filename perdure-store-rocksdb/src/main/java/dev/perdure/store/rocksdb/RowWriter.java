package dev.perdure.store.rocksdb;

import dev.perdure.store.HistoryRow;
import dev.perdure.store.InstanceKey;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.OutboxRow;
import dev.perdure.store.RowBatch;
import dev.perdure.store.TimerRow;
import dev.perdure.store.rocksdb.RowTables.Table;

/**
 * Turns rows into a batch in RocksDB's own serialized form, which goes over to native code in one
 * call instead of one for each key.
 *
 * <p>Layout: 8 bytes zero, number of entries (int, little-endian); each entry a tag, the table's
 * number (varint), then key and, for a put, value with their lengths (varints).
 */
final class RowWriter {
  private static final int COUNT_AT = 8;

  /** RocksDB's kTypeColumnFamilyDeletion. */
  private static final int DELETE = 4;

  /** RocksDB's kTypeColumnFamilyValue. */
  private static final int PUT = 5;

  private final RowTables tables;
  private final Bytes batch;
  private final Bytes key = new Bytes(128);
  private final Bytes value = new Bytes(512);
  private int entries;

  RowWriter(RowTables tables, long expectedBytes) {
    this.batch = new Bytes((int) Math.min(expectedBytes + 1024, 64 << 20));
    this.tables = tables;
    batch.i8(0).i4(0);
  }

  /** Adds rows of a partition: first what is deleted, then what is put. */
  RowWriter add(int partition, RowBatch rows) {
    for (RowBatch.DeleteInstance delete : rows.deletedInstances()) {
      delete(Table.INSTANCES, Keys.instance(key, partition, delete.instanceId()));
      deleteIndexes(partition, delete.instanceId(), delete.key());
    }
    for (RowBatch.DeleteHistory delete : rows.deletedHistory()) {
      for (int chunk = 0; chunk < delete.chunks(); chunk++) {
        delete(
            Table.HISTORY,
            Keys.history(key, partition, delete.instanceId(), delete.execution(), chunk));
      }
    }
    for (TimerRow timer : rows.deletedTimers()) {
      delete(Table.QUEUES, Keys.timer(key, partition, timer));
    }
    for (RowBatch.DeleteOutbox delete : rows.deletedOutbox()) {
      for (long number = delete.firstNumber(); number <= delete.lastNumber(); number++) {
        delete(Table.QUEUES, Keys.outbox(key, partition, delete.receiver(), number));
      }
    }
    for (RowBatch.PutInstance put : rows.instances()) {
      putInstance(partition, put);
    }
    for (HistoryRow row : rows.history()) {
      Keys.history(key, partition, row.instanceId(), row.execution(), row.chunk());
      put(Table.HISTORY, key, row.events(), row.events().length);
    }
    for (TimerRow timer : rows.timers()) {
      put(Table.QUEUES, Keys.timer(key, partition, timer), new byte[0], 0);
    }
    for (OutboxRow row : rows.outbox()) {
      Keys.outbox(key, partition, row.receiver(), row.number());
      put(Table.QUEUES, key, row.message(), row.message().length);
    }
    byte[] own = rows.partition();
    if (own != null) {
      put(Table.QUEUES, Keys.partition(key, partition), own, own.length);
    }
    return this;
  }

  private void putInstance(int partition, RowBatch.PutInstance put) {
    InstanceRow row = put.row();
    InstanceKey now = InstanceKey.of(row);
    InstanceKey before = put.replaces();
    if (before != null && !before.equals(now)) {
      deleteIndexes(partition, row.id(), before);
    }
    RowCodec.listing(value, row);
    put(Table.INDEX, Keys.index(key, partition, row.id(), now), value.array(), value.length());
    if (row.active()) {
      put(Table.QUEUES, Keys.active(key, partition, row.id()), new byte[0], 0);
    }
    RowCodec.withState(value, row);
    put(Table.INSTANCES, Keys.instance(key, partition, row.id()), value.array(), value.length());
  }

  private void deleteIndexes(int partition, String id, InstanceKey at) {
    delete(Table.INDEX, Keys.index(key, partition, id, at));
    if (at.active()) {
      delete(Table.QUEUES, Keys.active(key, partition, id));
    }
  }

  /** Adds where a partition's log starts. */
  RowWriter logStart(int partition, long position) {
    value.clear().i8(position);
    put(Table.QUEUES, Keys.logStart(key, partition), value.array(), value.length());
    return this;
  }

  private void put(Table table, Bytes putKey, byte[] bytes, int length) {
    entry(PUT, table, putKey);
    batch.varint(length).raw(bytes, 0, length);
  }

  private void delete(Table table, Bytes deletedKey) {
    entry(DELETE, table, deletedKey);
  }

  private void entry(int tag, Table table, Bytes entryKey) {
    entries++;
    batch
        .u1(tag)
        .varint(tables.id(table))
        .varint(entryKey.length())
        .raw(entryKey.array(), 0, entryKey.length());
  }

  byte[] serialized() {
    byte[] bytes = batch.toArray();
    for (int i = 0; i < Integer.BYTES; i++) {
      bytes[COUNT_AT + i] = (byte) (entries >>> (i * Byte.SIZE));
    }
    return bytes;
  }
}
