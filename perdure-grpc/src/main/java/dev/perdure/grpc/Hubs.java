package dev.perdure.grpc;

import dev.perdure.engine.Engine;
import org.jspecify.annotations.Nullable;

/** The task hubs that a server offers. Safe from any thread. */
public interface Hubs {
  /**
   * The hub of a name, opened and, where this is offered, made if need be.
   *
   * @param name a valid name, in lower case
   * @throws io.grpc.StatusRuntimeException NOT_FOUND if there is none, RESOURCE_EXHAUSTED if there
   *     are too many
   */
  Hub hub(String name);

  /** The hub of a name, if that can be told at once; null if it may have to be opened. */
  default @Nullable Hub hubAtOnce(String name) {
    return null;
  }

  /**
   * Sees to it that a hub exists.
   *
   * @param recreate whether all it has is removed first
   */
  void create(String name, boolean recreate);

  /** Removes a hub with all it has. Does nothing if there is none. */
  void delete(String name);

  /**
   * A name as it is used, in lower case.
   *
   * @throws IllegalArgumentException if no hub may be called so
   */
  static String checkedName(String name) {
    return HubNames.of(name);
  }

  /** The one hub of an engine that somebody else opened and will close. */
  static Hubs of(String name, Engine engine) {
    return new SingleHub(new Hub(HubNames.of(name), engine));
  }
}
