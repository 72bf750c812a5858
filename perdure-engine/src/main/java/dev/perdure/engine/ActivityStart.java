package dev.perdure.engine;

/** When an activity may start. */
public enum ActivityStart {
  /** Once its schedule is durable. An activity never runs for a schedule that a crash undoes. */
  STRICT,
  /**
   * At once, while the commit of its schedule is under way. A crash may undo the schedule of an
   * activity that has run; it then runs again, perhaps with another input if the orchestrator got
   * there by another way. Replies to clients wait for the commit all the same.
   */
  PIPELINED
}
