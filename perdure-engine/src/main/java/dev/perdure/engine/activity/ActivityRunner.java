package dev.perdure.engine.activity;

import java.util.List;

/** Runs activities for partitions. Safe from any thread; methods do not block. */
@FunctionalInterface
public interface ActivityRunner {
  /** Runs an activity as soon as it is its turn. */
  void dispatch(ActivityWork work);

  /**
   * Does not run activities any more that wait for their turn: nobody wants their results. Those
   * that run go on.
   */
  default void withdraw(List<ActivityWork> unwanted) {}
}
