package dev.perdure.engine.entity;

import dev.perdure.engine.UserCode;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Operations under way, for whoever waits for them or looks after them. Safe from any thread. */
public final class RunningBatch implements UserCode {
  private final EntityWork work;
  private final LongSupplier nanoTime;
  private final long submittedNanos;
  private volatile @Nullable Thread thread;
  private volatile long startedNanos;
  private volatile int current;
  private volatile boolean abandoned;
  private @Nullable Runnable onAbandon;

  RunningBatch(EntityWork work, LongSupplier nanoTime) {
    this.work = work;
    this.nanoTime = nanoTime;
    this.submittedNanos = nanoTime.getAsLong();
  }

  /** Operations that a remote worker is to run. */
  public static RunningBatch elsewhere(EntityWork work, LongSupplier nanoTime) {
    return new RunningBatch(work, nanoTime);
  }

  /** Says that nobody waits for the outcome any more. */
  public void abandon() {
    abandoned = true;
    if (onAbandon != null) {
      onAbandon.run();
    }
  }

  /** Has something done when it is abandoned. Called once, before anybody can abandon it. */
  public void onAbandon(Runnable action) {
    onAbandon = action;
  }

  /** Whether nobody waits for the outcome any more. */
  public boolean isAbandoned() {
    return abandoned;
  }

  void began() {
    startedNanos = nanoTime.getAsLong();
    thread = Thread.currentThread();
  }

  void began(int operation) {
    current = operation;
  }

  /** What is to be run. */
  public EntityWork work() {
    return work;
  }

  @Override
  public boolean isQueued() {
    return thread == null;
  }

  @Override
  public long startedNanos() {
    return thread == null ? submittedNanos : startedNanos;
  }

  /** The name of the operation that runs. */
  public String currentOperation() {
    return work.operations().get(current).name();
  }

  @Override
  public StackTraceElement[] stack() {
    Thread running = thread;
    return running == null ? new StackTraceElement[0] : running.getStackTrace();
  }

  @Override
  public Thread.State threadState() {
    Thread running = thread;
    return running == null ? Thread.State.NEW : running.getState();
  }
}
