package dev.perdure.grpc;

import dev.perdure.engine.Engine;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A task hub that is open: everything a call works on. There is one object for each hub as long as
 * it is open, so it can be a key.
 */
public final class Hub {
  private static final System.Logger LOG = System.getLogger("dev.perdure.grpc");

  private final String name;
  private final Engine engine;

  /** What is to be done when it closes; null once it does. */
  private @Nullable List<Runnable> closing = new ArrayList<>();

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

  /**
   * Has something done before the engine is closed, such as to send workers away; at once if it is
   * being closed already.
   */
  public void onClose(Runnable action) {
    synchronized (this) {
      if (closing != null) {
        closing.add(action);
        return;
      }
    }
    action.run();
  }

  private synchronized List<Runnable> beginToClose() {
    List<Runnable> actions = closing == null ? List.of() : closing;
    closing = null;
    return actions;
  }

  void close() {
    for (Runnable action : beginToClose()) {
      try {
        action.run();
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "Something failed while hub " + name + " closed", e);
      }
    }
    engine.close();
  }

  @Override
  public String toString() {
    return "Hub[" + name + "]";
  }
}
