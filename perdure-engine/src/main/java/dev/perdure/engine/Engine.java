package dev.perdure.engine;

import dev.perdure.api.DataConverter;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.Payload;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.Problem;
import dev.perdure.engine.activity.ActivityDispatcher;
import dev.perdure.engine.activity.ActivityRunner;
import dev.perdure.engine.activity.ActivityWork;
import dev.perdure.engine.entity.EntityBatch;
import dev.perdure.engine.entity.EntityRunner;
import dev.perdure.engine.entity.EntityWork;
import dev.perdure.engine.entity.OperationLimits;
import dev.perdure.engine.entity.RunningBatch;
import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.engine.http.HttpActivity;
import dev.perdure.engine.orchestrator.SessionConfig;
import dev.perdure.engine.partition.Command;
import dev.perdure.engine.partition.Loop;
import dev.perdure.engine.partition.LoopMode;
import dev.perdure.engine.worker.Workers;
import dev.perdure.store.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs the orchestrations of a hub on a store. Safe from any thread.
 *
 * <p>The engine does not close the store; whoever opened it does, after the engine. Where several
 * may close the engine, {@link #close(Runnable)} has that done when it has ended, and once.
 */
public final class Engine implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.perdure.engine");

  /** How long closing waits for the last commits and rows; far more than they take. */
  private static final Duration DRAIN_MAX = Duration.ofMinutes(1);

  private final Store store;
  private final EngineOptions options;
  private final EngineEnvironment environment;
  private final DataConverter converter;
  private final FunctionRegistry functions;
  private final HttpActivity http;
  private final ActivityDispatcher dispatcher;
  private final EntityRunner entityRunner;
  private final @Nullable Workers workers;
  private final Loop loop;
  private final HostThreads threads;
  private final EngineClient client;
  private final Requests requests;
  private final Auditor auditor;
  private final AtomicLong rowLosses = new AtomicLong();

  /** Who closes it or has done so; null while it is open. */
  private volatile @Nullable Thread closer;

  private final CountDownLatch hasClosed = new CountDownLatch(1);

  private Engine(
      Store store,
      FunctionRegistry userFunctions,
      DataConverter converter,
      EngineOptions options,
      EngineEnvironment environment,
      @Nullable Workers workers,
      LoopMode mode) {
    this.store = store;
    this.workers = workers;
    this.options = options;
    this.environment = environment;
    this.converter = converter;
    this.http = new HttpActivity();
    this.functions =
        userFunctions.activity(HttpActivity.NAME) == null
            ? userFunctions.toBuilder().builtIn(http).build()
            : userFunctions; // a test answers requests itself
    SessionConfig sessions =
        new SessionConfig(
            functions,
            converter,
            environment.clock(),
            environment.nanoTime(),
            options.limits().payloadBytesMax(),
            options.limits().openTasksMax(),
            options.limits().instanceIdCharsMax(),
            environment.orchestratorThreads(),
            workers);
    this.threads = environment.hostThreads().get();
    this.dispatcher =
        new ActivityDispatcher(
            functions,
            converter,
            options.limits().payloadBytesMax(),
            options.activitiesMax(),
            environment.activityThreads(),
            (work, result, failure) ->
                loopOf().post(work.partition(), new Command.ActivityEnded(work, result, failure)));
    this.entityRunner =
        new EntityRunner(
            functions,
            converter,
            new OperationLimits(
                options.limits().payloadBytesMax(),
                options.limits().instanceIdCharsMax(),
                options.defaultVersion(),
                workers == null),
            environment.clock(),
            environment.nanoTime(),
            this::newId,
            environment.entityThreads(),
            (batch, outcome) ->
                loopOf()
                    .post(batch.work().partition(), new Command.EntityBatchEnded(batch, outcome)));
    this.loop =
        new Loop(
            store,
            sessions,
            options,
            threads.commits(),
            threads.rows(),
            mode == LoopMode.RUN ? new Activities() : work -> {}, // on record, for the next host
            this::run,
            environment.messages(),
            this::newId,
            mode);
    store.onRowsLost(partition -> rowLosses.incrementAndGet());
    this.auditor =
        new Auditor(store, loop::post, new InHand(), environment.clock(), threads::pause);
    this.client = new EngineClient(this);
    this.requests = new Requests(this, client);
  }

  private Loop loopOf() {
    return loop;
  }

  /** Has activities run here or by workers. */
  private final class Activities implements ActivityRunner {
    @Override
    public void dispatch(ActivityWork work) {
      if (workers != null && work.isRemote()) {
        workers.activity(work);
      } else {
        dispatcher.dispatch(work);
      }
    }

    @Override
    public void withdraw(List<ActivityWork> unwanted) {
      List<ActivityWork> here = new ArrayList<>();
      for (ActivityWork work : unwanted) {
        if (workers != null && work.isRemote()) {
          workers.withdraw(work);
        } else {
          here.add(work);
        }
      }
      dispatcher.withdraw(here);
    }
  }

  private RunningBatch run(EntityWork work) {
    if (workers != null && functions.entity(work.entity().name()) == null) {
      RunningBatch batch = RunningBatch.elsewhere(work, environment.nanoTime());
      workers.entity(batch);
      return batch;
    }
    return entityRunner.start(work);
  }

  /** What this host and its workers have in hand, for audits. */
  private final class InHand implements Auditor.WorkInHand {
    @Override
    public ActivityDispatcher.Unfinished activities() {
      ActivityDispatcher.Unfinished here = dispatcher.unfinishedWork();
      return workers == null ? here : here.and(workers.unfinishedActivities());
    }

    @Override
    public List<Workers.Waiting> waitingForWorkers(long beforeMillis) {
      return workers == null ? List.of() : workers.waitingSince(beforeMillis);
    }

    @Override
    public @Nullable String obstacle(FunctionKind kind, String name, String version) {
      return workers == null ? null : workers.obstacle(kind, name, version);
    }
  }

  /** Passes on to the partitions what workers say. */
  private final class FromWorkers implements Workers.Listener {
    @Override
    public void activityEnded(
        ActivityWork work, @Nullable Payload result, @Nullable FailureDetails failure) {
      loop.post(work.partition(), new Command.ActivityEnded(work, result, failure));
    }

    @Override
    public void activityParked(ActivityWork work, Problem problem) {
      loop.post(work.partition(), new Command.ActivityParked(work, problem));
    }

    @Override
    public void entityBatchEnded(RunningBatch batch, EntityBatch outcome) {
      loop.post(batch.partition(), new Command.EntityBatchEnded(batch, outcome));
    }

    @Override
    public void entityBatchWanted(RunningBatch batch, Runnable then) {
      loop.post(batch.partition(), new Command.EntityBatchWanted(batch, then));
    }
  }

  /**
   * Starts an engine and takes up the unfinished work of the hub.
   *
   * @throws dev.perdure.store.StoreException if the store cannot be read
   */
  public static Engine start(
      Store store, FunctionRegistry functions, DataConverter converter, EngineOptions options) {
    return start(store, functions, converter, options, EngineEnvironment.system());
  }

  /** Starts an engine in an environment of its own. */
  public static Engine start(
      Store store,
      FunctionRegistry functions,
      DataConverter converter,
      EngineOptions options,
      EngineEnvironment environment) {
    return start(store, functions, converter, options, environment, null);
  }

  /**
   * Starts an engine that has remote workers run what it has no function for.
   *
   * @param workers the workers; null for an engine that runs registered functions only
   */
  public static Engine start(
      Store store,
      FunctionRegistry functions,
      DataConverter converter,
      EngineOptions options,
      EngineEnvironment environment,
      @Nullable Workers workers) {
    Engine engine =
        new Engine(store, functions, converter, options, environment, workers, LoopMode.RUN);
    if (workers != null) {
      workers.begin(engine.new FromWorkers());
    }
    engine.begin();
    if (!options.auditInterval().isZero()) {
      engine.threads.every(options.auditInterval(), engine.auditor::sample);
    }
    return engine;
  }

  /**
   * Opens a hub that stays at rest, for operators: what they ask for takes durable effect, and
   * nothing is run. No code is needed, no timer fires, and what was set aside stays so; the next
   * host takes up the work, as the last one left it or as operators have changed it. Start and
   * restart orchestrations, and signal entities, with {@link #requests()}.
   *
   * @throws dev.perdure.store.StoreException if the store cannot be read
   */
  public static Engine atRest(Store store, DataConverter converter, EngineOptions options) {
    Engine engine =
        new Engine(
            store,
            FunctionRegistry.builder().build(),
            converter,
            options,
            EngineEnvironment.system(),
            null,
            LoopMode.RECORD);
    engine.begin();
    return engine;
  }

  private void begin() {
    try {
      loop.recover();
    } catch (RuntimeException | Error e) {
      if (workers != null) {
        workers.stop();
      }
      threads.end();
      throw e;
    }
    threads.begin(loop);
  }

  /** Who runs what this engine has no function for; null if nobody does. */
  public @Nullable Workers workers() {
    return workers;
  }

  /** Starts and manages orchestrations. */
  public PerdureClient client() {
    return client;
  }

  /** What servers need to let others use the engine from elsewhere. */
  public Requests requests() {
    return requests;
  }

  /**
   * Copies the hub, as of one moment, while it is in use; the copy can be opened like any hub.
   *
   * @param directory must not exist or be empty
   * @throws dev.perdure.store.StoreException if it cannot be copied
   */
  public void backup(Path directory) {
    store.backup(directory);
  }

  /**
   * Stops: takes no more requests, starts no more activities and operations, lets those that run
   * end within the grace period, and writes everything into rows. An interrupt does not cut that
   * short; the flag is set again afterwards.
   *
   * <p>Who calls it a second time waits until the first call has ended. It may return before that
   * if it must not wait: because it is interrupted, as an activity is that closes its own hub, or
   * because the first call waits for it, as for an action of {@link
   * dev.perdure.api.ActivityContext#onCancellation}.
   */
  @Override
  public void close() {
    close(() -> {});
  }

  /**
   * Closes as {@link #close()} does, and then does something more, which belongs to the first call:
   * it is done once, when the engine has ended, and before those go on who wait for that.
   *
   * @param last what needs the engine to have ended, such as to close the store; a second call does
   *     not do it
   */
  public void close(Runnable last) {
    boolean first;
    synchronized (this) {
      first = closer == null;
      if (first) {
        closer = Thread.currentThread();
      }
    }
    if (first) {
      boolean interrupted = Thread.interrupted();
      try {
        interrupted |= closeOnce();
      } finally {
        closed(last, interrupted);
      }
    } else if (!Thread.currentThread().equals(closer)) {
      try {
        hasClosed.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // an activity that closes its own hub is not waited for
      }
    }
  }

  private void closed(Runnable last, boolean interrupted) {
    try {
      last.run();
    } finally {
      hasClosed.countDown();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Returns whether it was interrupted. */
  private boolean closeOnce() {
    long began = environment.nanoTime().getAsLong();
    if (workers != null) {
      workers.stop();
    }
    int left = dispatcher.stop(options.shutdownGrace());
    boolean interrupted = Thread.interrupted();
    Duration rest = options.shutdownGrace().minusNanos(environment.nanoTime().getAsLong() - began);
    int entitiesLeft = entityRunner.stop(rest.isNegative() ? Duration.ZERO : rest);
    interrupted |= Thread.interrupted();
    if (left > 0 || entitiesLeft > 0) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} activities and the operations of {1} entities were still running after {2}; they will"
              + " run again when the hub is opened",
          left,
          entitiesLeft,
          options.shutdownGrace());
    }
    interrupted |= drain();
    loop.stop();
    threads.end();
    interrupted |= Thread.interrupted();
    loop.end();
    http.close();
    return interrupted;
  }

  /** Writes everything into rows. Returns whether it was interrupted. */
  private boolean drain() {
    CompletableFuture<@Nullable Void> drained = loop.drain();
    boolean interrupted = false;
    while (true) {
      try {
        drained.get(DRAIN_MAX.toMillis(), TimeUnit.MILLISECONDS);
        return interrupted;
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (ExecutionException | TimeoutException e) {
        LOG.log(
            System.Logger.Level.WARNING,
            "The last checkpoint was not finished; nothing is lost, the next start reads the log",
            e);
        return interrupted;
      }
    }
  }

  // ---- for the client -----------------------------------------------------------------------

  void checkOpen() {
    if (closer != null) {
      throw new HubClosedException("The hub is closed. Nothing was done; open it again.");
    }
  }

  void post(String instanceId, Command command) {
    loop.post(InstanceIds.partition(instanceId, loop.partitions()), command);
  }

  void postTo(int partition, Command command) {
    loop.post(partition, command);
  }

  int partitions() {
    return loop.partitions();
  }

  int unfinished() {
    return loop.unfinished();
  }

  Auditor auditor() {
    return auditor;
  }

  Loop loop() {
    return loop;
  }

  /** Counts up whenever rows are lost: what was read from the store before may lack some. */
  long rowLosses() {
    return rowLosses.get();
  }

  Store store() {
    return store;
  }

  DataConverter converter() {
    return converter;
  }

  FunctionRegistry functions() {
    return functions;
  }

  EngineOptions options() {
    return options;
  }

  EngineEnvironment environment() {
    return environment;
  }

  /** An id of 32 hexadecimal digits that nobody has had before. */
  String newId() {
    RandomGenerator random = environment.random();
    return HexFormat.of().toHexDigits(random.nextLong())
        + HexFormat.of().toHexDigits(random.nextLong());
  }

  /** Looks at the clock again at once; for clocks that are set by hand. */
  public void clockChanged() {
    loop.wake();
  }

  /**
   * Completes when nothing happens any more by itself: no code of users runs, everything is
   * durable, and every message between instances has arrived. For tests that move time by hand; a
   * hub that is never idle never gets there.
   *
   * @return when the next timer is due; empty if there is none
   */
  public CompletableFuture<Optional<Instant>> whenAtRest() {
    return loop.whenAtRest(() -> dispatcher.unfinished() == 0 && entityRunner.unfinished() == 0)
        .thenApply(
            due ->
                due == Long.MAX_VALUE ? Optional.empty() : Optional.of(Instant.ofEpochMilli(due)));
  }

  /**
   * Instances that nothing will wake, as found by audits in the background since the start; each is
   * logged as a warning. Should be 0.
   */
  public long auditFindings() {
    return auditor.findingsReported();
  }

  /**
   * Instances of which work has waited for its turn for over a minute, as found by audits in the
   * background since the start; an instance counts again if its work had its turn meanwhile. Then
   * as many activities run as may, so that they are slow or a limit is low; or a step, an activity
   * or the operations of an entity wait for a worker.
   */
  public long auditNotes() {
    return auditor.notesReported();
  }

  /** Commits made so far. */
  public long commits() {
    return loop.commits();
  }

  @Override
  public String toString() {
    @Nullable String state = closer == null ? "open" : "closed";
    return "Engine[" + state + ", " + loop.partitions() + " partitions]";
  }
}
