package dev.perdure.engine;

import dev.perdure.engine.partition.Loop;
import java.time.Duration;
import java.util.concurrent.Executor;

/** What an engine runs itself on: its loop, its commits, and its writing of rows. */
public interface HostThreads {
  /** Runs commits, one after the other. */
  Executor commits();

  /** Writes rows, one task after the other. */
  Executor rows();

  /** Has a loop run until it is stopped. */
  void begin(Loop loop);

  /**
   * Has something done in the background again and again, at most so often, until {@link #end}. It
   * is a check of the engine by itself: hosts that own every step may leave it out.
   */
  default void every(Duration interval, Runnable task) {}

  /**
   * Has the calling thread wait, or less long if it is interrupted. What the engine waits for in
   * this way only spreads its work; nothing has to happen at that time.
   */
  void pause(Duration time);

  /** Waits until the loop, which was told to stop, has ended, and what was handed over is done. */
  void end();
}
