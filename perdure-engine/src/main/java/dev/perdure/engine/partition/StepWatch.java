package dev.perdure.engine.partition;

import dev.perdure.engine.UserCode;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.function.LongSupplier;

/**
 * Reports steps of orchestrators and operations of entities that take long: code that computes, or
 * that blocks on something that is no task of its context. Each step is reported once.
 */
final class StepWatch {
  private static final System.Logger LOG = System.getLogger("dev.perdure.orchestrator");

  /** Reports made in one go: a log full of stacks says no more than a few do. */
  private static final int REPORTS_AT_ONCE = 5;

  private final long warningNanos;
  private final String warningText;
  private final LongSupplier nanoTime;
  private final LinkedHashSet<Resident> busy = new LinkedHashSet<>();
  private int stuck;

  StepWatch(Duration warning, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    warningNanos = warning.toNanos();
    warningText = warning.toString();
  }

  void began(Resident r) {
    r.stepReported = false;
    busy.add(r);
  }

  void ended(Resident r) {
    if (busy.remove(r) && r.stepReported) {
      stuck--;
    }
  }

  /**
   * Steps under way, without those that were reported: a few that never end must not hold up all.
   */
  int running() {
    return busy.size() - stuck;
  }

  boolean isEmpty() {
    return busy.isEmpty();
  }

  void clear() {
    busy.clear();
    stuck = 0;
  }

  /** Looks at the steps under way. */
  void check() {
    long now = nanoTime.getAsLong();
    int reports = 0;
    for (Resident r : busy) {
      UserCode code = r.code();
      if (code != null
          && !r.stepReported
          && now - code.startedNanos() >= warningNanos
          && !code.isQueued()) {
        r.stepReported = true;
        stuck++;
        report(r, code);
        reports++;
        if (reports == REPORTS_AT_ONCE) {
          return;
        }
      }
    }
  }

  private void report(Resident r, UserCode code) {
    StackTraceElement[] stack = code.stack();
    boolean blocks = code.threadState() != Thread.State.RUNNABLE;
    StringBuilder text = new StringBuilder(r.slowStep(warningText, blocks));
    for (StackTraceElement frame : stack) {
      text.append("\n\tat ").append(frame);
    }
    LOG.log(System.Logger.Level.WARNING, "{0}", text);
  }
}
