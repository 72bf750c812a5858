package dev.perdure.engine.entity;

import dev.perdure.api.Payload;
import dev.perdure.engine.codec.Decoder;
import dev.perdure.engine.codec.Encoder;
import dev.perdure.store.HistoryRow;
import dev.perdure.store.RowBatch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What waits at an entity, first come first served, as encoded bytes in chunks. A chunk that a
 * checkpoint finds becomes a row of its own, written once; from then on only the head of the queue
 * needs memory. So a queue of any length costs disk and little heap, and a queue that is worked off
 * between two checkpoints costs no row at all.
 *
 * <p>Used by the thread of its partition only.
 */
public final class OperationQueue {
  /** A chunk that has so many bytes takes no more; reading one takes some 50 microseconds. */
  private static final int CHUNK_BYTES = 32 << 10;

  /** Requests that are kept decoded while they wait; more wait as bytes. */
  private static final int DECODED_MAX = 512;

  /** Bytes of inputs that are kept decoded; a single larger one is no obstacle. */
  private static final int DECODED_BYTES_MAX = 1 << 20;

  private static final byte[] NOTHING = new byte[0];

  private static final class Chunk {
    private final long number;
    private int count;
    private byte @Nullable [] bytes;
    private int size;

    /** How many requests have been decoded, and where the next one begins. */
    private int decoded;

    private int offset;

    /** Whether it takes no more, since it is or was being written. */
    private boolean sealed;

    private boolean stored;

    private Chunk(long number, byte @Nullable [] bytes) {
      this.number = number;
      this.bytes = bytes;
    }
  }

  private final Deque<Chunk> chunks = new ArrayDeque<>(1);
  private final Deque<EntityRequest> decoded = new ArrayDeque<>(2);
  private long decodedBytes;
  private final List<Long> stale = new ArrayList<>(0);

  /** Requests of the first chunk that were taken. */
  private int taken;

  private long size;
  private long nextNumber;

  /** How many requests wait. */
  public long size() {
    return size;
  }

  /** Whether nothing waits. */
  public boolean isEmpty() {
    return size == 0;
  }

  /** Adds a request at the end. */
  void add(EntityRequest request) {
    Encoder encoded = new Encoder(64); // not kept: an entity would hold on to the largest for ever
    EntityCodec.write(encoded, request);
    Chunk last = chunks.peekLast();
    if (last == null || last.sealed || last.size >= CHUNK_BYTES) {
      last = new Chunk(nextNumber++, NOTHING);
      chunks.add(last);
    }
    byte[] bytes = last.bytes;
    if (bytes == null || bytes.length - last.size < encoded.size()) {
      bytes =
          Arrays.copyOf(
              bytes == null ? NOTHING : bytes,
              Math.max(last.size + encoded.size(), Math.min(2 * last.size, CHUNK_BYTES)));
      last.bytes = bytes;
    }
    System.arraycopy(encoded.array(), 0, bytes, last.size, encoded.size());
    last.size += encoded.size();
    last.count++;
    if (decoded.size() == size && hasRoom(DECODED_MAX)) { // all before it are there: so is this one
      addDecoded(request);
      last.decoded = last.count;
      last.offset = last.size;
    }
    size++;
  }

  private boolean hasRoom(int most) {
    return decoded.isEmpty() || (decoded.size() < most && decodedBytes < DECODED_BYTES_MAX);
  }

  private void addDecoded(EntityRequest request) {
    decoded.add(request);
    decodedBytes += bytesOf(request);
  }

  private static long bytesOf(EntityRequest request) {
    return request
                instanceof
                EntityRequest.Operation(long since, String name, Payload input, TaskAddress caller)
            && input != null
        ? input.size()
        : 0;
  }

  /**
   * Looks at the first requests: at least one, unless the queue is empty, and then as many as fit
   * into memory comfortably.
   *
   * @param most at most so many
   * @param rows reads a chunk that is not in memory
   */
  public List<EntityRequest> first(int most, LongFunction<byte[]> rows) {
    for (Chunk chunk : chunks) {
      if (!hasRoom(most)) {
        break;
      }
      decode(chunk, most, rows);
    }
    List<EntityRequest> first = new ArrayList<>(Math.min(most, decoded.size()));
    for (EntityRequest request : decoded) {
      if (first.size() == most) {
        break;
      }
      first.add(request);
    }
    return first;
  }

  /** Calls back for every request, without keeping them in memory. */
  public void forEach(LongFunction<byte[]> rows, Consumer<EntityRequest> action) {
    int skip = taken;
    for (Chunk chunk : chunks) {
      Decoder in = new Decoder(chunk.bytes == null ? row(chunk, rows) : chunk.bytes);
      for (int i = 0; i < chunk.count; i++) {
        EntityRequest request = EntityCodec.readRequest(in);
        if (i >= skip) {
          action.accept(request);
        }
      }
      skip = 0;
    }
  }

  /**
   * Whether one of the first requests is of some kind. Reads what is not in memory, and keeps none
   * of it.
   *
   * @param most how many are looked at, in whole chunks
   * @param otherwise what is returned if there are more, and none of the first is
   */
  boolean anyMatch(
      int most, LongFunction<byte[]> rows, Predicate<EntityRequest> wanted, boolean otherwise) {
    int skip = taken;
    int seen = 0;
    for (Chunk chunk : chunks) {
      if (seen >= most) {
        return otherwise;
      }
      Decoder in = new Decoder(chunk.bytes == null ? row(chunk, rows) : chunk.bytes);
      for (int i = 0; i < chunk.count; i++) {
        EntityRequest request = EntityCodec.readRequest(in);
        if (i >= skip && wanted.test(request)) {
          return true;
        }
      }
      seen += chunk.count;
      skip = 0;
    }
    return false;
  }

  private void decode(Chunk chunk, int most, LongFunction<byte[]> rows) {
    int from = chunk == chunks.peekFirst() ? taken : 0;
    if (chunk.decoded == chunk.count) {
      return;
    }
    byte[] bytes = chunk.bytes;
    if (bytes == null) {
      bytes = row(chunk, rows);
      chunk.bytes = bytes;
      chunk.size = bytes.length;
    }
    Decoder in = new Decoder(bytes, chunk.offset, chunk.size - chunk.offset);
    while (chunk.decoded < chunk.count && hasRoom(most)) {
      EntityRequest request = EntityCodec.readRequest(in);
      if (chunk.decoded >= from) {
        addDecoded(request);
      }
      chunk.decoded++;
      chunk.offset = in.offset();
    }
    giveUpIfDecoded(chunk);
  }

  private static byte[] row(Chunk chunk, LongFunction<byte[]> rows) {
    byte @Nullable [] bytes = rows.apply(chunk.number);
    if (bytes == null) {
      throw new IllegalStateException(
          "Damaged content: the row of chunk %d is missing".formatted(chunk.number));
    }
    return bytes;
  }

  /** What is decoded is not needed in bytes as well; its row has them. */
  private static void giveUpIfDecoded(Chunk chunk) {
    if (chunk.stored && chunk.decoded == chunk.count) {
      chunk.bytes = null;
    }
  }

  /** Bytes in memory of what is decoded, and of chunks that have rows. */
  long headBytes() {
    long bytes = decodedBytes;
    for (Chunk chunk : chunks) {
      if (chunk.stored && chunk.bytes != null) {
        bytes += chunk.bytes.length;
      }
    }
    return bytes;
  }

  /**
   * Removes the first requests. More than there are is no error: recovery may begin in the middle
   * of the life of an entity that is gone by the end of the log.
   */
  void remove(int count) {
    for (int left = (int) Math.min(count, size); left > 0; left--) {
      EntityRequest removed = decoded.poll();
      if (removed != null) {
        decodedBytes -= bytesOf(removed);
      }
      size--;
      taken++;
      Chunk first = chunks.getFirst();
      if (taken == first.count) {
        chunks.removeFirst();
        taken = 0;
        if (first.sealed) {
          stale.add(first.number);
        }
      }
    }
  }

  void clear() {
    for (Chunk chunk : chunks) {
      if (chunk.sealed) {
        stale.add(chunk.number);
      }
    }
    chunks.clear();
    decoded.clear();
    decodedBytes = 0;
    taken = 0;
    size = 0;
  }

  // ---- rows ---------------------------------------------------------------------------------

  /** Adds rows for chunks that have none yet, and deletes those of chunks that are gone. */
  void checkpoint(RowBatch rows, String entityId) {
    for (long number : stale) {
      rows.deleteHistory(entityId, number, 1);
    }
    stale.clear();
    for (Chunk chunk : chunks) {
      if (!chunk.sealed) {
        rows.put(new HistoryRow(entityId, chunk.number, 0, sealed(chunk)));
      }
    }
  }

  /** Says that a chunk takes no more; its row shares its bytes, which change no more either. */
  private static byte[] sealed(Chunk chunk) {
    chunk.sealed = true;
    byte[] bytes = chunk.bytes == null ? NOTHING : chunk.bytes;
    byte[] fitting = bytes.length == chunk.size ? bytes : Arrays.copyOf(bytes, chunk.size);
    chunk.bytes = fitting;
    return fitting;
  }

  /** Rows of all chunks that were sealed have been written: only the first one needs memory. */
  void written() {
    Chunk first = chunks.peekFirst();
    for (Chunk chunk : chunks) {
      if (chunk.sealed && !chunk.stored) {
        chunk.stored = true;
      }
      if (chunk.stored && chunk != first && chunk.decoded == 0) {
        chunk.bytes = null;
      }
      giveUpIfDecoded(chunk);
    }
  }

  void write(Encoder out) {
    out.number(nextNumber);
    out.number(taken);
    out.number(chunks.size());
    for (Chunk chunk : chunks) {
      out.number(chunk.number);
      out.number(chunk.count);
    }
  }

  void read(Decoder in) {
    nextNumber = in.number();
    taken = in.integer();
    int count = in.integer();
    for (int i = 0; i < count; i++) {
      Chunk chunk = new Chunk(in.number(), null);
      chunk.count = in.integer();
      chunk.sealed = true;
      chunk.stored = true;
      chunks.add(chunk);
      size += chunk.count;
    }
    size -= taken;
  }
}
