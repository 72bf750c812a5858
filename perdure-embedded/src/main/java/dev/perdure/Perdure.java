package dev.perdure;

import dev.perdure.api.DataConverter;
import dev.perdure.api.PerdureClient;
import dev.perdure.engine.Engine;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.engine.functions.Registrations;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.Store;
import dev.perdure.store.memory.MemoryStore;
import dev.perdure.store.rocksdb.RocksStore;
import dev.perdure.store.rocksdb.RocksStoreOptions;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A hub of durable functions in this process.
 *
 * <pre>{@code
 * try (Perdure perdure = Perdure.embedded(Path.of("hub")).register(new Cities()).start()) {
 *   String id = perdure.client().startNew("helloCities");
 *   perdure.client().waitForCompletion(id, Duration.ofSeconds(30));
 * }
 * }</pre>
 *
 * <p>Safe from any thread.
 */
public final class Perdure implements AutoCloseable {
  private final Engine engine;
  private final Store store;

  private Perdure(Engine engine, Store store) {
    this.engine = engine;
    this.store = store;
  }

  /**
   * A hub in a directory, which is made if it does not exist. One process at a time may use it.
   * What is acknowledged survives a crash of the process and of the machine.
   */
  public static Builder embedded(Path directory) {
    return new Builder(
        Objects.requireNonNull(
            directory,
            "embedded: the directory is null. For a hub that is gone at the end, use inMemory()."));
  }

  /** A hub in memory, for tests and trials: it is gone when it is closed. */
  public static Builder inMemory() {
    return new Builder(null);
  }

  /** Starts and manages orchestrations of this hub. */
  public PerdureClient client() {
    return engine.client();
  }

  /**
   * Instances that nothing will wake, as found by audits in the background since the hub was
   * opened. A figure to be watched: it should stay 0. Each is logged as a warning, too.
   */
  public long auditFindings() {
    return engine.auditFindings();
  }

  /**
   * Instances of which audits in the background noted that an activity has waited for its turn for
   * more than a minute; an instance counts again if its activities had their turn meanwhile. A
   * figure to be watched: when it grows, there is more work than this process does.
   */
  public long auditNotes() {
    return engine.auditNotes();
  }

  /** Commits made durable since the hub was opened. */
  public long commits() {
    return engine.commits();
  }

  /**
   * Copies the hub, as of one moment, to another directory while it is in use. The copy can be
   * opened like any hub.
   *
   * @param directory must not exist or be empty
   */
  public void backup(Path directory) {
    store.backup(directory);
  }

  /**
   * Stops: takes no more work, lets running activities end within the grace period, and makes a
   * checkpoint. What has not ended goes on when the hub is opened again.
   *
   * <p>Who calls it a second time waits until the hub is closed, unless it is interrupted, or the
   * first call waits for it: an activity may close its own hub, and so may an action of {@link
   * dev.perdure.api.ActivityContext#onCancellation}. The first call goes on then.
   */
  @Override
  public void close() {
    engine.close(store::close);
  }

  /** Says what is in a hub before it is opened. Not thread-safe. */
  public static final class Builder extends Registrations<Builder> {
    private final @Nullable Path directory;
    private DataConverter converter = new JacksonDataConverter();
    private EngineOptions options = EngineOptions.DEFAULTS;
    private RocksStoreOptions storeOptions = RocksStoreOptions.DEFAULTS;

    private Builder(@Nullable Path directory) {
      this.directory = directory;
    }

    /** Replaces the data converter; the default writes JSON. */
    public Builder dataConverter(DataConverter chosen) {
      this.converter = chosen;
      return this;
    }

    /** Changes the engine's options. */
    public Builder options(UnaryOperator<EngineOptions> change) {
      this.options = change.apply(options);
      return this;
    }

    /** Changes the options of the embedded store; a hub in memory has none. */
    public Builder storeOptions(UnaryOperator<RocksStoreOptions> change) {
      this.storeOptions = change.apply(storeOptions);
      return this;
    }

    /**
     * Opens the hub and takes up its work.
     *
     * @throws dev.perdure.store.StoreException if the directory cannot be used
     */
    public Perdure start() {
      FunctionRegistry registry = registered();
      Path path = directory;
      Supplier<Store> open =
          path == null ? () -> new MemoryStore(4) : () -> RocksStore.open(path, storeOptions);
      Store store = open.get();
      try {
        return new Perdure(Engine.start(store, registry, converter, options), store);
      } catch (RuntimeException | Error e) {
        store.close();
        throw e;
      }
    }
  }
}
