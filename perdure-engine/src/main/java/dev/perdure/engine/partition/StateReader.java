package dev.perdure.engine.partition;

import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.engine.codec.Decoder;
import dev.perdure.engine.codec.HistoryCodec;
import dev.perdure.engine.entity.EntityCodec;
import dev.perdure.engine.entity.EntityState;
import dev.perdure.engine.instance.Instance;
import dev.perdure.store.CorruptStoreException;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.LogRecord;
import dev.perdure.store.OutboxRow;
import dev.perdure.store.Store;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Builds a partition's state from its rows and the tail of its log. Rows say up to which position
 * they are true, so that each event is applied to each of them at most once.
 */
final class StateReader {
  private static final int OUTBOX_PAGE = 1_000;

  private final int partition;
  private final Store store;
  private final Residents residents;
  private final EntityResidents entities;
  private final Outbox outbox;
  private final Checkpoint checkpoint;

  /** Those whose rows cannot be read: what the log says of them has nothing to go on from. */
  private final Set<String> unreadable = new HashSet<>();

  /** The position up to which the partition's own row is true. */
  private long rowPosition = -1;

  private long lastPosition = -1;

  /** Whether something of the record at hand is in no row yet. */
  private boolean news;

  private long logBytes;
  private boolean clean;

  /** Whether a host has taken the partition up since its row was written. */
  private boolean opened;

  /**
   * What was found.
   *
   * @param lastPosition the position of the last entry
   * @param crashed whether the partition was not shut down in order since a host last took it up
   * @param logBytes how much of the log is in no row yet, in bytes, by whole records
   */
  record Found(long lastPosition, boolean crashed, long logBytes) {}

  StateReader(
      int partition,
      Store store,
      Residents residents,
      EntityResidents entities,
      Outbox outbox,
      Checkpoint checkpoint) {
    this.partition = partition;
    this.store = store;
    this.residents = residents;
    this.entities = entities;
    this.outbox = outbox;
    this.checkpoint = checkpoint;
  }

  /** Reads the rows into the state, which is empty. The partition's records come after that. */
  void readRows() {
    clean = readRow();
    lastPosition = rowPosition;
  }

  /** The next record of the partition's log. */
  void record(LogRecord record) {
    int bytes = record.data().remaining();
    news = false;
    Decoder in = Decoder.of(record.data());
    long at = record.firstPosition();
    while (in.hasMore()) {
      readEntry(in, at);
      at++;
    }
    if (news) {
      logBytes += bytes;
    }
    lastPosition = Math.max(lastPosition, record.lastPosition());
  }

  /** What was found, when all records have come. */
  Found found() {
    return new Found(lastPosition, !clean || opened, logBytes);
  }

  private boolean readRow() {
    byte[] row = store.loadPartition(partition);
    if (row == null) {
      return true;
    }
    Decoder in = new Decoder(row);
    int format = in.tag();
    if (format != PartitionRow.FORMAT) {
      throw new IllegalStateException(
          "Partition %d is stored in format %d, which this version of Perdure does not know."
              .formatted(partition, format));
    }
    rowPosition = in.number();
    boolean clean = in.bool();
    outbox.read(in);
    List<OutboxRow> page = store.scanOutbox(partition, null, OUTBOX_PAGE);
    while (!page.isEmpty()) {
      page.forEach(outbox::addStored);
      page = store.scanOutbox(partition, page.getLast(), OUTBOX_PAGE);
    }
    return clean;
  }

  private void readEntry(Decoder in, long at) {
    int kind = in.tag();
    switch (kind) {
      case LogEntry.INSTANCE -> {
        ResidentOrchestration r = resident(in.text());
        byte[] bytes = in.bytes();
        if (r != null && at > r.state.position()) {
          apply(r, bytes, at);
        }
      }
      case LogEntry.ENTITY -> {
        ResidentEntity entity = entity(in.text());
        Decoder events = in.slice(in.integer());
        if (entity != null && at > entity.state.position()) {
          while (events.hasMore()) {
            entity.state.apply(EntityCodec.readEvent(events), at);
          }
          changed(entity);
        }
      }
      case LogEntry.SENT -> {
        int receiver = in.integer();
        long number = in.number();
        byte[] bytes = in.bytes();
        if (isNews(at)) {
          Message message = Message.read(new Decoder(bytes));
          outbox.sent(receiver, new Outbox.Sent(number, message, bytes));
        }
      }
      case LogEntry.RECEIVED -> {
        int sender = in.integer();
        long number = in.number();
        if (isNews(at)) {
          outbox.received(sender, number);
        }
      }
      case LogEntry.ACKNOWLEDGED -> {
        int receiver = in.integer();
        long upTo = in.number();
        if (isNews(at)) {
          outbox.acknowledged(receiver, upTo);
        }
      }
      case LogEntry.PURGED -> {
        for (String id : in.texts()) {
          ResidentOrchestration r = resident(id);
          if (r != null && at > r.state.position()) {
            r.purge(at);
            changed(r);
          }
        }
      }
      case LogEntry.OPENED -> opened |= isNews(at);
      default ->
          throw new IllegalStateException("Damaged content: no log entry is of kind " + kind);
    }
  }

  private void changed(Resident r) {
    news = true;
    checkpoint.changed(r);
  }

  /** Whether an entry about the partition itself is not in its row yet. */
  private boolean isNews(long at) {
    if (at > rowPosition) {
      news = true;
      checkpoint.partitionChanged();
      return true;
    }
    return false;
  }

  /** An orchestration as it is by now; null for one whose row cannot be read. */
  private @Nullable ResidentOrchestration resident(String id) {
    ResidentOrchestration r = residents.get(id);
    if (r == null) {
      r =
          load(
              id,
              row -> ResidentOrchestration.of(row, partition, store),
              () -> new ResidentOrchestration(new Instance(id)));
      if (r != null) {
        residents.add(r);
      }
    }
    return r;
  }

  /** An entity as it is by now; null for one whose row cannot be read. */
  private @Nullable ResidentEntity entity(String id) {
    ResidentEntity entity = entities.get(id);
    if (entity == null) {
      entity = load(id, ResidentEntity::of, () -> new ResidentEntity(new EntityState(id)));
      if (entity != null) {
        entities.add(entity);
      }
    }
    return entity;
  }

  private <R> @Nullable R load(String id, Function<InstanceRow, R> known, Supplier<R> unknown) {
    if (unreadable.contains(id)) {
      return null;
    }
    try {
      InstanceRow row = store.loadInstance(partition, id);
      return row == null ? unknown.get() : known.apply(row);
    } catch (CorruptStoreException | IllegalStateException e) {
      unreadable.add(id);
      UnreadableRows.report(id, e);
      return null;
    }
  }

  private void apply(ResidentOrchestration r, byte[] bytes, long at) {
    Decoder in = new Decoder(bytes);
    List<HistoryEvent> events = new ArrayList<>(4);
    int historyFrom = 0;
    while (in.hasMore()) {
      int offset = in.offset();
      HistoryEvent event = HistoryCodec.read(in);
      if (event instanceof ExecutionStarted) {
        historyFrom = offset;
      }
      events.add(event);
    }
    r.apply(events, at, bytes, historyFrom, bytes.length);
    changed(r);
  }
}
