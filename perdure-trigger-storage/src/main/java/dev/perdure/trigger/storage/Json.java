package dev.perdure.trigger.storage;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** JSON as it is in messages and metadata. */
final class Json {
  private static final Gson GSON = new Gson();
  private static final TypeAdapter<JsonElement> ELEMENTS = GSON.getAdapter(JsonElement.class);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssxxx").withZone(ZoneOffset.UTC);

  private Json() {}

  /** A text that is JSON and nothing else; null if it is not. */
  static @Nullable JsonElement parse(String text) {
    try (JsonReader reader = new JsonReader(new StringReader(text))) {
      reader.setStrictness(Strictness.STRICT);
      JsonElement element = ELEMENTS.read(reader);
      return reader.peek() == JsonToken.END_DOCUMENT ? element : null;
    } catch (IOException | JsonParseException | IllegalStateException e) {
      return null;
    }
  }

  /** A text that is a JSON object; null if it is not. */
  static @Nullable JsonObject object(String text) {
    if (!text.stripLeading().startsWith("{")) {
      return null;
    }
    JsonElement parsed = parse(text);
    return parsed != null && parsed.isJsonObject() ? parsed.getAsJsonObject() : null;
  }

  /** A text as JSON. */
  static String quoted(String text) {
    return GSON.toJson(text);
  }

  /** A time, in UTC, to the second. */
  static String time(Instant time) {
    return TIME.format(time);
  }
}
