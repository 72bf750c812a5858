package dev.perdure.engine.partition;

import dev.perdure.engine.codec.Encoder;
import dev.perdure.store.LogRecord;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The writing end of a partition's log: the open batch, the effects that wait for it, and how far
 * the partition has come, in memory and on disk. Positions count from 0.
 */
final class PartitionLog {
  private static final System.Logger LOG = System.getLogger("dev.perdure.partition");

  private final int partition;
  private final LongSupplier nanoTime;
  private OpenBatch open = new OpenBatch();
  private OpenBatch spare = new OpenBatch();
  private long epoch;
  private long position = -1;
  private long durable = -1;

  PartitionLog(int partition, LongSupplier nanoTime) {
    this.partition = partition;
    this.nanoTime = nanoTime;
  }

  /** Begins anew after recovery. */
  void reset(long newEpoch, long lastPosition) {
    epoch = newEpoch;
    position = lastPosition;
    durable = lastPosition;
  }

  long epoch() {
    return epoch;
  }

  /** The position of the last entry, durable or not. */
  long position() {
    return position;
  }

  /** The position up to which entries are durable. */
  long durable() {
    return durable;
  }

  /** Begins an entry, which the caller completes. */
  Encoder entry(int kind) {
    opened();
    position++;
    if (open.log.size() == 0) {
      open.firstPosition = position;
    }
    open.lastPosition = position;
    open.log.tag(kind);
    return open.log;
  }

  /** Lets the world notice something once everything so far is durable. */
  void whenDurable(Effect effect) {
    opened();
    open.effects.add(effect);
    open.urgent = true;
  }

  /** Answers once everything so far is durable; at once if it is. */
  <T extends @Nullable Object> void reply(CompletableFuture<T> future, T value) {
    if (durable == position && open.effects.isEmpty()) {
      future.complete(value);
    } else {
      whenDurable(new Effect.Reply<>(future, value));
    }
  }

  /** Refuses once everything so far is durable, for that is what the refusal goes by. */
  void refuse(CompletableFuture<?> future, Throwable reason) {
    if (durable == position && open.effects.isEmpty()) {
      future.completeExceptionally(reason);
    } else {
      whenDurable(new Effect.Refusal(future, reason));
    }
  }

  /** Tells another partition, once everything so far is durable, that its messages are here. */
  void acknowledge(int sender, long number) {
    opened();
    open.acknowledgements.put(sender, number);
  }

  private void opened() {
    if (open.isEmpty()) {
      open.openedNanos = nanoTime.getAsLong();
    }
  }

  // ---- for the loop -------------------------------------------------------------------------

  boolean hasOpenBatch() {
    return !open.isEmpty();
  }

  /** How many bytes wait to be committed. */
  int openBytes() {
    return open.log.size();
  }

  OpenBatch openBatch() {
    return open;
  }

  /** Closes the open batch, which is about to be committed. One at a time. */
  OpenBatch close() {
    OpenBatch closed = open;
    open = spare;
    spare = closed; // comes back empty when its commit has ended
    return closed;
  }

  /** The record of a closed batch; null if it holds effects only. */
  @Nullable LogRecord record(OpenBatch batch) {
    return batch.log.size() == 0
        ? null
        : new LogRecord(
            partition,
            epoch,
            batch.firstPosition,
            batch.lastPosition,
            ByteBuffer.wrap(batch.log.array(), 0, batch.log.size()));
  }

  /** A batch is durable. Returns what the first effect threw that failed; null if none did. */
  @Nullable Throwable committed(OpenBatch batch, PartitionHost host) {
    if (batch.log.size() > 0) {
      durable = Math.max(durable, batch.lastPosition);
    }
    Throwable failure = null;
    List<Effect> effects = batch.effects;
    for (int i = 0; i < effects.size(); i++) {
      try {
        effects.get(i).perform();
      } catch (RuntimeException | Error e) { // it must not keep the others from happening
        failure = failure == null ? e : failure;
      }
    }
    batch.acknowledgements.forEach(
        (sender, number) -> host.post(sender, new Command.Acknowledge(partition, number)));
    batch.clear();
    if (failure != null) {
      LOG.log(
          System.Logger.Level.ERROR, "An effect of partition " + partition + " failed", failure);
    }
    return failure;
  }

  /** Gives up a closed batch. */
  void abandon(OpenBatch batch, Throwable reason) {
    batch.effects.forEach(effect -> effect.abandon(reason));
    batch.clear();
  }

  /** Gives up what has been decided since. */
  void abandonOpen(Throwable reason) {
    abandon(open, reason);
  }
}
