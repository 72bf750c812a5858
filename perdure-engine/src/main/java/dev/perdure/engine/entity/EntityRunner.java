package dev.perdure.engine.entity;

import dev.perdure.api.DataConverter;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.Payload;
import dev.perdure.api.PayloadTooLargeException;
import dev.perdure.api.PerdureException;
import dev.perdure.api.Problem;
import dev.perdure.engine.entity.EntityBatch.Result;
import dev.perdure.engine.entity.EntityEvent.StateChange;
import dev.perdure.engine.entity.EntityRequest.Operation;
import dev.perdure.engine.functions.EntityFunction;
import dev.perdure.engine.functions.FunctionRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs the operations of entities, a batch on a thread of its own. Safe from any thread.
 *
 * <p>What an operation did counts if it returned; if it threw, the state is what it was before.
 */
public final class EntityRunner {
  /** Is told what came of a batch, on the thread of the batch. Must be quick and must not throw. */
  @FunctionalInterface
  public interface Listener {
    /** Called once for every batch, unless the runner was stopped. */
    void batchEnded(RunningBatch batch, EntityBatch outcome);
  }

  /** A batch that has put out so many bytes ends, so that a commit does not grow without bounds. */
  private static final long OUTPUT_BYTES_MAX = 1 << 20;

  /**
   * A batch that has run for so long ends, so that those who wait for its first results get them.
   */
  private static final long MILLIS_MAX = 100;

  private final FunctionRegistry functions;
  private final DataConverter converter;
  private final OperationLimits limits;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Supplier<String> newIds;
  private final ThreadFactory threads;
  private final Listener listener;

  private final Set<Thread> active = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private int running;
  private boolean stopped;

  /**
   * Whether what still runs is not waited for: it was interrupted, and what comes of it is void.
   */
  private volatile boolean givenUp;

  /**
   * A runner.
   *
   * @param clock says when a batch has run for long
   * @param nanoTime measures how long operations take, in nanoseconds
   * @param newIds makes ids of orchestrations that operations start
   * @param threads makes the threads that operations run on
   */
  public EntityRunner(
      FunctionRegistry functions,
      DataConverter converter,
      OperationLimits limits,
      InstantSource clock,
      LongSupplier nanoTime,
      Supplier<String> newIds,
      ThreadFactory threads,
      Listener listener) {
    this.functions = functions;
    this.converter = converter;
    this.limits = limits;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.newIds = newIds;
    this.threads = threads;
    this.listener = listener;
  }

  /** Runs operations, on another thread. If there can be none, nothing has begun. */
  public RunningBatch start(EntityWork work) {
    RunningBatch batch = new RunningBatch(work, nanoTime);
    lock.lock();
    try {
      if (stopped) {
        return batch; // it is on record, and runs when the hub is open again
      }
      running++;
    } finally {
      lock.unlock();
    }
    try {
      threads.newThread(() -> runAndTell(batch)).start();
    } catch (RuntimeException | Error e) { // such as that there can be no more threads
      over();
      throw e;
    }
    return batch;
  }

  private void runAndTell(RunningBatch batch) {
    active.add(Thread.currentThread());
    @Nullable EntityBatch outcome;
    try {
      batch.began();
      outcome = run(batch);
    } catch (Throwable e) {
      outcome =
          new EntityBatch.Stuck(
              new Problem(
                  Problem.Kind.UNREADABLE,
                  ("Entity '%s': its operations could not be run: %s. Nothing was changed. It is"
                          + " tried again at the next start, or when it is requeued.")
                      .formatted(batch.work().entity(), e)));
    } finally {
      active.remove(Thread.currentThread());
    }
    try {
      if (outcome != null && !givenUp) {
        listener.batchEnded(batch, outcome);
      }
    } finally {
      over();
    }
  }

  /** One less runs. */
  private void over() {
    lock.lock();
    try {
      running--;
      ended.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Runs operations; null if that was given up. */
  private @Nullable EntityBatch run(RunningBatch batch) {
    EntityWork work = batch.work();
    EntityFunction function = functions.entity(work.entity().name());
    if (function == null) {
      return functionMissing(work);
    }
    long began = clock.millis();
    OperationScopeImpl scope =
        new OperationScopeImpl(work.entity(), work.state(), functions, converter, limits, newIds);
    List<Result> results = new ArrayList<>(work.operations().size());
    long bytes = 0;
    for (Operation operation : work.operations()) {
      if (givenUp) {
        return null;
      }
      batch.began(results.size());
      scope.begin(operation, work.time());
      Result result = run(function, scope, operation);
      Problem problem = scope.problem();
      if (problem != null) {
        if (results.isEmpty()) {
          return new EntityBatch.Stuck(problem);
        }
        break; // what ran before it counts; it comes first the next time
      }
      results.add(result);
      bytes += bytesOf(result) + scope.takeActionBytes();
      if (bytes >= OUTPUT_BYTES_MAX || clock.millis() - began >= MILLIS_MAX) {
        break;
      }
    }
    return new EntityBatch.Completed(results, change(work.state(), scope.state()), scope.actions());
  }

  private static long bytesOf(Result result) {
    long bytes = result.result() == null ? 0 : result.result().size();
    for (FailureDetails at = result.failure(); at != null; at = at.cause()) {
      bytes += at.message().length();
      bytes += at.stackTrace() == null ? 0 : at.stackTrace().length();
    }
    return bytes;
  }

  private static StateChange change(@Nullable Payload before, @Nullable Payload after) {
    return Objects.equals(before, after)
        ? new StateChange.Unchanged()
        : after == null ? new StateChange.Deleted() : new StateChange.Replaced(after);
  }

  private Result run(EntityFunction function, OperationScopeImpl scope, Operation operation) {
    try {
      Object output = function.invoke(scope);
      Payload result =
          output == null || operation.caller() == null
              ? null
              : result(operation, converter.toPayload(output), scope);
      scope.commit();
      return new Result(result, null);
    } catch (Throwable e) {
      scope.rollBack(e);
      return new Result(null, FailureDetails.of(e));
    } finally {
      // Code may have left it set; the next operation has nothing to do with it.
      Thread.interrupted();
    }
  }

  private Payload result(Operation operation, Payload result, OperationScopeImpl scope) {
    if (result.size() > limits.payloadBytesMax()) {
      throw new PayloadTooLargeException(
          ("Entity '%s': the result of operation '%s' has %d bytes, the limit is %d"
                  + " (limits.payloadBytesMax). The operation has changed nothing. Keep large data"
                  + " elsewhere and return a reference to it.")
              .formatted(scope.id(), operation.name(), result.size(), limits.payloadBytesMax()));
    }
    return result;
  }

  /**
   * What has state had its code once: it waits until the code is back. What has none may have been
   * called by a name that never existed, and its callers have to know.
   */
  private EntityBatch functionMissing(EntityWork work) {
    PerdureException error = functions.entityNotFound(work.entity().name());
    if (work.state() != null) {
      return new EntityBatch.Stuck(
          new Problem(
              Problem.Kind.FUNCTION_NOT_FOUND,
              "Entity '%s': %s".formatted(work.entity(), error.getMessage())));
    }
    FailureDetails failure = FailureDetails.of(error).asNonRetriable();
    return new EntityBatch.Completed(
        work.operations().stream().map(operation -> new Result(null, failure)).toList(),
        new StateChange.Unchanged(),
        List.of());
  }

  /** Batches that run. */
  public int unfinished() {
    lock.lock();
    try {
      return running;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Starts no more batches, and waits for those that run.
   *
   * @return how many still ran when the time was up; they are interrupted, and run again when the
   *     hub is opened again
   */
  public int stop(Duration grace) {
    lock.lock();
    try {
      stopped = true;
      awaitEnd(grace.toNanos());
      if (running > 0) {
        givenUp = true; // first: that they were interrupted is nothing that they did
        active.forEach(Thread::interrupt);
      }
      return running;
    } finally {
      lock.unlock();
    }
  }

  private void awaitEnd(long nanos) {
    try {
      long left = nanos;
      while (running > 0 && left > 0) {
        left = ended.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
