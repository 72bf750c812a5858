package dev.perdure;

import dev.perdure.api.ActivityLambda;
import dev.perdure.api.BiActivityLambda;
import dev.perdure.api.BiOrchestratorLambda;
import dev.perdure.api.DataConverter;
import dev.perdure.api.EntityLambda;
import dev.perdure.api.EntityOperations;
import dev.perdure.api.OrchestratorLambda;
import dev.perdure.api.PerdureClient;
import dev.perdure.engine.Engine;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.Store;
import dev.perdure.store.memory.MemoryStore;
import dev.perdure.store.rocksdb.RocksStore;
import dev.perdure.store.rocksdb.RocksStoreOptions;
import java.nio.file.Path;
import java.util.concurrent.Callable;
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
    return new Builder(directory);
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
   */
  @Override
  public void close() {
    try {
      engine.close();
    } finally {
      store.close();
    }
  }

  /** Says what is in a hub before it is opened. Not thread-safe. */
  public static final class Builder {
    private final @Nullable Path directory;
    private final FunctionRegistry.Builder functions = FunctionRegistry.builder();
    private DataConverter converter = new JacksonDataConverter();
    private EngineOptions options = EngineOptions.DEFAULTS;
    private RocksStoreOptions storeOptions = RocksStoreOptions.DEFAULTS;

    private Builder(@Nullable Path directory) {
      this.directory = directory;
    }

    /**
     * Registers the annotated methods of an object; or a class, with its annotated static methods,
     * and as an entity if it is annotated with {@link dev.perdure.api.Entity}.
     *
     * @throws dev.perdure.api.InvalidRegistrationException if a signature does not fit or a name is
     *     taken
     */
    public Builder register(Object functionsOrClass) {
      if (functionsOrClass instanceof Class<?> type) {
        functions.register(type);
      } else {
        functions.register(functionsOrClass);
      }
      return this;
    }

    /** Registers an orchestrator that takes no input, or its input from the context. */
    public Builder orchestrator(String name, OrchestratorLambda orchestrator) {
      functions.orchestrator(name, orchestrator);
      return this;
    }

    /** Registers one version of an orchestrator. */
    public Builder orchestrator(String name, String version, OrchestratorLambda orchestrator) {
      functions.orchestrator(name, version, orchestrator);
      return this;
    }

    /** Registers an orchestrator with an input. */
    public <I> Builder orchestrator(
        String name, Class<I> inputType, BiOrchestratorLambda<@Nullable I> orchestrator) {
      functions.orchestrator(name, inputType, orchestrator);
      return this;
    }

    /** Registers one version of an orchestrator with an input. */
    public <I> Builder orchestrator(
        String name,
        String version,
        Class<I> inputType,
        BiOrchestratorLambda<@Nullable I> orchestrator) {
      functions.orchestrator(name, version, inputType, orchestrator);
      return this;
    }

    /** Registers an activity that takes no input. */
    public Builder activity(String name, Callable<? extends @Nullable Object> activity) {
      functions.activity(name, activity);
      return this;
    }

    /**
     * Registers an activity that takes no input.
     *
     * @param maxConcurrent how many calls may run at once in this process; 0 for no limit of its
     *     own
     */
    public Builder activity(
        String name, int maxConcurrent, Callable<? extends @Nullable Object> activity) {
      functions.activity(name, maxConcurrent, activity);
      return this;
    }

    /** Registers an activity by name. */
    public <I> Builder activity(
        String name, Class<I> inputType, ActivityLambda<@Nullable I> activity) {
      functions.activity(name, inputType, activity);
      return this;
    }

    /** Registers an activity that wants to know about its call. */
    public <I> Builder activity(
        String name, Class<I> inputType, BiActivityLambda<@Nullable I> activity) {
      functions.activity(name, inputType, activity);
      return this;
    }

    /**
     * Registers an activity by name.
     *
     * @param maxConcurrent how many calls may run at once in this process; 0 for no limit of its
     *     own
     */
    public <I> Builder activity(
        String name, Class<I> inputType, int maxConcurrent, ActivityLambda<@Nullable I> activity) {
      functions.activity(name, inputType, maxConcurrent, activity);
      return this;
    }

    /**
     * Registers an activity that wants to know about its call.
     *
     * @param maxConcurrent how many calls may run at once in this process; 0 for no limit of its
     *     own
     */
    public <I> Builder activity(
        String name,
        Class<I> inputType,
        int maxConcurrent,
        BiActivityLambda<@Nullable I> activity) {
      functions.activity(name, inputType, maxConcurrent, activity);
      return this;
    }

    /**
     * Registers a class as an entity, under the name of its {@link dev.perdure.api.Entity}
     * annotation or its simple name.
     */
    public Builder entity(Class<?> entity) {
      functions.entity(entity);
      return this;
    }

    /** Registers a class without an annotation as an entity. */
    public Builder entity(String name, Class<?> entity) {
      functions.entity(name, entity);
      return this;
    }

    /** Registers an entity as one function, which is called for every operation. */
    public Builder entity(String name, EntityLambda entity) {
      functions.entity(name, entity);
      return this;
    }

    /** Registers an entity whose operations are lambdas. */
    public Builder entity(String name, EntityOperations<?> operations) {
      functions.entity(name, operations);
      return this;
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
      FunctionRegistry registry = functions.build();
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
