package dev.perdure.grpc;

import dev.perdure.engine.Engine;
import java.util.Objects;

/**
 * A task hub that is open: everything a call works on. There is one object for each hub as long as
 * it is open, so it can be a key.
 */
public final class Hub {
  private final String name;
  private final Engine engine;

  /**
   * Describes an open hub.
   *
   * @param name how callers name it
   * @param engine what runs it
   */
  public Hub(String name, Engine engine) {
    this.name = Objects.requireNonNull(name);
    this.engine = Objects.requireNonNull(engine);
  }

  /** How callers name it, in the metadata {@code taskhub}. */
  public String name() {
    return name;
  }

  /** What runs it. */
  public Engine engine() {
    return engine;
  }

  @Override
  public String toString() {
    return "Hub[" + name + "]";
  }
}
