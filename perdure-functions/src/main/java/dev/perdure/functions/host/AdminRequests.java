package dev.perdure.functions.host;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.perdure.api.Payload;
import dev.perdure.http.Access;
import dev.perdure.http.Handler;
import dev.perdure.http.Request;
import dev.perdure.http.Response;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What requests to the admin API have in common. */
final class AdminRequests {
  /** A request that cannot be fulfilled, with what its caller is told. */
  static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    final int status;

    Refusal(int status, String message) {
      super(message, null, false, false);
      this.status = status;
    }
  }

  private AdminRequests() {}

  /** Answers those who are let in. */
  static Handler forAdmins(Access access, Function<Request, Response> answer) {
    return access.guarding(request -> CompletableFuture.completedFuture(answer(request, answer)));
  }

  private static Response answer(Request request, Function<Request, Response> answer) {
    try {
      return answer.apply(request);
    } catch (Refusal e) {
      return Response.text(e.status, e.getMessage() + "\n");
    }
  }

  /** A value of the route. */
  static String value(Request request, String name) {
    @Nullable String value = request.values().get(name);
    return value == null ? "" : value;
  }

  static Response json(int status, JsonElement json) {
    return Response.json(status, Payload.of(json.toString()));
  }

  /** The body, which is an object. */
  static JsonObject object(Request request, String example) {
    String text = request.body().text();
    if (text.isBlank()) {
      throw new Refusal(400, "The body is missing. It has to be JSON, such as " + example + ".");
    }
    JsonElement parsed;
    try {
      parsed = JsonParser.parseString(text);
    } catch (JsonParseException e) {
      throw new Refusal(400, "The body is not JSON. It has to be such as " + example + ".");
    }
    if (parsed instanceof JsonObject object) {
      return object;
    }
    throw new Refusal(
        400, "The body is JSON, but not an object. It has to be such as " + example + ".");
  }

  /** A property that is a text, a number, or true or false; null if it is missing or null. */
  static @Nullable String text(JsonObject object, String name) {
    JsonElement value = object.get(name);
    if (value == null || value.isJsonNull()) {
      return null;
    }
    if (value instanceof JsonPrimitive primitive) {
      return primitive.getAsString();
    }
    throw new Refusal(
        400,
        "The property '%s' has to be a text. Put quotes around the JSON, and a backslash before each quote in it."
            .formatted(name));
  }
}
