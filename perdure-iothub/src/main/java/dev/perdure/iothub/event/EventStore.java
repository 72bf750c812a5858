package dev.perdure.iothub.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * The event hubs of a directory, which no two processes can have open. Thread-safe.
 *
 * <p>What was appended and reported as such survives the end of the process and of the machine.
 */
public final class EventStore implements AutoCloseable {
  /** What the newest events may take in memory, all partitions together. */
  private static final int TAILS_BYTES_MAX = 64 << 20;

  private static final int TAIL_BYTES_MAX = 8 << 20;

  private final DirectoryLock lock;
  private final Database database;
  private final InstantSource clock;
  private final Committer committer;
  private final DeviceMessages deviceMessages;
  private final Map<String, EventHub> hubs = new LinkedHashMap<>();

  private EventStore(DirectoryLock lock, Database database, InstantSource clock)
      throws RocksDBException {
    this.lock = lock;
    this.database = database;
    this.clock = clock;
    this.committer = new Committer(database.db(), clock);
    this.deviceMessages =
        new DeviceMessages(
            database.db(),
            database.family("devicebound"),
            database.family("devicebound-deliveries"),
            committer,
            clock);
  }

  /**
   * Opens a directory and makes what hubs are missing. Hubs that it has besides are left alone.
   *
   * @param directory made if need be
   * @param clock tells when events are enqueued
   * @throws EventStoreException if the directory is in use or damaged, or a hub is to have another
   *     number of partitions than it has
   */
  public static EventStore open(Path directory, Collection<HubSettings> hubs, InstantSource clock) {
    DirectoryLock lock = DirectoryLock.take(directory);
    EventStore store = null;
    boolean isOpen = false;
    try {
      store = new EventStore(lock, Database.open(directory.resolve("events")), clock);
      store.addHubs(hubs);
      store.committer.start();
      isOpen = true;
      return store;
    } catch (RocksDBException e) {
      throw new EventStoreException(
          "The events in %s cannot be opened: %s. If they are not needed, remove the directory."
              .formatted(directory, e.getMessage()),
          e);
    } finally {
      if (!isOpen) {
        if (store != null) {
          store.database.close();
        }
        lock.close();
      }
    }
  }

  private void addHubs(Collection<HubSettings> wanted) throws RocksDBException {
    Map<String, HubRow> rows = new LinkedHashMap<>();
    int partitions = 0;
    for (HubSettings settings : wanted) {
      HubRow row = row(settings);
      if (rows.put(key(settings.name()), row) != null) {
        throw new EventStoreException(
            "There are two event hubs '%s'. Give each a name of its own."
                .formatted(settings.name()));
      }
      partitions += row.partitions();
    }
    int tailBytes = Math.min(TAIL_BYTES_MAX, TAILS_BYTES_MAX / Math.max(partitions, 1));
    for (HubSettings settings : wanted) {
      HubRow row = rows.get(key(settings.name()));
      if (row != null) {
        hubs.put(key(settings.name()), hub(settings, row, tailBytes));
      }
    }
  }

  /**
   * What is kept of a hub.
   *
   * @param createdMillis when it was made, in milliseconds since 1970
   */
  private record HubRow(int partitions, long createdMillis) {}

  private HubRow row(HubSettings settings) throws RocksDBException {
    byte[] rowKey = ("hub/" + key(settings.name())).getBytes(UTF_8);
    byte[] known = database.db().get(database.rows(), rowKey);
    if (known == null) {
      int partitions =
          settings.partitions() == 0 ? HubSettings.PARTITIONS_DEFAULT : settings.partitions();
      HubRow row = new HubRow(partitions, clock.millis());
      byte[] bytes =
          ByteBuffer.allocate(12).putInt(partitions).putLong(row.createdMillis()).array();
      try (WriteBatch batch = new WriteBatch()) {
        batch.put(database.rows(), rowKey, bytes);
        committer.write(batch);
      }
      return row;
    }
    ByteBuffer in = ByteBuffer.wrap(known);
    HubRow row = new HubRow(in.getInt(), in.getLong());
    if (settings.partitions() != 0 && settings.partitions() != row.partitions()) {
      throw new EventStoreException(
          "Event hub '%s' has %d partitions and cannot have %d: the number is fixed when a hub is made. Leave it out, or use another directory."
              .formatted(settings.name(), row.partitions(), settings.partitions()));
    }
    return row;
  }

  private EventHub hub(HubSettings settings, HubRow row, int tailBytes) throws RocksDBException {
    List<Partition> partitions = new ArrayList<>();
    for (int i = 0; i < row.partitions(); i++) {
      String place = key(settings.name()) + "/" + i;
      EventTable table =
          new EventTable(
              database.db(),
              database.family("events/" + place),
              database.rows(),
              ("bounds/" + place).getBytes(UTF_8));
      partitions.add(new Partition(i, committer, table, tailBytes));
    }
    return new EventHub(
        settings.name(),
        Instant.ofEpochMilli(row.createdMillis()),
        partitions,
        settings.consumerGroups());
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /** The hub with a name, upper and lower case being the same; null if there is none. */
  public @Nullable EventHub hub(String name) {
    return hubs.get(key(name));
  }

  /** Messages from programs to devices. */
  public DeviceMessages deviceMessages() {
    return deviceMessages;
  }

  /** All hubs that are open. */
  public Collection<EventHub> hubs() {
    return hubs.values();
  }

  /**
   * Has somebody told whenever there is something new to read. It is called on the thread that
   * writes and must return at once.
   */
  public void onCommitted(Runnable listener) {
    committer.onCommitted(listener);
  }

  /**
   * Deletes what is older, or more, than retention allows, and messages to devices that have
   * expired.
   *
   * @return completed when that is done; exceptionally with an {@link EventStoreException} if it
   *     failed
   */
  public CompletableFuture<Void> enforce(Retention retention) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    committer.execute(
        () -> {
          try {
            for (EventHub hub : hubs.values()) {
              for (Partition partition : hub.partitions()) {
                enforce(retention, partition);
              }
            }
            deviceMessages.dropExpired();
            done.complete(null);
          } catch (RocksDBException e) {
            done.completeExceptionally(
                new EventStoreException(
                    "Old events cannot be deleted: %s. Look at the disk.".formatted(e.getMessage()),
                    e));
          } catch (RuntimeException e) {
            done.completeExceptionally(e);
          }
        });
    return done;
  }

  private void enforce(Retention retention, Partition partition) throws RocksDBException {
    Bounds kept = partition.kept(retention, clock.millis());
    if (partition.table().isDeletedBefore(kept.first())) {
      return;
    }
    partition.startAt(kept);
    try (WriteBatch batch = new WriteBatch()) {
      partition.table().deleteBefore(batch, kept);
      committer.write(batch);
    }
    partition.table().deleted(kept);
    partition.table().dropFilesBefore(kept.first());
  }

  /** Stores what was appended, tells so, and gives the directory back. */
  @Override
  public void close() {
    committer.close();
    database.close();
    lock.close();
  }
}
