package dev.perdure.functions.invoke;

import dev.perdure.functions.trigger.Outcome;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An attempt at running a function, on a thread that is there for it alone: when its time is over
 * it is interrupted, and when it goes on all the same nobody waits for it any longer. What a
 * function does to its thread, such as leaving it interrupted, does not reach whoever waits for it.
 */
final class Run {
  /** How long a run may go on after it was interrupted because its time is over. */
  static final Duration GRACE = Duration.ofSeconds(5);

  private static final System.Logger LOG = System.getLogger("dev.perdure.functions");

  /** Those that nobody waits for and that go on. */
  private static final AtomicInteger LEFT = new AtomicInteger();

  /** What is to be done; all that it throws is part of what comes of it. */
  @FunctionalInterface
  interface Body {
    Outcome run(Run run, Deadline deadline);
  }

  private final String function;
  private final @Nullable Duration limit;
  private final Duration grace;
  private final Body body;
  private final CompletableFuture<Outcome> end = new CompletableFuture<>();
  private volatile boolean cutOff;
  private BooleanSupplier stops = () -> cutOff;

  /**
   * A run that has not begun.
   *
   * @param function its name, for messages
   * @param limit how long it may take before it is interrupted; null for no limit
   * @param grace how long it may go on then
   */
  Run(String function, @Nullable Duration limit, Duration grace, Body body) {
    this.function = function;
    this.limit = limit;
    this.grace = grace;
    this.body = body;
  }

  /**
   * Runs it on this thread, which nothing else needs any more.
   *
   * @param stops whether whoever wanted it stops, and the thread has been interrupted therefore
   * @param then gets what came of it: on this thread, or on another if it is given up
   */
  void here(BooleanSupplier stops, Consumer<Outcome> then) {
    this.stops = stops;
    var unused = end.thenAccept(then);
    live();
  }

  /**
   * Runs it on a new thread and waits for its end. If the thread that waits is interrupted
   * meanwhile, the run is too, and the thread is interrupted when this returns.
   */
  Outcome await() {
    Thread thread = Thread.ofVirtual().inheritInheritableThreadLocals(false).unstarted(this::live);
    thread.start();
    try {
      while (true) {
        try {
          return end.get();
        } catch (InterruptedException e) {
          cutOff = true;
          thread.interrupt();
        }
      }
    } catch (ExecutionException e) {
      return new Outcome(null, e.getCause());
    } finally {
      if (cutOff) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void live() {
    Thread thread = Thread.currentThread();
    thread.setName("function " + function);
    ClassLoader loader = thread.getContextClassLoader();
    Outcome outcome;
    try (Deadline deadline = Deadline.in(limit, grace, this::leave)) {
      outcome = body.run(this, deadline);
    } catch (Throwable e) {
      outcome = new Outcome(null, e);
    }
    // What follows is the host's.
    boolean unused = Thread.interrupted();
    thread.setContextClassLoader(loader);
    if (!end.complete(outcome)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "The run of function ''{0}'' that was given up has ended; what came of it is dropped.{1}",
          function,
          others(LEFT.decrementAndGet()));
    }
  }

  private void leave() {
    Outcome outcome =
        new Outcome(
            null,
            new TimeoutException(
                "The function took longer than %s and was interrupted, but went on, and was given up after %s. The limit is functionTimeout in host.json."
                    .formatted(limit, grace)));
    // A thread of the system: runs that compute may have all those that virtual threads run on.
    var unused =
        Thread.ofPlatform()
            .daemon()
            .name("given up: function " + function)
            .start(() -> giveUp(outcome));
  }

  private void giveUp(Outcome outcome) {
    int others = LEFT.getAndIncrement(); // first: the run may end meanwhile, and count itself out
    if (end.complete(outcome)) {
      LOG.log(
          System.Logger.Level.ERROR,
          "A run of function ''{0}'' goes on although it took longer than {1} and was interrupted. It has failed, and nobody waits for it any longer, but its thread cannot be stopped: let the function end when it is interrupted, or start the host again.{2}",
          function,
          limit,
          others(others));
    } else {
      LEFT.decrementAndGet();
    }
  }

  private static String others(int count) {
    return count == 0 ? "" : " Others that were given up and go on: " + count + ".";
  }

  /** Whether whoever waits for it was interrupted, and wants no other attempt. */
  boolean isCutOff() {
    return cutOff;
  }

  /**
   * Called by the run itself: takes back the interrupt that the function has left on its thread,
   * such as after it has caught several exceptions as one. It is not for what the host does next.
   */
  void forgetInterrupt() {
    boolean unused = Thread.interrupted();
    if (stops.getAsBoolean()) {
      Thread.currentThread().interrupt(); // that one is
    }
  }
}
