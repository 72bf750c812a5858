package dev.perdure.engine.orchestrator;

import org.jspecify.annotations.Nullable;

/** What names events may have. */
public final class EventNames {
  private static final int CHARS_MAX = 256;

  private EventNames() {}

  /**
   * Checks the name of an external event.
   *
   * @throws IllegalArgumentException if it cannot be one
   */
  public static void check(@Nullable String name) {
    if (name == null || name.isBlank()) {
      throw new IllegalArgumentException("The name of an external event is empty.");
    }
    if (name.length() > CHARS_MAX) {
      throw new IllegalArgumentException(
          "The name of an external event has %d characters; use %d or fewer."
              .formatted(name.length(), CHARS_MAX));
    }
    // What cannot be stored as it is would be another name when it is replayed. In a text, code
    // points
    // in the range of surrogates are those without their other half.
    if (name.codePoints()
        .anyMatch(
            c ->
                Character.isISOControl(c)
                    || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE))) {
      throw new IllegalArgumentException(
          "The name of an external event holds a control character, or half a character (a lone"
              + " surrogate).");
    }
  }
}
