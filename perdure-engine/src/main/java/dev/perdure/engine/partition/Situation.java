package dev.perdure.engine.partition;

import java.time.InstantSource;

/**
 * What a partition is going through: whether it takes steps, and whether there was a crash. Set by
 * the partition; used by its thread only.
 */
final class Situation {
  /** How long after a crash the first step of an orchestration is taken for a repeated one. */
  private static final long SUSPICION_MILLIS = 60_000;

  private final LoopMode mode;
  private final InstantSource clock;
  private long suspicionEnds;
  private boolean recovered;

  /** Whether nothing is in memory, because the store could not be read or written. */
  boolean down = true;

  /** Whether the hub is being closed. */
  boolean stopping;

  /** Whether a host died with this partition in its hands. */
  boolean crashed;

  /** Whether instances that were active may still have to be taken up. */
  boolean scanning;

  /**
   * Whether all that was active when the host began has been taken up, and handed out if it was
   * under way; durable.
   */
  boolean started;

  Situation(LoopMode mode, InstantSource clock) {
    this.mode = mode;
    this.clock = clock;
  }

  LoopMode mode() {
    return mode;
  }

  /** Whether code may be run: not while the partition is down or being stopped. */
  boolean takesSteps() {
    return mode == LoopMode.RUN && !down && !stopping;
  }

  /**
   * The partition has been recovered from the store. A failed commit is no crash, but does not end
   * the time after one either: what this host has not handed out yet may have killed the last one.
   *
   * @param afterCrash whether the last one to have the partition did not close it
   */
  void recovered(boolean afterCrash) {
    crashed = recovered ? isSuspicious() || (crashed && !started) : afterCrash;
    recovered = true;
    suspicionEnds = clock.millis() + SUSPICION_MILLIS;
  }

  /** Whether whatever begins now may be what killed the host before. */
  boolean isSuspicious() {
    return crashed && clock.millis() <= suspicionEnds;
  }

  /** What was to last some time after now still does. */
  void clockWentBack(long millis) {
    suspicionEnds -= millis;
  }
}
