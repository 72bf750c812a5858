package dev.perdure.trigger.sql.sqlserver;

import org.jspecify.annotations.Nullable;

/**
 * Whose state is kept in the database. Immutable.
 *
 * @param id the id of the function
 * @param earlierId an id under which its state may be from when the app had no name of its own;
 *     null for none
 */
public record TrackedFunction(String id, @Nullable String earlierId) {
  /** What stands for the id of the host if nobody has set one. */
  private static final String HOST = "perdure";

  /**
   * The ids of a function.
   *
   * @param site the name of the app; null if it has none
   * @param host the id of the host; null if it has none
   */
  public static TrackedFunction of(@Nullable String site, @Nullable String host, String function) {
    String byHost = FunctionId.of((host == null ? HOST : host) + "Functions." + function);
    return site == null
        ? new TrackedFunction(byHost, null)
        : new TrackedFunction(FunctionId.of(site + function), byHost);
  }
}
