package dev.perdure.grpc.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;

/** Runs everything of a pool on the thread of a test, which says how time passes. */
final class ManualThreads implements PoolThreads {
  private record Timer(Instant at, Runnable action) {}

  private final PriorityQueue<Timer> due = new PriorityQueue<>(Comparator.comparing(Timer::at));
  private Instant now = Instant.EPOCH.plusSeconds(1);

  Instant now() {
    return now;
  }

  @Override
  public Executor executor() {
    return Runnable::run;
  }

  @Override
  public void after(Duration delay, Runnable action) {
    due.add(new Timer(now.plus(delay), action));
  }

  @Override
  public long nanoTime() {
    return 0;
  }

  @Override
  public void end() {}

  void pass(Duration time) {
    Instant until = now.plus(time);
    while (!due.isEmpty() && !due.element().at.isAfter(until)) {
      Timer next = due.remove();
      now = next.at;
      next.action.run();
    }
    now = until;
  }
}
