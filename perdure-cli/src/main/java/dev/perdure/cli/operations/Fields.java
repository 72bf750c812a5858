package dev.perdure.cli.operations;

import dev.perdure.cli.Output;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What is known of one thing, a line for each fact. Not thread-safe. */
final class Fields {
  private record Field(String name, String value) {}

  private final List<Field> fields = new ArrayList<>();

  /** Adds a fact; nothing is shown of an empty one. */
  Fields add(String name, String value) {
    if (!value.isEmpty()) {
      fields.add(new Field(name, value));
    }
    return this;
  }

  /**
   * Adds a payload.
   *
   * @param shown whether it is shown itself and not just its size
   * @param option what would show it
   */
  Fields payload(String name, JsonNode value, boolean shown, String option) {
    if (value.isMissingNode() || value.isNull()) {
      return add(name, "none");
    }
    return add(
        name,
        shown
            ? Json.compact(value)
            : "%d bytes of JSON (%s shows it)".formatted(Json.bytes(value), option));
  }

  void print(PrintWriter out) {
    int width = fields.stream().mapToInt(field -> field.name().length()).max().orElse(0);
    for (Field field : fields) {
      out.println(
          field.name()
              + " ".repeat(width - field.name().length() + 2)
              + Output.printable(field.value()));
    }
  }
}
