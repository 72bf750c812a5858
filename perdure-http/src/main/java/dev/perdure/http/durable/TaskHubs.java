package dev.perdure.http.durable;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The task hubs that can be reached. Implementations are safe from any thread. */
@FunctionalInterface
public interface TaskHubs {
  /**
   * A hub. None is made.
   *
   * @param name what the caller calls it; null for the default one
   * @return empty if there is none
   * @throws IllegalArgumentException if no hub can be called so
   */
  Optional<TaskHub> find(@Nullable String name);

  /**
   * One hub, which is also the default, and found as {@code default}. Names are the same in upper
   * and lower case.
   */
  static TaskHubs of(TaskHub hub) {
    return name ->
        name == null || name.equalsIgnoreCase(hub.name()) || name.equalsIgnoreCase("default")
            ? Optional.of(hub)
            : Optional.empty();
  }
}
