package dev.perdure.api;

/**
 * Why an instance was set aside.
 *
 * @param kind what sort of problem it is
 * @param message what was found, where, and what to do
 */
public record Problem(Kind kind, String message) {
  /** The sorts of problem that set an instance aside. */
  public enum Kind {
    /** Replay did something other than what the history says. */
    NONDETERMINISM,
    /** Work of the instance was under way each of several times when a host died. */
    POISON,
    /** No registered code can run the instance. */
    FUNCTION_NOT_FOUND,
    /** What is recorded cannot be turned into a runnable state: a history, or an entity's state. */
    UNREADABLE
  }
}
