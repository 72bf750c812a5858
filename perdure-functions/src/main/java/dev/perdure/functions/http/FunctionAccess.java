package dev.perdure.functions.http;

import dev.perdure.http.Access;
import org.jspecify.annotations.Nullable;

/** Who may call a function. Implementations are safe from any thread. */
@FunctionalInterface
public interface FunctionAccess {
  /** How much is demanded of callers. */
  enum Level {
    /** Nothing. */
    ANONYMOUS,
    /** A key of the function, of the host, or the master key. */
    FUNCTION,
    /** The master key. */
    ADMIN
  }

  /**
   * What to demand of callers.
   *
   * @param function the name of the function
   * @return null if nothing is demanded
   */
  @Nullable Access of(String function, Level level);
}
