package dev.perdure.simulation;

import dev.perdure.api.PerdureClient;
import dev.perdure.engine.Engine;
import dev.perdure.engine.EngineEnvironment;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.HostThreads;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.engine.partition.Loop;
import dev.perdure.grpc.worker.PoolThreads;
import dev.perdure.grpc.worker.WorkerPool;
import dev.perdure.json.JacksonDataConverter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One program: an engine with all its threads, from its start to its end or its death. */
final class SimulatedHost implements Scheduler.Actor, HostThreads {
  /** The host died before it answered: it is not known whether the request took effect. */
  static final class Died extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Died() {
      super("The host died.");
    }
  }

  static final JacksonDataConverter CONVERTER = new JacksonDataConverter();

  private final Scheduler scheduler;
  private final SimulatedStore store;
  private final Executor commits;
  private final Executor rows;
  private final ThreadFactory callers;
  private final Map<Long, CompletableFuture<?>> underWay = new LinkedHashMap<>();
  private long requests;
  private final Engine engine;
  private @Nullable Loop loop;
  private boolean dead;
  private boolean stopped;
  private boolean ended;

  /**
   * Starts a host.
   *
   * @param messages carries messages between its partitions
   * @param workers connects remote workers
   */
  SimulatedHost(
      Scheduler scheduler,
      SimulatedStore store,
      FunctionRegistry functions,
      EngineOptions options,
      InstantSource clock,
      Random random,
      Function<SimulatedHost, Executor> messages,
      WorkersOf workers) {
    this.scheduler = scheduler;
    this.store = store;
    this.commits = scheduler.serial(this);
    this.rows = scheduler.serial(this);
    this.callers = scheduler.threads(this, "client");
    WorkerPool pool = new WorkerPool(clock, Integer.MAX_VALUE, new WorkerThreads());
    this.engine =
        Engine.start(
            store,
            functions,
            CONVERTER,
            options,
            new EngineEnvironment(
                clock,
                scheduler::nanos,
                random,
                scheduler.threads(this, "perdure-orchestrator"),
                scheduler.threads(this, "perdure-activity"),
                scheduler.threads(this, "perdure-entity"),
                () -> this,
                messages.apply(this)),
            pool);
    workers.connect(this, pool);
  }

  /** Connects remote workers to a host. */
  interface WorkersOf {
    void connect(SimulatedHost host, WorkerPool pool);
  }

  /** What the pool of its remote workers runs on. */
  private final class WorkerThreads implements PoolThreads {
    private final ThreadFactory threads = scheduler.threads(SimulatedHost.this, "perdure-workers");
    private boolean over;

    @Override
    public Executor executor() {
      return task -> threads.newThread(task).start();
    }

    @Override
    public void after(Duration delay, Runnable action) {
      if (!over) {
        scheduler.after(delay, SimulatedHost.this, action);
      }
    }

    @Override
    public long nanoTime() {
      return scheduler.nanos();
    }

    @Override
    public void end() {
      over = true;
    }
  }

  SimulatedStore store() {
    return store;
  }

  /** Has a request made; the future fails if the host dies first. */
  <T extends @Nullable Object> CompletableFuture<T> ask(Function<PerdureClient, T> request) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    if (dead || stopped) {
      answer.completeExceptionally(new Died());
      return answer;
    }
    long number = requests++;
    underWay.put(number, answer);
    callers
        .newThread(
            () -> {
              try {
                answer.complete(request.apply(engine.client()));
              } catch (RuntimeException | Error e) {
                answer.completeExceptionally(e);
              } finally {
                underWay.remove(number);
              }
            })
        .start();
    return answer;
  }

  /** It does nothing from now on. */
  void die() {
    dead = true;
    scheduler.leave(this);
    abandonRequests();
  }

  /** Nobody hears from it any more, although it goes on. */
  void abandonRequests() {
    stopped = true;
    List<CompletableFuture<?>> lost = List.copyOf(underWay.values());
    underWay.clear();
    lost.forEach(answer -> answer.completeExceptionally(new Died()));
  }

  /** Has it stop in order; the action is run when it has. */
  void stop(Runnable whenStopped) {
    callers
        .newThread(
            () -> {
              engine.close();
              store.close();
              abandonRequests();
              dead = true;
              scheduler.leave(this);
              scheduler.add(Scheduler.WORLD, whenStopped);
            })
        .start();
  }

  // ---- an actor ---------------------------------------------------------------------------

  @Override
  public boolean lives() {
    return !dead;
  }

  @Override
  public boolean hasWork() {
    return loop != null && !ended && loop.hasWork();
  }

  @Override
  public long nanosUntilNext() {
    return loop == null || ended ? Long.MAX_VALUE : loop.nanosUntilNext();
  }

  @Override
  public void work() {
    if (loop != null && !ended) {
      loop.runOnce();
    }
  }

  // ---- its threads --------------------------------------------------------------------------

  @Override
  public Executor commits() {
    return commits;
  }

  @Override
  public Executor rows() {
    return rows;
  }

  @Override
  public void begin(Loop running) {
    loop = running;
    scheduler.join(this);
  }

  @Override
  public void pause(Duration time) {
    scheduler.pause(time, this);
  }

  @Override
  public void end() {
    ended = true; // the loop has been drained, and commits and rows with it
  }
}
