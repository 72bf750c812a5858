package dev.perdure.functions.http;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.microsoft.azure.functions.HttpResponseMessage;
import dev.perdure.api.Payload;
import dev.perdure.functions.invoke.HttpResponse;
import dev.perdure.functions.invoke.Results;
import dev.perdure.http.Headers;
import dev.perdure.http.Response;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What callers get for what functions give. */
final class Responses {
  private static final Gson JSON = new GsonBuilder().setStrictness(Strictness.STRICT).create();
  private static final String CONTENT_TYPE = "Content-Type";
  private static final Pattern STATUS = Pattern.compile("[2-9]\\d\\d");
  private static final int STATUS_MIN = 200;
  private static final int STATUS_MAX = 999;

  private Responses() {}

  /** The response for a result; null for nothing. */
  static Response of(@Nullable Object result) {
    return switch (result) {
      case null -> Response.empty(200);
      case HttpResponse response ->
          response(response.getStatusCode(), response.headers(), response.getBody());
      case HttpResponseMessage message -> {
        String type = message.getHeader(CONTENT_TYPE);
        yield response(
            message.getStatusCode(),
            type == null ? Map.of() : Map.of(CONTENT_TYPE, type),
            message.getBody());
      }
      case String text -> of(json(text), text);
      case byte[] bytes -> response(200, Map.of(), bytes);
      case Number number -> response(200, Map.of(), number);
      case Boolean flag -> response(200, Map.of(), flag);
      default -> of(JsonParser.parseString(String.valueOf(Results.json(result))), result);
    };
  }

  /** The JSON object that a text is; null if it is something else. */
  private static @Nullable JsonObject json(String text) {
    if (!text.stripLeading().startsWith("{")) {
      return null;
    }
    try {
      return JSON.fromJson(text, JsonObject.class);
    } catch (JsonParseException e) {
      return null;
    }
  }

  /**
   * An object that has a body is a description of a response; another is the body itself. Names in
   * it are taken in any case.
   *
   * @param json the result as JSON; null if it is none
   */
  private static Response of(@Nullable JsonElement json, Object result) {
    if (!(json instanceof JsonObject object)) {
      return response(200, Map.of(), result);
    }
    Map<String, JsonElement> described = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    described.putAll(object.asMap());
    JsonElement body = described.get("body");
    if (body == null) {
      return response(200, Map.of(), result);
    }
    Map<String, String> headers = new LinkedHashMap<>();
    if (described.get("headers") instanceof JsonObject fields) {
      fields
          .asMap()
          .forEach((name, value) -> headers.put(name, value.isJsonNull() ? "" : text(value)));
    }
    JsonElement code = described.get("statusCode");
    JsonElement status = code instanceof JsonPrimitive ? code : described.get("status");
    if (status instanceof JsonPrimitive text && !STATUS.matcher(text.getAsString()).matches()) {
      return response(200, Map.of(), result); // its status and body are not those of an answer
    }
    return response(
        status instanceof JsonPrimitive number ? number.getAsInt() : 200,
        headers,
        body.isJsonNull() ? null : body.isJsonPrimitive() ? text(body) : body);
  }

  private static String text(JsonElement value) {
    return value.isJsonPrimitive() ? value.getAsString() : value.toString();
  }

  private static Response response(int status, Map<String, String> headers, @Nullable Object body) {
    if (status < STATUS_MIN || status > STATUS_MAX) {
      throw new IllegalArgumentException(
          "%d cannot be the status of an answer; it has to be from %d to %d."
              .formatted(status, STATUS_MIN, STATUS_MAX));
    }
    String type = null;
    Headers fields = Headers.NONE;
    for (Map.Entry<String, String> header : headers.entrySet()) {
      if (header.getKey().equalsIgnoreCase(CONTENT_TYPE)) {
        type = header.getValue();
      } else {
        fields = fields.with(header.getKey(), header.getValue());
      }
    }
    Payload bytes = body(body);
    if (type != null) {
      boolean complete =
          body instanceof byte[] || type.toLowerCase(Locale.ROOT).contains("charset=");
      fields = fields.with(CONTENT_TYPE, complete ? type : type + "; charset=utf-8");
    } else if (body != null && !(body instanceof byte[])) {
      fields = fields.with(CONTENT_TYPE, Response.TEXT);
    }
    return new Response(status, fields, bytes);
  }

  private static Payload body(@Nullable Object body) {
    return switch (body) {
      case null -> Payload.EMPTY;
      case byte[] bytes -> Payload.of(bytes);
      case String text -> Payload.of(text);
      case Number number -> Payload.of(number.toString());
      case Boolean flag -> Payload.of(flag.toString());
      default -> Payload.of(Results.indentedJson(body));
    };
  }
}
