package dev.perdure.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Many things that one thread passes to engines, one right after the other: answers of workers that
 * came in one piece, for example. An engine that sleeps is woken once, at the end, instead of at
 * the first of them, after which it might sleep and be woken again and again.
 *
 * <p>Only for platform threads that do not wait, in between, for what an engine does. Safe from any
 * thread; each has its own bursts.
 */
public final class Burst {
  private static final ThreadLocal<List<Thread>> POSTPONED = new ThreadLocal<>();

  private Burst() {}

  /** Begins a burst of the current thread, which has none. */
  public static void begin() {
    POSTPONED.set(new ArrayList<>(2));
  }

  /** Ends the burst of the current thread: wakes whom it has something for. */
  public static void end() {
    List<Thread> sleepers = POSTPONED.get();
    POSTPONED.remove();
    sleepers.forEach(LockSupport::unpark);
  }

  /** Wakes a thread that parks; at the end of the burst if the current thread is in one. */
  public static void wake(Thread sleeper) {
    // Virtual threads may be many, and to look would give each of them a map.
    List<Thread> sleepers = Thread.currentThread().isVirtual() ? null : POSTPONED.get();
    if (sleepers == null) {
      LockSupport.unpark(sleeper);
    } else if (!sleepers.contains(sleeper)) {
      sleepers.add(sleeper);
    }
  }
}
