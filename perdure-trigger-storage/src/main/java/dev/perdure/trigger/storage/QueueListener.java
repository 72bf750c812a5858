package dev.perdure.trigger.storage;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Takes messages from a queue and has them worked on, several at a time, each on a virtual thread.
 * A message is deleted when that has succeeded; so each is worked on at least once. Safe from any
 * thread.
 */
final class QueueListener implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.perdure.trigger.storage");

  /** How long work that was interrupted may take to notice. */
  private static final Duration INTERRUPTED = Duration.ofSeconds(1);

  /** Works on messages. */
  interface Worker {
    /**
     * Works on a message.
     *
     * @throws InterruptedException if the thread is interrupted, which means that the host closes
     */
    Fate.Result work(Received message) throws InterruptedException;

    /** Where a message goes that fails again and again; null for nowhere. */
    @Nullable MessageQueue poison(Received message);

    /** The queue does not exist, and is waited for. Said once. */
    void missing();
  }

  private final String function;
  private final MessageQueue queue;
  private final Dequeuing options;
  private final Worker worker;
  private final Duration closing;
  private final Doorbell doorbell = new Doorbell();
  private final GentleListening listening;

  // Guarded by this.
  private final Set<Thread> working = new HashSet<>();
  private LocalNotices.@Nullable Registration notices;

  private volatile boolean saidMissing;
  private volatile boolean cutOff;

  /**
   * A listener that has not begun.
   *
   * @param function the function for which it listens, for the log
   * @param closing how long work may go on when the host closes, before it is interrupted
   */
  QueueListener(
      String function, MessageQueue queue, Dequeuing options, Worker worker, Duration closing) {
    this.function = function;
    this.queue = queue;
    this.options = options;
    this.worker = worker;
    this.closing = closing;
    this.listening = new GentleListening(function, this::listen, this::wake);
  }

  /** Begins; called once. */
  synchronized void start() {
    if (!listening.isClosed()) {
      notices = LocalNotices.listen(queue.address(), ignored -> doorbell.ring());
      listening.start();
    }
  }

  /** Has the queue looked at now. */
  private void wake() {
    doorbell.ring();
    synchronized (this) {
      notifyAll();
    }
  }

  // ---- reading --------------------------------------------------------------------------------

  private void listen(Runnable up) throws StorageException, InterruptedException {
    Backoff backoff =
        new Backoff(options.pollingMax(), () -> ThreadLocalRandom.current().nextDouble());
    boolean isUp = false;
    while (awaitRoom()) {
      long rings = doorbell.rings();
      Optional<List<Received>> found = queue.receive(options.batchSize(), options.held());
      if (!isUp) {
        up.run();
        isUp = true;
      }
      noteMissing(found.isEmpty());
      List<Received> messages = found.orElse(List.of());
      messages.forEach(this::begin);
      if (!messages.isEmpty() || doorbell.await(rings, backoff.next())) {
        backoff.reset();
      }
    }
  }

  private void noteMissing(boolean missing) {
    if (missing && !saidMissing) {
      worker.missing();
    }
    saidMissing = missing;
  }

  /** Waits until there may be more messages; false if the host closes. */
  private synchronized boolean awaitRoom() throws InterruptedException {
    while (!listening.isClosed() && working.size() > options.newBatchThreshold()) {
      wait();
    }
    return !listening.isClosed();
  }

  // ---- working --------------------------------------------------------------------------------

  private synchronized void begin(Received message) {
    Thread thread =
        Thread.ofVirtual()
            .name("queue " + queue.name() + " " + message.id())
            .unstarted(() -> live(message));
    working.add(thread);
    thread.start();
  }

  private synchronized void end() {
    working.remove(Thread.currentThread());
    notifyAll();
  }

  private void live(Received message) {
    Hold hold = new Hold(queue, message, options.held());
    try {
      MessageQueue poison = worker.poison(message);
      Fate fate = Fate.taken(message.dequeueCount(), options, poison != null);
      if (fate instanceof Fate.Run) {
        fate = Fate.after(result(message), message.dequeueCount(), options, poison != null);
      }
      settle(fate, message, hold, poison);
    } catch (RuntimeException | Error e) {
      LOG.log(
          Level.ERROR,
          "Message %s of the queue '%s' could not be worked on because of a defect."
              .formatted(message.id(), queue.name()),
          e);
    } finally {
      hold.leave();
      end();
    }
  }

  private Fate.Result result(Received message) {
    if (listening.isClosed()) {
      return Fate.Result.CUT_OFF;
    }
    Fate.Result result;
    try {
      result = worker.work(message);
    } catch (InterruptedException e) {
      result = Fate.Result.CUT_OFF;
    }
    return cutOff && result == Fate.Result.FAILED ? Fate.Result.CUT_OFF : result;
  }

  private void settle(Fate fate, Received message, Hold hold, @Nullable MessageQueue poison) {
    boolean unused = Thread.interrupted(); // or nothing could be said to the queue any more
    try {
      switch (fate) {
        case Fate.Delete delete -> hold.delete();
        case Fate.Return(Duration after) -> {
          hold.giveBack(after);
          if (after.isZero()) {
            wake();
          }
        }
        case Fate.Poison toPoison -> {
          MessageQueue target = Objects.requireNonNull(poison);
          target.send(message.text());
          LocalNotices.tell(target.address(), "");
          hold.delete();
          LOG.log(
              Level.ERROR,
              "Message %s of the queue '%s' was taken %d times without success; it is now in the queue '%s'."
                  .formatted(message.id(), queue.name(), message.dequeueCount(), target.name()));
        }
        case Fate.Renew(Duration after) -> {
          queue.send(message.text(), after);
          hold.delete();
        }
        case Fate.Leave leave -> {
          // It is seen again when its time is over.
        }
        case Fate.Run run -> throw new IllegalStateException("It was run.");
      }
    } catch (StorageException e) {
      LOG.log(
          Level.ERROR,
          "Message %s of the queue '%s' was worked on, but the queue could not be told; it comes again. %s"
              .formatted(message.id(), queue.name(), e.getMessage()));
    } catch (InterruptedException e) {
      // The host closes, and has waited long enough; the message comes again.
    }
  }

  // ---- closing --------------------------------------------------------------------------------

  /**
   * Takes no more messages, and lets what is being worked on end for a short time. The rest is
   * given back to the queue.
   */
  @Override
  public void close() {
    LocalNotices.Registration registered = registration();
    if (registered != null) {
      registered.close();
    }
    // Messages that are on their way here would stay invisible for long if reading was cut off.
    listening.close();
    try {
      if (!awaitWork(closing)) {
        cutOff = true;
        LOG.log(
            Level.WARNING,
            "Function '%s' is cut off because the host closes. What it was working on, %d of the queue '%s', comes again."
                .formatted(function, interrupt(), queue.name()));
        boolean unused = awaitWork(INTERRUPTED);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized LocalNotices.@Nullable Registration registration() {
    return notices;
  }

  /** Waits until nothing is worked on, for a time at most. */
  private synchronized boolean awaitWork(Duration time) throws InterruptedException {
    long deadline = System.nanoTime() + time.toNanos();
    while (!working.isEmpty()) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      wait(Math.max(1, left / 1_000_000));
    }
    return true;
  }

  private synchronized int interrupt() {
    working.forEach(Thread::interrupt);
    return working.size();
  }
}
