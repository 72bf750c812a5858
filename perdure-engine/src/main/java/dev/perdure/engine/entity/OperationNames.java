package dev.perdure.engine.entity;

import org.jspecify.annotations.Nullable;

/** What an operation may be called. */
public final class OperationNames {
  private static final int CHARS_MAX = 200;

  private OperationNames() {}

  /**
   * Checks the name of an operation.
   *
   * @throws IllegalArgumentException if it cannot be one
   */
  public static void check(@Nullable String name) {
    if (name == null || name.isBlank()) {
      throw new IllegalArgumentException(
          "The name of the operation is %s. Name one of the entity's operations."
              .formatted(name == null ? "null" : "empty"));
    }
    if (name.length() > CHARS_MAX) {
      throw new IllegalArgumentException(
          "The name of an operation has %d characters; use %d or fewer."
              .formatted(name.length(), CHARS_MAX));
    }
    // What cannot be stored as it is would be another name when it is replayed.
    if (name.codePoints().anyMatch(c -> Character.isISOControl(c) || isHalf(c))) {
      throw new IllegalArgumentException(
          "The name of an operation holds a control character, or half a character (a lone"
              + " surrogate).");
    }
  }

  /** In a text, code points in the range of surrogates are those without their other half. */
  private static boolean isHalf(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }
}
