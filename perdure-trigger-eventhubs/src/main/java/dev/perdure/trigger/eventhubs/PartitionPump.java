package dev.perdure.trigger.eventhubs;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
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
     * @param state of the pump: it is told what is done, and nothing more is begun once it has
     *     stopped
     * @throws InterruptedException if the run was interrupted, and counts as none
     */
    void run(List<E> batch, State<E> state) throws InterruptedException;

    /**
     * Writes down that all up to this event is done.
     *
     * @return false if it could not be written; it is asked for again then, unless a later event is
     */
    boolean checkpoint(E last);

    /** The pump has come to an unexpected end. */
    void failed(Throwable failure);
  }

  /** What happens to a pump while it runs a function. */
  interface State<E> {
    /** Whether it has been told to stop. */
    boolean stopped();

    /** Whether the run under way counts as none: its partition is another's, or it was cut off. */
    boolean lost();

    /** All up to this event is done, unless the run counts as none. */
    void done(E event);
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
  private final Semaphore turn;
  private final Thread thread;
  private volatile boolean stopped;

  /** Another host has the partition: nothing is written down any more. */
  private volatile boolean lost;

  /** The run that was under way is interrupted; what was done before it is written down. */
  private volatile boolean cutOff;

  private final State<E> state =
      new State<>() {
        @Override
        public boolean stopped() {
          return stopped;
        }

        @Override
        public boolean lost() {
          return lost || cutOff;
        }

        @Override
        public void done(E event) {
          PartitionPump.this.done(event);
        }
      };

  /** These are guarded by this pump. */
  private boolean underWay;

  private int batchesSince;

  private @Nullable E unwritten;

  /**
   * A pump that has begun.
   *
   * @param name for its thread
   * @param capacity events that wait for the function at most
   * @param turn what the pumps of a partition share; one that has stopped may still run the
   *     function, and has to end before the next one begins
   */
  PartitionPump(String name, Batching batching, int capacity, Semaphore turn, Work<E> work) {
    this.batching = batching;
    this.work = work;
    this.turn = turn;
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
   * Waits until runs that are under way in some pumps have ended. Those that have not after a time
   * are interrupted together; nothing of them is written down, whatever comes of them, but what was
   * done before them is.
   *
   * @param patience how long they may go on
   * @param afterInterrupt how long they may take to notice
   * @return how many had to be interrupted
   */
  static int awaitAll(
      Collection<? extends PartitionPump<?>> pumps, Duration patience, Duration afterInterrupt)
      throws InterruptedException {
    List<PartitionPump<?>> stuck = new ArrayList<>();
    long deadline = System.nanoTime() + patience.toNanos();
    for (PartitionPump<?> pump : pumps) {
      if (!pump.join(deadline)) {
        stuck.add(pump);
      }
    }
    for (PartitionPump<?> pump : stuck) {
      pump.cutOff();
    }
    deadline = System.nanoTime() + afterInterrupt.toNanos();
    for (PartitionPump<?> pump : stuck) {
      if (!pump.join(deadline)) {
        pump.writeDown(); // its function takes no notice, so nobody else will
      }
    }
    return stuck.size();
  }

  /** Whether nothing comes of it any more. */
  boolean hasEnded() {
    return !thread.isAlive();
  }

  private boolean join(long deadline) throws InterruptedException {
    return thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
  }

  /** Interrupts a run, but never the writing down of what is done. */
  private synchronized void cutOff() {
    cutOff = true;
    if (underWay) {
      thread.interrupt();
    }
  }

  private void live() {
    try {
      if (awaitTurn()) {
        try {
          pump();
        } finally {
          turn.release();
        }
      }
    } catch (InterruptedException e) {
      // The run that was interrupted comes again.
    } catch (RuntimeException | Error e) {
      stop();
      work.failed(e);
    }
  }

  private boolean awaitTurn() throws InterruptedException {
    while (!stopped) {
      if (turn.tryAcquire(200, TimeUnit.MILLISECONDS)) {
        return true;
      }
    }
    return false;
  }

  private void pump() throws InterruptedException {
    try {
      while (!stopped) {
        List<E> batch = next();
        if (!batch.isEmpty() && begin()) {
          run(batch);
        }
      }
    } finally {
      writeDown();
    }
  }

  private synchronized boolean begin() {
    underWay = !stopped;
    return underWay;
  }

  private void run(List<E> batch) throws InterruptedException {
    try {
      work.run(batch, state);
    } finally {
      end();
    }
    if (isTimeToWrite()) {
      writeDown();
    }
  }

  private synchronized void end() {
    underWay = false;
    boolean unused = Thread.interrupted(); // whoever set it, a function or the end, it is over now
  }

  private synchronized void done(E event) {
    if (!state.lost()) {
      unwritten = event;
    }
  }

  private synchronized boolean isTimeToWrite() {
    batchesSince++;
    return batchesSince >= batching.frequency();
  }

  private void writeDown() {
    E last = takeUnwritten();
    if (last != null && !lost && batching.frequency() > 0 && !work.checkpoint(last)) {
      keepUnwritten(last);
    }
  }

  private synchronized void keepUnwritten(E last) {
    if (unwritten == null) {
      unwritten = last;
    }
  }

  private synchronized @Nullable E takeUnwritten() {
    E last = unwritten;
    unwritten = null;
    batchesSince = 0;
    return last;
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
