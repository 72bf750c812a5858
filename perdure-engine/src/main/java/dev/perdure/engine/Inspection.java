package dev.perdure.engine;

import dev.perdure.api.AuditReport;
import dev.perdure.api.DataConverter;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.Explanation;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.engine.orchestrator.SessionConfig;
import dev.perdure.engine.partition.Command;
import dev.perdure.engine.partition.Explaining;
import dev.perdure.engine.partition.HistorySnapshot;
import dev.perdure.engine.partition.Loop;
import dev.perdure.engine.partition.LoopMode;
import dev.perdure.store.InstancePage;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.Store;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a hub that nobody has open, and leaves it as it is: no code is needed or run, no work is
 * taken up, no timer fires, nothing is written, and the next host finds it as the last one left it.
 * Safe from any thread.
 *
 * <p>It does not close the store; whoever opened it does, afterwards.
 */
public final class Inspection implements AutoCloseable {
  private static final int PAGE = 500;

  private final Store store;
  private final EngineEnvironment environment;
  private final Loop loop;
  private final HostThreads threads;
  private final Auditor auditor;

  private Inspection(Store store, DataConverter converter) {
    this.store = store;
    this.environment = EngineEnvironment.system();
    EngineOptions options = EngineOptions.DEFAULTS;
    this.threads = environment.hostThreads().get();
    this.loop =
        new Loop(
            store,
            new SessionConfig(
                FunctionRegistry.builder().build(),
                converter,
                environment.clock(),
                environment.nanoTime(),
                options.limits().payloadBytesMax(),
                options.limits().openTasksMax(),
                options.limits().instanceIdCharsMax(),
                environment.orchestratorThreads(),
                null),
            options,
            threads.commits(),
            threads.rows(),
            work -> {
              throw nothingRuns();
            },
            work -> {
              throw nothingRuns();
            },
            environment.messages(),
            () -> {
              throw nothingRuns();
            },
            LoopMode.LOOK);
    this.auditor =
        new Auditor(
            store, loop::post, Auditor.WorkInHand.NOTHING, environment.clock(), threads::pause);
  }

  private static IllegalStateException nothingRuns() {
    return new IllegalStateException("Nothing is run while a hub is looked at.");
  }

  /**
   * Looks at what is in a store.
   *
   * @throws dev.perdure.store.StoreException if the store cannot be read
   */
  public static Inspection of(Store store, DataConverter converter) {
    Inspection inspection = new Inspection(store, converter);
    try {
      inspection.loop.recover();
    } catch (RuntimeException | Error e) {
      inspection.threads.end();
      throw e;
    }
    inspection.threads.begin(inspection.loop);
    return inspection;
  }

  /**
   * Why an instance is where it is, and what will become of it when a host opens the hub.
   *
   * @param instanceId an orchestration, or an entity as {@link EntityId#instanceId()}
   * @throws dev.perdure.api.InstanceNotFoundException if there is no such instance
   */
  public Explanation explain(String instanceId) {
    String id = folded(instanceId);
    CompletableFuture<Explaining> reply = new CompletableFuture<>();
    post(id, new Command.Explain(id, reply));
    return ExplanationDetails.complete(
        id,
        Objects.requireNonNull(get(reply)),
        new ExplanationDetails.Source() {
          @Override
          public List<HistoryEvent> history(String of) {
            return Inspection.this.history(of);
          }

          @Override
          public @Nullable OrchestrationMetadata status(String of) {
            return Inspection.this.status(of).orElse(null);
          }

          @Override
          public @Nullable EntityMetadata entity(String of) {
            CompletableFuture<@Nullable EntityMetadata> entity = new CompletableFuture<>();
            post(of, new Command.GetEntity(of, false, entity));
            return get(entity);
          }
        });
  }

  /** What is known of an orchestration; empty if there is none. */
  public Optional<OrchestrationMetadata> status(String instanceId) {
    CompletableFuture<@Nullable OrchestrationMetadata> reply = new CompletableFuture<>();
    post(instanceId, new Command.GetStatus(instanceId, true, reply));
    return Optional.ofNullable(get(reply));
  }

  /**
   * The history of an orchestration's current execution.
   *
   * @throws dev.perdure.api.InstanceNotFoundException if there is no such instance
   */
  public List<HistoryEvent> history(String instanceId) {
    CompletableFuture<HistorySnapshot> reply = new CompletableFuture<>();
    post(instanceId, new Command.GetHistory(instanceId, reply));
    return Objects.requireNonNull(get(reply)).read(store);
  }

  /** The ids of all orchestrations that have not ended, in order. */
  public List<String> unfinished() {
    Set<String> ids = new TreeSet<>();
    String token = null;
    do {
      InstancePage page = store.query(Auditor.unfinished(), PAGE, token);
      page.rows().stream().map(InstanceRow::id).forEach(ids::add);
      token = page.continuationToken();
    } while (token != null);
    for (String id : inMemory()) {
      if (!EntityId.isEntityId(id)) {
        ids.add(id);
      }
    }
    // The log may tell more of those that rows show as unfinished.
    ids.removeIf(id -> status(id).map(OrchestrationMetadata::isTerminal).orElse(true));
    return List.copyOf(ids);
  }

  /** What only the log tells of so far: an instance may have no row yet. */
  private Set<String> inMemory() {
    Set<String> ids = new TreeSet<>();
    for (int partition = 0; partition < loop.partitions(); partition++) {
      CompletableFuture<List<String>> reply = new CompletableFuture<>();
      loop.post(partition, new Command.ListInMemory(reply));
      ids.addAll(Objects.requireNonNull(get(reply)));
    }
    return ids;
  }

  /**
   * Proves, for everything that has not ended, that the next host will find what wakes it; see
   * {@link dev.perdure.api.PerdureClient#audit()}.
   */
  public AuditReport audit() {
    return auditor.all(inMemory());
  }

  private static String folded(String id) {
    return EntityId.isEntityId(id) ? EntityId.parse(id).instanceId() : id;
  }

  private void post(String id, Command command) {
    loop.post(InstanceIds.partition(id, loop.partitions()), command);
  }

  private static <T extends @Nullable Object> T get(CompletableFuture<T> reply) {
    try {
      return reply.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HubClosedException("The thread was interrupted.");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new HubClosedException("The hub failed: " + e.getCause(), e.getCause());
    }
  }

  /** Lets go of the store, which is as it was. */
  @Override
  public void close() {
    loop.stop();
    threads.end();
    loop.end();
  }
}
