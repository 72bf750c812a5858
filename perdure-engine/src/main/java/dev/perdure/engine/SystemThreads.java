package dev.perdure.engine;

import dev.perdure.engine.partition.Loop;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Threads of the system: one for the loop, one for commits, one for rows. */
class SystemThreads implements HostThreads {
  private static final System.Logger LOG = System.getLogger("dev.perdure.engine");

  /** How long the last commits and rows are waited for; far more than they take. */
  private static final Duration END_MAX = Duration.ofMinutes(1);

  private final ExecutorService commits =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("perdure-commits").daemon(true).factory());
  private final ExecutorService rows =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("perdure-rows").daemon(true).factory());
  private @Nullable Thread loopThread;
  private @Nullable Thread background;
  private volatile boolean ended;

  @Override
  public Executor commits() {
    return commits;
  }

  @Override
  public Executor rows() {
    return rows;
  }

  @Override
  public void begin(Loop loop) {
    loopThread = Thread.ofPlatform().name("perdure-loop").daemon(true).start(loop::run);
  }

  @Override
  public void every(Duration interval, Runnable task) {
    background =
        Thread.ofPlatform()
            .name("perdure-audit")
            .daemon(true)
            .start(
                () -> {
                  while (!ended) {
                    LockSupport.parkNanos(interval.toNanos());
                    if (!ended) {
                      runGuarded(task);
                    }
                  }
                });
  }

  /** What goes wrong once must not keep it from being done the next time. */
  private static void runGuarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "A check in the background failed; it goes on", e);
    }
  }

  @Override
  public void pause(Duration time) {
    LockSupport.parkNanos(time.toNanos());
  }

  @Override
  public void end() {
    ended = true;
    Thread checks = background;
    if (checks != null) {
      checks.interrupt();
    }
    boolean interrupted = join(loopThread);
    interrupted |= join(checks);
    rows.shutdown();
    commits.shutdown();
    interrupted |= await(rows);
    interrupted |= await(commits);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean join(@Nullable Thread thread) {
    boolean interrupted = false;
    while (thread != null && thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    return interrupted;
  }

  private static boolean await(ExecutorService executor) {
    long until = System.nanoTime() + END_MAX.toNanos();
    boolean interrupted = false;
    while (true) {
      try {
        executor.awaitTermination(until - System.nanoTime(), TimeUnit.NANOSECONDS);
        return interrupted;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }
}
