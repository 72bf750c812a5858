package dev.perdure.functions.definition;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A connection between a function and something outside. Immutable.
 *
 * @param type what is connected, as it is written, such as {@code httpTrigger}; compared without
 *     regard to case
 * @param direction which way data goes
 * @param name the name under which parameters refer to it; {@code $return} for the return value
 * @param attributes all else, such as {@code route}; found without regard to case. Values are
 *     {@code String}, {@code Boolean}, {@code Number}, {@code List} or {@code Map}
 */
public record Binding(
    String type, Direction direction, String name, Map<String, Object> attributes) {
  /** The name of a binding that takes what a function returns. */
  public static final String RETURN = "$return";

  /** Copies the attributes. */
  public Binding {
    Map<String, Object> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    copy.putAll(attributes);
    attributes = Collections.unmodifiableMap(copy);
  }

  /** Whether it says when the function runs. */
  public boolean isTrigger() {
    return type.toLowerCase(Locale.ROOT).endsWith("trigger");
  }

  /** Whether it is of a type. */
  public boolean is(String otherType) {
    return type.equalsIgnoreCase(otherType);
  }

  /** Whether data goes out through it. */
  public boolean isOut() {
    return direction != Direction.IN;
  }

  /** An attribute as text; null if it is missing or empty. */
  public @Nullable String text(String attribute) {
    Object value = attributes.get(attribute);
    return value == null || value.toString().isEmpty() ? null : value.toString();
  }

  /** An attribute as text. */
  public String text(String attribute, String otherwise) {
    String value = text(attribute);
    return value == null ? otherwise : value;
  }

  /** An attribute that is true or false, also as text. */
  public boolean flag(String attribute, boolean otherwise) {
    String value = text(attribute);
    return value == null ? otherwise : Boolean.parseBoolean(value.strip());
  }

  /** An attribute that is a list; empty if it is missing, one element if it is a single value. */
  public List<String> texts(String attribute) {
    Object value = attributes.get(attribute);
    return switch (value) {
      case null -> List.of();
      case List<?> list -> list.stream().map(String::valueOf).toList();
      default -> List.of(value.toString());
    };
  }
}
