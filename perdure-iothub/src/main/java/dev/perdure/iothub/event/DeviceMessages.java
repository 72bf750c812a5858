package dev.perdure.iothub.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.function.Predicate.not;

import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/**
 * Messages from programs to devices that wait until the device has taken them. They are durable and
 * also in memory: there are few. Thread-safe.
 */
public final class DeviceMessages {
  /** As in IoT Hub. */
  public static final int WAITING_MAX = 50;

  /**
   * A message that waits.
   *
   * @param id grows from message to message
   * @param generation of its device: one that has the same id later does not get it. Empty for one
   *     of which that was not noted, which any gets
   * @param bag its properties as they are part of a topic
   * @param payload not copied
   * @param expiresMillis when it is dropped, in milliseconds since 1970
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on as it is
  public record Waiting(
      long id, String generation, String bag, byte[] payload, long expiresMillis) {
    private boolean isFor(String other, long now) {
      return (generation.isEmpty() || generation.equals(other)) && !hasExpired(now);
    }

    private boolean hasExpired(long now) {
      return expiresMillis <= now;
    }
  }

  private final RocksDB db;
  private final ColumnFamilyHandle rows;
  private final Committer committer;
  private final InstantSource clock;
  private final Map<String, SequencedMap<Long, Waiting>> byDevice = new HashMap<>();
  private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
  private long nextId;

  DeviceMessages(RocksDB db, ColumnFamilyHandle rows, Committer committer, InstantSource clock)
      throws RocksDBException {
    this.db = db;
    this.rows = rows;
    this.committer = committer;
    this.clock = clock;
    long now = clock.millis();
    try (RocksIterator iterator = db.newIterator(rows);
        WriteBatch expired = new WriteBatch()) {
      for (iterator.seekToFirst(); iterator.isValid(); iterator.next()) {
        if (ByteBuffer.wrap(iterator.value()).getLong() <= now) {
          expired.delete(rows, iterator.key());
        } else {
          read(iterator.key(), iterator.value());
        }
      }
      iterator.status();
      if (expired.count() > 0) {
        committer.write(expired);
      }
    }
  }

  private synchronized void read(byte[] key, byte[] value) {
    String device = new String(key, 0, key.length - Long.BYTES - 1, UTF_8);
    int zero = device.indexOf(0);
    String deviceId = zero < 0 ? device : device.substring(0, zero);
    String generation = zero < 0 ? "" : device.substring(zero + 1);
    long id = ByteBuffer.wrap(key, key.length - Long.BYTES, Long.BYTES).getLong();
    ByteBuffer in = ByteBuffer.wrap(value);
    long expires = in.getLong();
    byte[] bag = new byte[in.getInt()];
    in.get(bag);
    byte[] payload = new byte[in.remaining()];
    in.get(payload);
    waiting(deviceId)
        .put(id, new Waiting(id, generation, new String(bag, UTF_8), payload, expires));
    nextId = Math.max(nextId, id + 1);
  }

  private SequencedMap<Long, Waiting> waiting(String deviceId) {
    return byDevice.computeIfAbsent(deviceId, key -> new TreeMap<>());
  }

  /** Has somebody told, on any thread, which device has a new message. */
  public void onAdded(Consumer<String> listener) {
    listeners.add(listener);
  }

  /**
   * Adds a message.
   *
   * @param generation of the device
   * @param outcome told when it is durable, or why it is not taken
   */
  public void add(
      String deviceId,
      String generation,
      String bag,
      byte[] payload,
      long expiresMillis,
      AppendOutcome outcome) {
    committer.execute(
        () -> {
          EventStoreException failure = addNow(deviceId, generation, bag, payload, expiresMillis);
          outcome.executor().execute(() -> outcome.onAppended(failure));
          if (failure == null) {
            listeners.forEach(listener -> listener.accept(deviceId));
          }
        });
  }

  private synchronized @Nullable EventStoreException addNow(
      String deviceId, String generation, String bag, byte[] payload, long expiresMillis) {
    List<Waiting> old = waiting(deviceId).values().stream().filter(not(isFor(generation))).toList();
    if (waiting(deviceId).size() - old.size() >= WAITING_MAX) {
      return new EventStoreException(
          "%d messages wait for device '%s' already. Have it connect and take them."
              .formatted(WAITING_MAX, deviceId));
    }
    Waiting added = new Waiting(nextId, generation, bag, payload, expiresMillis);
    byte[] encodedBag = bag.getBytes(UTF_8);
    byte[] value =
        ByteBuffer.allocate(12 + encodedBag.length + payload.length)
            .putLong(expiresMillis)
            .putInt(encodedBag.length)
            .put(encodedBag)
            .put(payload)
            .array();
    try (WriteBatch batch = new WriteBatch()) {
      for (Waiting message : old) {
        batch.delete(rows, key(deviceId, message));
      }
      batch.put(rows, key(deviceId, added), value);
      committer.write(batch);
    } catch (RocksDBException e) {
      return new EventStoreException(
          "The message cannot be stored: %s. Look at the disk.".formatted(e.getMessage()), e);
    }
    old.forEach(message -> waiting(deviceId).remove(message.id()));
    waiting(deviceId).put(added.id(), added);
    nextId++;
    return null;
  }

  private Predicate<Waiting> isFor(String generation) {
    long now = clock.millis();
    return message -> message.isFor(generation, now);
  }

  /**
   * What waits for a device, the oldest first.
   *
   * @param generation of the device
   */
  public synchronized List<Waiting> waitingFor(String deviceId, String generation) {
    SequencedMap<Long, Waiting> waiting = byDevice.get(deviceId);
    if (waiting == null) {
      return List.of();
    }
    return waiting.values().stream().filter(isFor(generation)).toList();
  }

  /**
   * Removes a message that its device has taken. Should the process end before that is durable, the
   * device gets it again.
   */
  public synchronized void remove(String deviceId, long id) {
    SequencedMap<Long, Waiting> waiting = byDevice.get(deviceId);
    Waiting removed = waiting == null ? null : waiting.remove(id);
    if (waiting == null || removed == null) {
      return;
    }
    if (waiting.isEmpty()) {
      byDevice.remove(deviceId);
    }
    try {
      db.delete(rows, key(deviceId, removed));
    } catch (RocksDBException e) {
      throw new EventStoreException(
          "A message cannot be removed: %s. Look at the disk.".formatted(e.getMessage()), e);
    }
  }

  /**
   * Drops what has expired, also that of devices which never come again; the committer's thread
   * only.
   */
  synchronized void dropExpired() throws RocksDBException {
    long now = clock.millis();
    try (WriteBatch batch = new WriteBatch()) {
      for (Map.Entry<String, SequencedMap<Long, Waiting>> device : byDevice.entrySet()) {
        for (Waiting message : device.getValue().values()) {
          if (message.hasExpired(now)) {
            batch.delete(rows, key(device.getKey(), message));
          }
        }
      }
      if (batch.count() == 0) {
        return;
      }
      committer.write(batch);
    }
    byDevice.values().forEach(waiting -> waiting.values().removeIf(each -> each.hasExpired(now)));
    byDevice.values().removeIf(Map::isEmpty);
  }

  private static byte[] key(String deviceId, Waiting message) {
    String generation = message.generation().isEmpty() ? "" : "\0" + message.generation();
    byte[] device = (deviceId + generation).getBytes(UTF_8);
    return ByteBuffer.allocate(device.length + 1 + Long.BYTES)
        .put(device)
        .put((byte) 0)
        .putLong(message.id())
        .array();
  }
}
