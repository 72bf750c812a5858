package dev.perdure.engine.functions;

import dev.perdure.api.EntityId;
import dev.perdure.api.InvalidInstanceIdException;
import dev.perdure.api.InvalidRegistrationException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a function and its version may be called. */
public final class FunctionName {
  /** Longer names do not fit a line of a status page, and every history event carries one. */
  static final int CHARS_MAX = 200;

  /** What Perdure's own functions begin with. */
  static final String RESERVED_PREFIX = "perdure.";

  private FunctionName() {}

  /**
   * Checks the name by which a function is to be started or called. How long names may be is for
   * whoever registers functions to say.
   *
   * @throws IllegalArgumentException if no function can be called so
   */
  public static void check(String name) {
    String defect = defect(name);
    if (defect != null) {
      throw new IllegalArgumentException(
          "The name of the function %s. Use the name that it is registered with."
              .formatted(defect));
    }
  }

  /**
   * What keeps a function from being called so.
   *
   * @return the rest of a sentence about the name, such as "is empty"; null if nothing does
   */
  public static @Nullable String defect(String name) {
    return name.isBlank() ? "is empty" : controlCharacter(name);
  }

  private static @Nullable String controlCharacter(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        return "has a control character (U+%04X) at position %d".formatted((int) text.charAt(i), i);
      }
    }
    return null;
  }

  /** Refuses a name that users may not give. */
  static void requireUsable(String name, String version, String function) {
    require(name, version, function);
    if (isReserved(name)) {
      throw refused(
          function,
          "its name '%s' begins with '%s', which is reserved for Perdure's own functions"
              .formatted(name, RESERVED_PREFIX),
          "Choose another name.");
    }
  }

  /** Refuses a name of a built-in function that is not marked as one. */
  static void requireBuiltIn(String name, String function) {
    require(name, "", function);
    if (!isReserved(name)) {
      throw refused(
          function,
          "the name '%s' of a built-in function does not begin with '%s'"
              .formatted(name, RESERVED_PREFIX),
          "Rename it.");
    }
  }

  /** Refuses a name of an entity that users may not give, or that cannot be part of an id. */
  static void requireEntity(String name, String function) {
    requireUsable(name, "", function);
    if (name.indexOf('@') >= 0) {
      throw refused(
          function,
          "its name '%s' holds '@', which ends the name in an id such as @counter@a"
              .formatted(name),
          "Choose another name.");
    }
    try {
      var unused = EntityId.of(name.toLowerCase(Locale.ROOT), "");
    } catch (InvalidInstanceIdException e) {
      throw refused(
          function,
          "its name cannot be part of an id (%s)".formatted(e.getMessage()),
          "Choose another.",
          e);
    }
  }

  /** Refuses a name of an operation. */
  static void requireOperation(String name, String operation) {
    require(name, "", operation);
  }

  /** Refuses a limit of concurrent calls that makes no sense. */
  static void requireLimit(int maxConcurrent, String function) {
    if (maxConcurrent < 0) {
      throw refused(
          function,
          "its maxConcurrent is %d".formatted(maxConcurrent),
          "Use 1 or more, or 0 for no limit.");
    }
  }

  private static void require(String name, String version, String function) {
    if (name.isBlank()) {
      throw refused(function, "its name is empty", "Give it a name.");
    }
    requireText("name", name, function);
    requireText("version", version, function);
  }

  private static void requireText(String what, String text, String function) {
    if (text.length() > CHARS_MAX) {
      throw refused(
          function,
          "its %s has %d characters".formatted(what, text.length()),
          "Use at most %d.".formatted(CHARS_MAX));
    }
    String control = controlCharacter(text);
    if (control != null) {
      throw refused(function, "its %s %s".formatted(what, control), "Use printable characters.");
    }
  }

  private static boolean isReserved(String name) {
    return name.regionMatches(true, 0, RESERVED_PREFIX, 0, RESERVED_PREFIX.length());
  }

  /** The one shape of all refusals: which function, what is wrong, what to do. */
  static InvalidRegistrationException refused(String function, String what, String remedy) {
    return refused(function, what, remedy, null);
  }

  static InvalidRegistrationException refused(
      String function, String what, String remedy, @Nullable Throwable cause) {
    return new InvalidRegistrationException(
        "%s cannot be registered: %s. %s".formatted(function, what, remedy), cause);
  }
}
