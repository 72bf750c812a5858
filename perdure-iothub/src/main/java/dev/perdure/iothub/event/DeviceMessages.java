package dev.perdure.iothub.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * Messages from programs to devices that wait until the device has taken them, have expired or were
 * delivered too often. They are durable and also in memory: there are few. Thread-safe.
 */
public final class DeviceMessages {
  /** As in IoT Hub. */
  public static final int WAITING_MAX = 50;

  /** How often a message is given to its device at most; what IoT Hub has unless told otherwise. */
  public static final int DELIVERIES_MAX = 10;

  private static final Logger LOG = System.getLogger(DeviceMessages.class.getName());

  /**
   * A message that waits.
   *
   * @param id grows from message to message
   * @param generation of its device: one that has the same id later does not get it. Empty for one
   *     of which that was not noted, which any gets
   * @param bag its properties as they are part of a topic
   * @param payload not copied
   * @param expiresMillis when it is dropped, in milliseconds since 1970
   * @param deliveries how often it was given to its device
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on as it is
  public record Waiting(
      long id, String generation, String bag, byte[] payload, long expiresMillis, int deliveries) {
    private boolean isOf(String other) {
      return generation.isEmpty() || generation.equals(other);
    }

    private boolean hasExpired(long now) {
      return expiresMillis <= now;
    }

    private Waiting deliveredAgain() {
      return new Waiting(id, generation, bag, payload, expiresMillis, deliveries + 1);
    }
  }

  private final RocksDB db;
  private final ColumnFamilyHandle rows;

  /** How often a message was given to its device, by the key of its row; none is 0. */
  private final ColumnFamilyHandle deliveries;

  private final Committer committer;
  private final InstantSource clock;
  private final Map<String, SequencedMap<Long, Waiting>> byDevice = new HashMap<>();
  private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
  private long nextId;

  DeviceMessages(
      RocksDB db,
      ColumnFamilyHandle rows,
      ColumnFamilyHandle deliveries,
      Committer committer,
      InstantSource clock)
      throws RocksDBException {
    this.db = db;
    this.rows = rows;
    this.deliveries = deliveries;
    this.committer = committer;
    this.clock = clock;
    try (RocksIterator iterator = db.newIterator(rows)) {
      for (iterator.seekToFirst(); iterator.isValid(); iterator.next()) {
        read(iterator.key(), iterator.value());
      }
      iterator.status();
    }
    dropExpired();
  }

  private synchronized void read(byte[] key, byte[] value) throws RocksDBException {
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
    byte[] count = db.get(deliveries, key);
    int delivered = count == null ? 0 : ByteBuffer.wrap(count).getInt();
    waiting(deviceId)
        .put(id, new Waiting(id, generation, new String(bag, UTF_8), payload, expires, delivered));
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
    List<Waiting> old =
        waiting(deviceId).values().stream().filter(message -> !message.isOf(generation)).toList();
    if (waitingFor(deviceId, generation).size() >= WAITING_MAX) {
      return new EventStoreException(
          "%d messages wait for device '%s' already. Have it connect and take them."
              .formatted(WAITING_MAX, deviceId));
    }
    Waiting added = new Waiting(nextId, generation, bag, payload, expiresMillis, 0);
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
        delete(batch, deviceId, message);
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
    long now = clock.millis();
    return waiting.values().stream()
        .filter(message -> message.isOf(generation) && !message.hasExpired(now))
        .toList();
  }

  /**
   * Counts that a message is about to be given to its device. One that was given to it {@link
   * #DELIVERIES_MAX} times is given up instead: its device never says that it has it. The count
   * survives the end of the process; that of the machine may undo the last ones.
   *
   * @return whether to give it to the device
   */
  public synchronized boolean startDelivery(String deviceId, long id) {
    SequencedMap<Long, Waiting> waiting = byDevice.get(deviceId);
    Waiting message = waiting == null ? null : waiting.get(id);
    if (waiting == null || message == null) {
      return false;
    }
    if (message.deliveries() >= DELIVERIES_MAX) {
      remove(deviceId, id);
      LOG.log(
          Level.WARNING,
          "A message to device ''{0}'' is given up and deleted: it was sent {1} times and never acknowledged (PUBACK). Have the device acknowledge what it gets.",
          deviceId,
          message.deliveries());
      return false;
    }
    Waiting counted = message.deliveredAgain();
    try {
      byte[] count = ByteBuffer.allocate(Integer.BYTES).putInt(counted.deliveries()).array();
      db.put(deliveries, key(deviceId, counted), count);
    } catch (RocksDBException e) {
      throw new EventStoreException(
          "The delivery of a message cannot be counted: %s. Look at the disk."
              .formatted(e.getMessage()),
          e);
    }
    waiting.put(id, counted);
    return true;
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
    try (WriteBatch batch = new WriteBatch();
        WriteOptions options = new WriteOptions()) {
      delete(batch, deviceId, removed);
      db.write(options, batch);
    } catch (RocksDBException e) {
      throw new EventStoreException(
          "A message cannot be removed: %s. Look at the disk.".formatted(e.getMessage()), e);
    }
  }

  /**
   * Drops what has expired, also that of devices which never come again; the committer's thread
   * only, or before it runs.
   */
  synchronized void dropExpired() throws RocksDBException {
    long now = clock.millis();
    try (WriteBatch batch = new WriteBatch()) {
      for (Map.Entry<String, SequencedMap<Long, Waiting>> device : byDevice.entrySet()) {
        for (Waiting message : device.getValue().values()) {
          if (message.hasExpired(now)) {
            delete(batch, device.getKey(), message);
          }
        }
      }
      if (batch.count() == 0) {
        return;
      }
      committer.write(batch);
    }
    byDevice.forEach(
        (deviceId, waiting) -> {
          int before = waiting.size();
          waiting.values().removeIf(message -> message.hasExpired(now));
          if (waiting.size() < before) {
            LOG.log(
                Level.WARNING,
                "Messages to device ''{0}'' that expired before it took them, and are deleted: {1}",
                deviceId,
                before - waiting.size());
          }
        });
    byDevice.values().removeIf(Map::isEmpty);
  }

  private void delete(WriteBatch batch, String deviceId, Waiting message) throws RocksDBException {
    byte[] key = key(deviceId, message);
    batch.delete(rows, key);
    batch.delete(deliveries, key);
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
