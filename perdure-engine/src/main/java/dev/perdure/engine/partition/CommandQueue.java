package dev.perdure.engine.partition;

import dev.perdure.engine.Burst;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Commands from many threads for one. Adding is one compare-and-set; the one consumer takes all
 * there is at once.
 *
 * <p>What keeps it bounded are its sources: clients wait for their answers, activities and steps
 * are limited in number, and messages come from durable outboxes.
 */
final class CommandQueue {
  /** A command and whom it is for. */
  static final class Node {
    final int partition;
    final Command command;
    @Nullable Node next;

    private Node(int partition, Command command) {
      this.partition = partition;
      this.command = command;
    }
  }

  private final AtomicReference<@Nullable Node> newest = new AtomicReference<>();
  private volatile @Nullable Thread parked;

  /** Whether somebody called {@link #wake()} since the last {@link #park}. */
  private volatile boolean woken;

  /** Adds a command. */
  void add(int partition, Command command) {
    Node node = new Node(partition, command);
    Node before;
    do {
      before = newest.get();
      node.next = before;
    } while (!newest.compareAndSet(before, node));
    Thread sleeper = parked;
    if (sleeper != null) {
      Burst.wake(sleeper);
    }
  }

  /** Takes everything, the oldest first. */
  @Nullable Node takeAll() {
    Node node = newest.getAndSet(null);
    Node oldest = null;
    while (node != null) {
      Node before = node.next;
      node.next = oldest;
      oldest = node;
      node = before;
    }
    return oldest;
  }

  boolean isEmpty() {
    return newest.get() == null;
  }

  /** Waits until there is something, or a time has passed, or for no reason. */
  void park(long nanos) {
    park(nanos, false);
  }

  /** Waits until {@link #wake()}, whatever there is, or a time has passed, or for no reason. */
  void parkUntilWoken(long nanos) {
    park(nanos, true);
  }

  private void park(long nanos, boolean whateverThereIs) {
    parked = Thread.currentThread();
    try {
      if ((whateverThereIs || isEmpty()) && !woken) {
        LockSupport.parkNanos(this, nanos);
      }
    } finally {
      parked = null;
      woken = false;
    }
  }

  /** Ends a {@link #park}, also one that is about to begin. */
  void wake() {
    woken = true; // before the look at the sleeper, who looks at it after saying that he sleeps
    Thread sleeper = parked;
    if (sleeper != null) {
      LockSupport.unpark(sleeper);
    }
  }
}
