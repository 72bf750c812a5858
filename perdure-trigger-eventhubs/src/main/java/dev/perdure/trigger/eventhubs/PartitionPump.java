package dev.perdure.trigger.eventhubs;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Brings the events of one partition to a function: in order, one run at a time, in batches of what
 * is there. Whoever fetches events waits when the function does not keep up. Safe from any thread.
 *
 * @param <E> the events
 */
final class PartitionPump<E> {
  /** How long a partition may be idle before what is done is written down without more batches. */
  private static final Duration IDLE = Duration.ofMinutes(10);

  /** What is done with events. */
  interface Work<E> {
    /**
     * Runs the function for a batch.
     *
     * @return the last event that is done; null if none is
     * @throws InterruptedException if the run was interrupted, and counts as none
     */
    @Nullable E run(List<E> batch) throws InterruptedException;

    /** Writes down that all up to this event is done. */
    void checkpoint(E last);
  }

  /**
   * How batches are formed.
   *
   * @param max events at most
   * @param min events that are waited for
   * @param patience how long they are waited for
   * @param frequency a checkpoint is written every so many batches; 0 for none at all
   */
  record Batching(int max, int min, Duration patience, int frequency) {}

  /** An event, or that there will be none any more. */
  private record Item<E>(@Nullable E event) {}

  private final Batching batching;
  private final Work<E> work;
  private final BlockingQueue<Item<E>> queue;
  private final Thread thread;
  private volatile boolean stopped;
  private volatile boolean lost;

  /** Of the thread alone. */
  private int batchesSince;

  private @Nullable E unwritten;

  /**
   * A pump that has begun.
   *
   * @param name for its thread
   * @param capacity events that wait for the function at most
   */
  PartitionPump(String name, Batching batching, int capacity, Work<E> work) {
    this.batching = batching;
    this.work = work;
    this.queue = new LinkedBlockingQueue<>(Math.max(capacity, batching.max()));
    this.thread = Thread.ofVirtual().name(name).start(this::live);
  }

  /**
   * Takes the next event; waits while too many wait. Does nothing once the pump has stopped.
   *
   * @throws InterruptedException if the thread is interrupted
   */
  void add(E event) throws InterruptedException {
    Item<E> item = new Item<>(event);
    while (!stopped && !queue.offer(item, 200, TimeUnit.MILLISECONDS)) {
      // The function does not keep up.
    }
  }

  /** Another host has the partition: nothing more is run, and nothing written. */
  void lose() {
    lost = true;
    stop();
  }

  /** Lets no further run begin. */
  void stop() {
    stopped = true;
    queue.clear();
    queue.offer(new Item<>(null));
  }

  /**
   * Waits until a run that is under way has ended, and interrupts it after a time.
   *
   * @return whether it had ended by itself
   */
  boolean await(Duration patience, Duration afterInterrupt) throws InterruptedException {
    if (thread.join(patience)) {
      return true;
    }
    thread.interrupt();
    thread.join(afterInterrupt);
    return false;
  }

  private void live() {
    try {
      while (!stopped) {
        List<E> batch = next();
        if (!batch.isEmpty() && !stopped) {
          run(batch);
        }
      }
    } catch (InterruptedException e) {
      return; // The run that was interrupted comes again.
    }
    writeDown();
  }

  private void run(List<E> batch) throws InterruptedException {
    E done = work.run(batch);
    if (done == null) {
      return;
    }
    unwritten = done;
    batchesSince++;
    if (batching.frequency() > 0 && batchesSince >= batching.frequency()) {
      writeDown();
    }
  }

  private void writeDown() {
    E last = unwritten;
    if (last != null && !lost && batching.frequency() > 0) {
      work.checkpoint(last);
    }
    unwritten = null;
    batchesSince = 0;
  }

  /** What is there; empty if nothing has come for long, or the pump has stopped. */
  private List<E> next() throws InterruptedException {
    Item<E> first = queue.poll(IDLE.toMillis(), TimeUnit.MILLISECONDS);
    if (first == null) {
      writeDown();
      return List.of();
    }
    List<Item<E>> items = new ArrayList<>();
    items.add(first);
    queue.drainTo(items, batching.max() - 1);
    if (batching.min() > 1) {
      fill(items);
    }
    List<E> batch = new ArrayList<>(items.size());
    for (Item<E> item : items) {
      if (item.event() != null) {
        batch.add(item.event());
      }
    }
    return batch;
  }

  private void fill(List<Item<E>> items) throws InterruptedException {
    long deadline = System.nanoTime() + batching.patience().toNanos();
    while (items.size() < batching.min() && !stopped) {
      Item<E> more = queue.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (more == null) {
        return;
      }
      items.add(more);
      queue.drainTo(items, batching.max() - items.size());
    }
  }
}
