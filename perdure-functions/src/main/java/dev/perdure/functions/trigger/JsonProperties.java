package dev.perdure.functions.trigger;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import org.jspecify.annotations.Nullable;

/** The properties of values that are JSON objects. */
public final class JsonProperties {
  private JsonProperties() {}

  /** A value as an object of JSON; null if it is none. */
  public static @Nullable JsonObject of(Value value) {
    String json =
        switch (value) {
          case Value.Text(String text) -> text;
          case Value.Json(String text, boolean plain) -> text;
          default -> "";
        };
    if (!json.stripLeading().startsWith("{")) {
      return null;
    }
    JsonElement parsed = parsed(json);
    return parsed != null && parsed.isJsonObject() ? parsed.getAsJsonObject() : null;
  }

  /** JSON as an element; null if it is not JSON. */
  static @Nullable JsonElement parsed(String json) {
    try {
      return JsonParser.parseString(json);
    } catch (JsonParseException e) {
      return null;
    }
  }

  /** A property as a value: a text without its quotes, nothing for null, all else as JSON. */
  public static Value value(JsonElement element) {
    if (element.isJsonNull()) {
      return Value.NOTHING;
    }
    return element instanceof JsonPrimitive primitive && primitive.isString()
        ? new Value.Text(primitive.getAsString())
        : new Value.Json(element.toString());
  }
}
