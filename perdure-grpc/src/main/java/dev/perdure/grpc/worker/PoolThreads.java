package dev.perdure.grpc.worker;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** What a pool of workers runs on; a simulation brings its own. Safe from any thread. */
public interface PoolThreads {
  /** Runs what may take a while, each on a thread of its own. */
  Executor executor();

  /** Runs something once, after a time. */
  void after(Duration delay, Runnable action);

  /** The time since some moment, in nanoseconds; the one by which the engine goes. */
  long nanoTime();

  /** Nothing more is to be run after a time. */
  void end();

  /** Virtual threads and a timer. */
  static PoolThreads create() {
    return new PoolThreads() {
      private final Executor executor =
          Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("perdure-workers").factory());
      private final ScheduledExecutorService timer =
          Executors.newSingleThreadScheduledExecutor(
              Thread.ofPlatform().daemon().name("perdure-workers-timer").factory());

      @Override
      public Executor executor() {
        return executor;
      }

      @Override
      public void after(Duration delay, Runnable action) {
        try {
          var unused = timer.schedule(action, delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException ended) {
          // as asked for
        }
      }

      @Override
      public long nanoTime() {
        return System.nanoTime();
      }

      @Override
      public void end() {
        timer.shutdownNow();
      }
    };
  }
}
