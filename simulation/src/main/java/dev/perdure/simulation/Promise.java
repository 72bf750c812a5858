package dev.perdure.simulation;

import org.jspecify.annotations.Nullable;

/** An orchestration that was started, or may have been, and what is known of it. */
final class Promise {
  private final String id;
  private final String name;
  private final Object input;
  private final @Nullable Object output;
  private final boolean remote;
  boolean acknowledged;
  boolean mayBeTerminated;

  /** Whether it is suspended for certain: that was acknowledged, and nobody has resumed it. */
  boolean suspended;

  /** How often somebody wanted it to go on. */
  int resumesAsked;

  /** How many of those who want it to go on have no answer yet. */
  int resumesUnderWay;

  /** How it has ended, once somebody has seen that. */
  @Nullable String end;

  /**
   * An orchestration that has not been started yet.
   *
   * @param output what it has to end with; null if that depends on others
   * @param remote whether its code runs at a remote worker
   */
  Promise(String id, String name, Object input, @Nullable Object output, boolean remote) {
    this.id = id;
    this.name = name;
    this.input = input;
    this.output = output;
    this.remote = remote;
  }

  String id() {
    return id;
  }

  String name() {
    return name;
  }

  Object input() {
    return input;
  }

  @Nullable Object output() {
    return output;
  }

  boolean isRemote() {
    return remote;
  }

  /** Whether it was seen to have ended well. */
  boolean isCompleted() {
    return end != null && end.startsWith("COMPLETED");
  }
}
