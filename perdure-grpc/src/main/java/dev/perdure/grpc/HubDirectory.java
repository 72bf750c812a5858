package dev.perdure.grpc;

import dev.perdure.api.HubClosedException;
import dev.perdure.engine.Engine;
import dev.perdure.store.Store;
import dev.perdure.store.StoreException;
import dev.perdure.store.rocksdb.RocksStore;
import dev.perdure.store.rocksdb.RocksStoreOptions;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Hubs in the subdirectories of a directory, each with a store of its own, made on first use and
 * open until all are closed.
 */
public final class HubDirectory implements Hubs, AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.perdure.grpc");

  /** Hubs on their way out; no hub may have such a name. */
  private static final String DELETED = ".deleted-";

  private static final int LOCKS = 64;

  private final Path base;
  private final int hubsMax;
  private final RocksStoreOptions storeOptions;
  private final EngineStarter starter;

  private final Map<String, OpenHub> open = new ConcurrentHashMap<>();

  /** Names with the same lock are opened and removed one after the other. */
  private final List<ReentrantLock> locks =
      IntStream.range(0, LOCKS).mapToObj(i -> new ReentrantLock()).toList();

  private final Set<String> beingMade = new HashSet<>(); // guarded by itself
  private volatile boolean closed;

  private record OpenHub(Hub hub, Store store) {}

  /** Starts the engine of a hub. */
  @FunctionalInterface
  public interface EngineStarter {
    /**
     * Starts an engine.
     *
     * @param hub the hub's name
     * @param store its store, which is closed after the engine
     */
    Engine start(String hub, Store store);

    /** A hub was closed, with its engine and its store. */
    default void closed(String hub) {}
  }

  /**
   * Uses a directory; makes it if it is not there.
   *
   * @param base where the hubs are
   * @param hubsMax how many there may be; past it, no more are made
   * @param storeOptions how stores are opened
   * @param starter starts their engines
   * @throws StoreException PD-2005 if the directory cannot be made or written
   */
  public HubDirectory(
      Path base, int hubsMax, RocksStoreOptions storeOptions, EngineStarter starter) {
    if (hubsMax < 1) {
      throw new IllegalArgumentException("hubsMax is %d; use 1 or more.".formatted(hubsMax));
    }
    this.base = base;
    this.hubsMax = hubsMax;
    this.storeOptions = storeOptions;
    this.starter = starter;
    try {
      Files.createDirectories(base);
      removeLeftovers();
    } catch (IOException e) {
      throw StoreException.notWritable("The directory for hubs, %s,".formatted(base), e);
    }
  }

  private void removeLeftovers() throws IOException {
    try (Stream<Path> entries = Files.list(base)) {
      for (Path entry : entries.toList()) {
        if (fileName(entry).startsWith(DELETED)) {
          remove(entry);
        }
      }
    }
  }

  @Override
  public Hub hub(String name) {
    OpenHub there = open.get(name);
    if (there != null) {
      return there.hub();
    }
    ReentrantLock lock = lock(name);
    lock.lock();
    try {
      there = open.get(name);
      if (there == null) {
        there = open(name);
        open.put(name, there);
      }
      return there.hub();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public @Nullable Hub hubAtOnce(String name) {
    OpenHub there = open.get(name);
    return there == null ? null : there.hub();
  }

  /**
   * A hub that is there already, opened if need be; none is made.
   *
   * @param name in upper or lower case
   * @throws IllegalArgumentException if no hub can have that name
   */
  public Optional<Hub> find(String name) {
    String folded = HubNames.of(name);
    Hub there = hubAtOnce(folded);
    if (there != null) {
      return Optional.of(there);
    }
    ReentrantLock lock = lock(folded);
    lock.lock(); // one that is being removed is still on the disk until that has been done
    try {
      return open.containsKey(folded) || RocksStore.isHub(base.resolve(folded))
          ? Optional.of(hub(folded))
          : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private OpenHub open(String name) {
    checkOpen();
    boolean made = reserve(name);
    try {
      Store store = RocksStore.open(directory(name), storeOptions);
      try {
        Hub hub = new Hub(name, starter.start(name, store));
        LOG.log(
            System.Logger.Level.INFO, "Task hub ''{0}'' {1}", name, made ? "was made" : "is open");
        return new OpenHub(hub, store);
      } catch (RuntimeException | Error e) {
        store.close();
        throw e;
      }
    } finally {
      synchronized (beingMade) {
        beingMade.remove(name);
      }
    }
  }

  /** Refuses to make too many. Tells whether the hub has to be made. */
  private boolean reserve(String name) {
    synchronized (beingMade) {
      if (RocksStore.isHub(directory(name))) {
        return false;
      }
      Set<String> names = new HashSet<>(beingMade);
      names.addAll(onDisk());
      if (names.size() >= hubsMax) {
        throw Status.RESOURCE_EXHAUSTED
            .withDescription(
                "Task hub '%s' was not made: this server has %d, which is as many as it may have. Use one of those, or have one deleted."
                    .formatted(name, names.size()))
            .asRuntimeException();
      }
      beingMade.add(name);
      return true;
    }
  }

  private List<String> onDisk() {
    try (Stream<Path> entries = Files.list(base)) {
      return entries
          .filter(entry -> HubNames.isName(fileName(entry)) && RocksStore.isHub(entry))
          .map(HubDirectory::fileName)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path directory(String name) {
    if (!HubNames.isName(name)) {
      throw new IllegalArgumentException("'%s' is not the name of a hub.".formatted(name));
    }
    return base.resolve(name);
  }

  private static String fileName(Path path) {
    return Objects.requireNonNull(path.getFileName()).toString();
  }

  @Override
  public void create(String name, boolean recreate) {
    if (recreate) {
      delete(name);
    }
    hub(name);
  }

  @Override
  public void delete(String name) {
    ReentrantLock lock = lock(name);
    lock.lock();
    try {
      checkOpen();
      close(open.remove(name));
      Path directory = directory(name);
      if (Files.exists(directory)) {
        // A hub that is half removed must not look like one that is damaged.
        Path gone = Files.createTempDirectory(base, DELETED).resolve(name);
        Files.move(directory, gone);
        remove(Objects.requireNonNull(gone.getParent()));
        LOG.log(System.Logger.Level.INFO, "Task hub ''{0}'' was removed", name);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Hub " + name + " was closed, but not removed", e);
    } finally {
      lock.unlock();
    }
  }

  private static void remove(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private ReentrantLock lock(String name) {
    return locks.get(Math.floorMod(name.hashCode(), LOCKS));
  }

  private void checkOpen() {
    if (closed) {
      throw new HubClosedException("The server is being closed. Nothing was done.");
    }
  }

  private void close(@Nullable OpenHub hub) {
    if (hub != null) {
      try {
        hub.hub().close();
      } finally {
        hub.store().close();
        starter.closed(hub.hub().name());
      }
    }
  }

  /** Closes all hubs. Their work goes on when they are opened again. */
  @Override
  public void close() {
    closed = true;
    for (ReentrantLock lock : locks) {
      lock.lock();
      try {
        open.keySet().stream()
            .filter(name -> lock(name).equals(lock))
            .toList()
            .forEach(this::closeHub);
      } finally {
        lock.unlock();
      }
    }
  }

  private void closeHub(String name) {
    try {
      close(open.remove(name));
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "Task hub " + name + " was not closed properly", e);
    }
  }
}
