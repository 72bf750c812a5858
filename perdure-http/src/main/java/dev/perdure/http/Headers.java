package dev.perdure.http;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Header fields in their order; names are the same in upper and lower case. Immutable. */
public final class Headers {
  /** No fields. */
  public static final Headers NONE = new Headers(List.of());

  private final List<Field> fields;

  /**
   * A field.
   *
   * @param name its name
   * @param value its value
   */
  public record Field(String name, String value) {
    /**
     * Checks that the field stays one: what holds a line break could add others.
     *
     * @throws IllegalArgumentException if it holds control characters
     */
    public Field {
      check(name);
      check(value);
    }

    private static void check(String text) {
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if ((c < ' ' && c != '\t') || c == '\u007f') {
          throw new IllegalArgumentException(
              "A header holds the control character U+%04X. Headers are single lines of text."
                  .formatted((int) c));
        }
      }
    }
  }

  private Headers(List<Field> fields) {
    this.fields = fields;
  }

  /** Fields in an order; the list is copied. */
  public static Headers of(List<Field> fields) {
    return fields.isEmpty() ? NONE : new Headers(List.copyOf(fields));
  }

  /** One field. */
  public static Headers of(String name, String value) {
    return new Headers(List.of(new Field(name, value)));
  }

  /** These fields, with this value as the only one of its name. */
  public Headers with(String name, String value) {
    List<Field> changed = new ArrayList<>(fields.size() + 1);
    for (Field field : fields) {
      if (!field.name().equalsIgnoreCase(name)) {
        changed.add(field);
      }
    }
    changed.add(new Field(name, value));
    return new Headers(List.copyOf(changed));
  }

  /** The value of the first field of a name; null if there is none. */
  public @Nullable String first(String name) {
    for (Field field : fields) {
      if (field.name().equalsIgnoreCase(name)) {
        return field.value();
      }
    }
    return null;
  }

  /** The values of all fields of a name, in order. */
  public List<String> all(String name) {
    return fields.stream()
        .filter(field -> field.name().equalsIgnoreCase(name))
        .map(Field::value)
        .toList();
  }

  /** All fields, in order. */
  public List<Field> fields() {
    return fields;
  }

  /** Shows names only: values may be secrets. */
  @Override
  public String toString() {
    return "Headers" + fields.stream().map(Field::name).toList();
  }
}
