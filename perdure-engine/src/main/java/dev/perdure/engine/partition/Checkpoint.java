package dev.perdure.engine.partition;

import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.codec.Encoder;
import dev.perdure.store.RowBatch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes what changed as rows, in passes: each instance once, however many steps it took. A pass
 * encodes some instances at a time between other work, and hands rows over once the log is durable
 * up to what they show. When all of a pass is written, the log before it is no longer needed.
 */
final class Checkpoint {
  /** Instances encoded between other work; two hundred take about half a millisecond. */
  private static final int INSTANCES_AT_ONCE = 200;

  /** A batch of rows is handed over when it has so many bytes. */
  private static final long BATCH_BYTES = 1 << 20;

  /** Changed instances that make a pass due before its time; they are memory that waits. */
  private static final int CHANGED_MAX = 2_000;

  private final int partition;
  private final EngineOptions options;
  private final PartitionHost host;
  private final long logBytesMax;
  private final Encoder scratch = new Encoder(4 << 10);

  private final Deque<Resident> changed = new ArrayDeque<>();
  private boolean partitionChanged;
  private boolean hurry;

  /** Bytes logged since the pass under way began, or the last one. */
  private long logBytes;

  private long lastPassAt;
  private List<CompletableFuture<@Nullable Void>> nextReplies = new ArrayList<>();

  private final Deque<CheckpointBatch> waitingForDurable = new ArrayDeque<>();
  private @Nullable Pass pass;

  private static final class Pass {
    private final long logStart;

    /** Bytes of the log that it writes rows for. */
    private final long logBytes;

    private final List<CompletableFuture<@Nullable Void>> replies;
    private int left;
    private RowBatch rows = new RowBatch();
    private List<Resident> residents = new ArrayList<>();

    private Pass(
        long logStart, long logBytes, int left, List<CompletableFuture<@Nullable Void>> replies) {
      this.logStart = logStart;
      this.logBytes = logBytes;
      this.left = left;
      this.replies = replies;
    }
  }

  Checkpoint(int partition, int partitions, EngineOptions options, PartitionHost host) {
    this.partition = partition;
    this.options = options;
    this.host = host;
    this.logBytesMax = options.checkpointLogBytes() / partitions; // they share the bound
  }

  /** An instance changed. */
  void changed(Resident r) {
    if (!r.dirty) {
      r.dirty = true;
      changed.add(r);
    }
  }

  /** The partition's own state changed. */
  void partitionChanged() {
    partitionChanged = true;
  }

  /** The log grew. */
  void logged(long bytes) {
    logBytes += bytes;
  }

  /** A pass is wanted now. */
  void hurry() {
    hurry = true;
  }

  /**
   * How much was logged that is not in rows yet: so much memory is taken, about, by what changed.
   */
  long unwrittenBytes() {
    Pass current = pass;
    if (current != null) {
      return current.logBytes + logBytes;
    }
    return hasChanges() ? logBytes : 0;
  }

  boolean hasChanges() {
    return !changed.isEmpty() || partitionChanged;
  }

  boolean isIdle() {
    return pass == null;
  }

  /** Completes when everything decided so far is visible in the store. */
  void request(CompletableFuture<@Nullable Void> reply) {
    if (pass == null && !hasChanges()) {
      reply.complete(null);
    } else {
      nextReplies.add(reply);
    }
  }

  /** Does some of what there is to do; returns whether there is more. */
  boolean tick(long now, long position, long epoch, Supplier<byte[]> partitionRow, Outbox outbox) {
    Pass current = pass;
    if (current == null) {
      if (!isDue(now)) {
        return false;
      }
      hurry = false;
      partitionChanged = false;
      current = new Pass(position + 1, logBytes, changed.size(), nextReplies);
      logBytes = 0;
      nextReplies = new ArrayList<>();
      current.rows.putPartition(partitionRow.get());
      outbox.checkpoint(current.rows);
      pass = current;
    } else if (current.left < 0) {
      return false; // all handed over, not all written
    }
    for (int i = 0;
        i < INSTANCES_AT_ONCE && current.left > 0 && current.rows.bytes() < BATCH_BYTES;
        i++) {
      current.left--;
      encode(changed.remove(), current);
    }
    if (current.left == 0 || current.rows.bytes() >= BATCH_BYTES) {
      boolean last = current.left == 0;
      waitingForDurable.add(
          new CheckpointBatch(
              partition,
              epoch,
              current.rows,
              current.residents,
              position,
              last ? current.logStart : -1));
      current.rows = new RowBatch();
      current.residents = new ArrayList<>();
      if (last) {
        current.left = -1;
      }
    }
    return current.left > 0;
  }

  private boolean isDue(long now) {
    if (!nextReplies.isEmpty() || hurry) {
      return true;
    }
    return hasChanges()
        && (now - lastPassAt >= options.checkpointInterval().toMillis()
            || changed.size() >= CHANGED_MAX
            || logBytes >= logBytesMax);
  }

  /** When the next pass is due by time, in milliseconds since 1970. */
  long nextAt(long now) {
    if (pass != null) {
      return pass.left > 0 ? now : Long.MAX_VALUE; // the rest goes on when rows are written
    }
    if (isDue(now)) {
      return now;
    }
    return hasChanges() ? lastPassAt + options.checkpointInterval().toMillis() : Long.MAX_VALUE;
  }

  /** The time until the next pass stays what it was. */
  void clockWentBack(long millis) {
    lastPassAt -= millis;
  }

  /** The log is durable up to a position: rows that show no more may be written. */
  void durable(long position) {
    while (!waitingForDurable.isEmpty() && waitingForDurable.getFirst().position() <= position) {
      host.writeRows(waitingForDurable.removeFirst());
    }
  }

  /** Rows have been written. */
  void written(CheckpointBatch batch, long now) {
    Pass current = pass;
    if (batch.logStart() >= 0 && current != null) {
      pass = null;
      lastPassAt = now;
      current.replies.forEach(reply -> reply.complete(null));
    }
  }

  /** Forgets everything, for recovery. */
  void clear(Throwable reason) {
    changed.clear();
    partitionChanged = false;
    hurry = false;
    logBytes = 0;
    waitingForDurable.clear();
    abandon(reason);
    pass = null;
  }

  /** Nobody waits any more until anything is written. */
  void abandon(Throwable reason) {
    Pass current = pass;
    if (current != null) {
      current.replies.forEach(reply -> reply.completeExceptionally(reason));
    }
    nextReplies.forEach(reply -> reply.completeExceptionally(reason));
    nextReplies = new ArrayList<>();
  }

  private void encode(Resident r, Pass pass) {
    r.dirty = false;
    r.rowInFlight = true;
    pass.residents.add(r);
    r.encode(pass.rows, scratch);
  }
}
