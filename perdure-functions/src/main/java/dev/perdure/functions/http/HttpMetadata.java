package dev.perdure.functions.http;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.perdure.functions.invoke.RequestTexts;
import dev.perdure.functions.invoke.Results;
import dev.perdure.functions.trigger.Value;
import dev.perdure.http.Request;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is known of a request by name. */
final class HttpMetadata {
  private HttpMetadata() {}

  /**
   * Properties of a body that is a JSON object, query parameters, and values of the route; of the
   * same name, the last of these counts. What has the name of the binding goes before the request
   * itself, which has it otherwise.
   *
   * @param parameters those of the route; what the path has not is nothing, rather than unknown
   */
  static Map<String, Value> of(
      Request request, Value itself, String binding, List<String> parameters) {
    Map<String, Value> metadata = new LinkedHashMap<>();
    addBody(request, metadata);
    Map<String, String> query = RequestTexts.query(request);
    query.forEach(
        (name, value) -> {
          if (!name.equals("code")) {
            metadata.put(name, new Value.Text(value));
          }
        });
    request.values().forEach((name, value) -> metadata.put(name, new Value.Text(value)));
    parameters.forEach(name -> metadata.putIfAbsent(name, Value.NOTHING));
    metadata.put("Query", json(query));
    metadata.put("Headers", json(RequestTexts.headers(request)));
    metadata.putIfAbsent("$request", itself);
    metadata.putIfAbsent(binding, itself);
    return metadata;
  }

  private static Value json(Map<String, String> values) {
    return new Value.Json(String.valueOf(Results.json(values)));
  }

  private static void addBody(Request request, Map<String, Value> metadata) {
    String text = request.body().text();
    if (!text.stripLeading().startsWith("{")) {
      return;
    }
    try {
      if (JsonParser.parseString(text) instanceof JsonObject object) {
        object.asMap().forEach((name, value) -> metadata.put(name, value(value)));
      }
    } catch (JsonParseException e) {
      // Then it is no JSON, and has no properties.
    }
  }

  private static Value value(JsonElement element) {
    if (element.isJsonNull()) {
      return Value.NOTHING;
    }
    return element instanceof JsonPrimitive primitive && primitive.isString()
        ? new Value.Text(primitive.getAsString())
        : new Value.Json(element.toString());
  }
}
