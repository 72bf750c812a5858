package dev.perdure.functions.timer;

import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.Outcome;
import dev.perdure.functions.trigger.Trigger;
import dev.perdure.functions.trigger.Value;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs one function by the clock. All of its runs are on one virtual thread, so that they never
 * overlap.
 *
 * <p>Where the timer stands is written down after each run. A crash of the host in the middle of a
 * run, or a run that is cut off because the host closes, leaves the time at which it was due, and
 * the next start repeats it as past due. Functions of timers have to stand that.
 */
final class ScheduledFunction implements Trigger {
  private static final System.Logger LOG = System.getLogger("dev.perdure.functions.timer");

  /** How long a run that was interrupted may take to notice. */
  private static final Duration INTERRUPTED = Duration.ofSeconds(1);

  private final String name;
  private final Timetable timetable;
  private final boolean runOnStartup;
  private final @Nullable TimerMonitor monitor;
  private final FunctionRunner runner;
  private final InstantSource clock;
  private final Ticker ticker;
  private final Duration closing;

  private volatile @Nullable TimerStatus status;
  private volatile boolean cutOff;
  private @Nullable Thread thread;
  private boolean waiting;
  private boolean closed;

  /** Why the function runs. */
  private enum Cause {
    SCHEDULE,
    PAST_DUE,
    STARTUP
  }

  /**
   * A timer that has not begun.
   *
   * @param monitor remembers where it stands; null if nobody does
   * @param closing how long a run may go on when the host closes, before it is interrupted
   */
  ScheduledFunction(
      String name,
      Timetable timetable,
      boolean runOnStartup,
      @Nullable TimerMonitor monitor,
      FunctionRunner runner,
      InstantSource clock,
      Ticker ticker,
      Duration closing) {
    this.name = name;
    this.timetable = timetable;
    this.runOnStartup = runOnStartup;
    this.monitor = monitor;
    this.runner = runner;
    this.clock = clock;
    this.ticker = ticker;
    this.closing = closing;
  }

  @Override
  public synchronized void start() {
    if (!closed) {
      thread = Thread.ofVirtual().name("timer " + name).start(this::live);
    }
  }

  @Override
  public Invocation byHand(String input) {
    TimerStatus known = status;
    Instant now = clock.instant();
    return invocation(
        known == null ? timetable.begin(now) : known,
        false,
        now,
        "This function was programmatically called via the host APIs.");
  }

  // ---- running --------------------------------------------------------------------------------

  private void live() {
    try {
      TimerStatus current = begin();
      while (true) {
        waitFor(current.next());
        current = run(current, Cause.SCHEDULE);
      }
    } catch (InterruptedException e) {
      // The host closes.
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "Timer '%s' has stopped because of a defect.".formatted(name), e);
    }
  }

  private TimerStatus begin() throws InterruptedException {
    TimerStatus known = monitor == null ? null : monitor.read();
    Instant now = clock.instant();
    TimerStatus current = timetable.resume(known, now);
    if (!current.equals(known)) {
      remember(current);
    }
    status = current;
    if (current.next().isBefore(now)) {
      return run(current, Cause.PAST_DUE);
    }
    return runOnStartup ? run(current, Cause.STARTUP) : current;
  }

  private void waitFor(Instant time) throws InterruptedException {
    beginWaiting();
    try {
      ticker.await(time, clock);
    } finally {
      endWaiting();
    }
  }

  private synchronized void beginWaiting() throws InterruptedException {
    goOn();
    waiting = true;
  }

  private synchronized void endWaiting() {
    waiting = false;
  }

  /** Throws if the host closes. */
  private synchronized void goOn() throws InterruptedException {
    if (closed) {
      throw new InterruptedException();
    }
  }

  private TimerStatus run(TimerStatus before, Cause cause) throws InterruptedException {
    goOn();
    Instant began = clock.instant();
    boolean succeeded = succeeds(invocation(before, cause == Cause.PAST_DUE, began, reason(began)));
    if (cutOff && !succeeded) {
      throw new InterruptedException();
    }
    Thread.interrupted(); // that the host closes is known elsewhere
    TimerStatus after = timetable.afterRun(before, cause == Cause.SCHEDULE, began, clock.instant());
    status = after;
    remember(after);
    return after;
  }

  private boolean succeeds(Invocation invocation) throws InterruptedException {
    try {
      Outcome outcome = runner.run(invocation);
      if (!outcome.succeeded()) {
        LOG.log(
            Level.ERROR,
            "Function '%s' has failed; its timer runs it again when it is due.".formatted(name),
            outcome.failure());
      }
      return outcome.succeeded();
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "Timer '%s' could not run its function.".formatted(name), e);
      return false;
    }
  }

  private void remember(TimerStatus current) {
    if (monitor != null) {
      monitor.write(current);
    }
  }

  private String reason(Instant now) {
    return "Timer fired at " + TimerInfo.text(now, timetable.zone());
  }

  private Invocation invocation(
      TimerStatus current, boolean isPastDue, Instant now, String reason) {
    TimerInfo info =
        new TimerInfo(
            timetable.schedule().followsLocalTime(), monitor == null ? null : current, isPastDue);
    return new Invocation(
        new Value.Text(info.toJson(timetable.zone())),
        Map.of("TimerTrigger", new Value.Text(TimerInfo.text(now, timetable.zone()))),
        reason,
        null);
  }

  // ---- closing --------------------------------------------------------------------------------

  @Override
  public void close() {
    Thread running = stop();
    if (running == null) {
      return;
    }
    try {
      if (!running.join(closing)) {
        LOG.log(
            Level.WARNING,
            "The run of timer '%s' is cut off because the host closes. The next start repeats it if the timer is monitored."
                .formatted(name));
        cutOff = true;
        running.interrupt();
        running.join(INTERRUPTED);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets no further run begin. A run that is under way is not interrupted, a wait is. */
  private synchronized @Nullable Thread stop() {
    closed = true;
    Thread running = thread;
    if (running != null && waiting) {
      running.interrupt();
    }
    return running;
  }
}
