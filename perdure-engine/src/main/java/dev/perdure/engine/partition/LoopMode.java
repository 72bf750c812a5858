package dev.perdure.engine.partition;

/** What a loop does with a hub. */
public enum LoopMode {
  /** It takes up the hub's work. */
  RUN,
  /**
   * It records what clients ask for and delivers messages between instances. No code is run, no
   * timer fires, and what was set aside stays so: all that is for the next host.
   */
  RECORD,
  /** It only looks: nothing is taken up, and nothing is written. */
  LOOK
}
