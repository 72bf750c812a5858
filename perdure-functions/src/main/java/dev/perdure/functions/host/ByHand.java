package dev.perdure.functions.host;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.perdure.api.Payload;
import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.Trigger;
import dev.perdure.functions.trigger.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What functions get when they are run by hand. */
final class ByHand {
  private static final String REASON =
      "This function was programmatically called via the host APIs.";

  private ByHand() {}

  /**
   * What a function is run with.
   *
   * @param input the text that was given; null for none
   */
  static Invocation of(HostedFunction function, @Nullable String input) {
    Trigger trigger = function.trigger();
    if (trigger != null) {
      return trigger.byHand(input == null ? "" : input);
    }
    return Invocation.of(
        input == null ? Value.NOTHING : value(function.definition().trigger(), input), REASON);
  }

  /** The text in the shape in which such a trigger would pass it. */
  private static Value value(Binding trigger, String input) {
    boolean bytes = trigger.text("dataType", "").equalsIgnoreCase("binary");
    if (!trigger.text("cardinality", "ONE").equalsIgnoreCase("MANY")) {
      return bytes ? new Value.Bytes(Payload.of(input)) : new Value.Text(input);
    }
    if (bytes) {
      return new Value.ManyBytes(List.of(Payload.of(input)));
    }
    if (trigger.text("dataType", "").equalsIgnoreCase("string")) {
      return new Value.Texts(List.of(input));
    }
    return new Value.Json(batch(input));
  }

  /** JSON that is an array, or becomes its only element; so does what is no JSON. */
  private static String batch(String input) {
    String text = input.strip();
    if (text.startsWith("[") || text.startsWith("{")) {
      try {
        JsonElement parsed = JsonParser.parseString(text);
        return parsed.isJsonArray() ? parsed.toString() : "[" + parsed + "]";
      } catch (JsonParseException e) {
        // Then it is a text like any other.
      }
    }
    return "[" + new Gson().toJson(input) + "]";
  }
}
