package dev.perdure.trigger.storage;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Names of queues. */
final class QueueNames {
  private static final int LENGTH_MIN = 3;
  private static final int LENGTH_MAX = 63;
  private static final Pattern NAME = Pattern.compile("[a-z0-9](?:-?[a-z0-9])+");
  private static final String POISON = "-poison";

  private QueueNames() {}

  /**
   * A name as queues have it: in lower case.
   *
   * @throws IllegalArgumentException if no queue can have it
   */
  static String checked(String name) {
    String lower = name.strip().toLowerCase(Locale.ROOT);
    if (lower.length() < LENGTH_MIN
        || lower.length() > LENGTH_MAX
        || !NAME.matcher(lower).matches()) {
      throw new IllegalArgumentException(
          "'%s' cannot be the name of a queue: it has to be 3 to 63 letters, digits and single hyphens, and begins and ends with a letter or a digit."
              .formatted(name));
    }
    return lower;
  }

  /** The queue for messages of a queue that fail again and again; null if it has none. */
  static @Nullable String poison(String queue) {
    return queue.endsWith(POISON) || queue.length() + POISON.length() > LENGTH_MAX
        ? null
        : queue + POISON;
  }
}
