package dev.perdure.engine.entity;

import dev.perdure.api.EntityId;
import dev.perdure.engine.UserCode;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Operations under way, for whoever waits for them or looks after them. While they wait for a
 * worker elsewhere, what they are may be {@linkplain #forget forgotten}. Safe from any thread.
 */
public final class RunningBatch implements UserCode {
  private final int partition;
  private final EntityId entity;
  private final LongSupplier nanoTime;
  private final long submittedNanos;
  private volatile @Nullable Thread thread;
  private volatile long startedNanos;
  private volatile int current;
  private volatile boolean abandoned;
  private @Nullable Runnable onAbandon;

  // Guarded by this.
  private @Nullable EntityWork work;
  private boolean kept;

  private RunningBatch(EntityWork work, boolean kept, LongSupplier nanoTime) {
    this.partition = work.partition();
    this.entity = work.entity();
    this.work = work;
    this.kept = kept;
    this.nanoTime = nanoTime;
    this.submittedNanos = nanoTime.getAsLong();
  }

  RunningBatch(EntityWork work, LongSupplier nanoTime) {
    this(work, true, nanoTime);
  }

  /** Operations that a remote worker is to run. */
  public static RunningBatch elsewhere(EntityWork work, LongSupplier nanoTime) {
    return new RunningBatch(work, false, nanoTime);
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

  /** The partition of the entity. */
  public int partition() {
    return partition;
  }

  /** Whose operations they are. */
  public EntityId entity() {
    return entity;
  }

  /**
   * What is to be run.
   *
   * @throws IllegalStateException if it was forgotten
   */
  public EntityWork work() {
    EntityWork known = known();
    if (known == null) {
      throw new IllegalStateException("The operations of '%s' were forgotten".formatted(entity));
    }
    return known;
  }

  /** What is to be run; null if it was forgotten. */
  public synchronized @Nullable EntityWork known() {
    return work;
  }

  // ---- as long as it waits for a worker elsewhere ---------------------------------------------

  /**
   * Forgets what is to be run, so that waiting for a worker takes no memory.
   *
   * @return whether it was; not if a worker has been found, or none is waited for
   */
  public synchronized boolean forget() {
    if (kept) {
      return false;
    }
    work = null;
    return true;
  }

  /** Whether a worker has it, or none is waited for: then it is not forgotten. */
  public synchronized boolean isKept() {
    return kept;
  }

  /** A worker is waited for again. */
  public synchronized void release() {
    kept = false;
  }

  /**
   * A worker has been found: what is to be run is not forgotten until it is {@linkplain #release
   * waited for again}.
   *
   * @return whether it is here; if not, it has to be asked for
   */
  public synchronized boolean keep() {
    kept = true;
    return work != null;
  }

  /** Says what is to be run, which may be more by now than what was forgotten. */
  public synchronized void remember(EntityWork known) {
    work = known;
  }

  // ---- for whoever looks after it -------------------------------------------------------------

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
    return work().operations().get(current).name();
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
