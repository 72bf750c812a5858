package dev.perdure.grpc;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What hubs may be called. */
public final class HubNames {
  /** The hub of callers that name none. */
  public static final String DEFAULT = "default";

  private static final int CHARS_MAX = 45;
  private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9_-]*");

  private HubNames() {}

  /**
   * The hub that a caller means. Upper and lower case are the same, so that a name is also a good
   * name of a directory everywhere.
   *
   * @param name what the caller sent; null or empty if nothing
   * @throws IllegalArgumentException if no hub may be called so
   */
  static String of(@Nullable String name) {
    if (name == null || name.isEmpty()) {
      return DEFAULT;
    }
    String folded = name.toLowerCase(Locale.ROOT);
    if (name.length() > CHARS_MAX) {
      throw new IllegalArgumentException(
          "The name of the task hub has %d characters; use %d or fewer."
              .formatted(name.length(), CHARS_MAX));
    }
    if (!isName(folded)) {
      throw new IllegalArgumentException(
          "The task hub cannot be called '%s'. Use letters, digits, '-' and '_', and begin with a letter or a digit."
              .formatted(name));
    }
    return folded;
  }

  static boolean isName(String text) {
    return text.length() <= CHARS_MAX && FORM.matcher(text).matches();
  }
}
