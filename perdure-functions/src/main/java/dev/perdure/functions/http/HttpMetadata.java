package dev.perdure.functions.http;

import com.google.gson.JsonObject;
import dev.perdure.functions.invoke.RequestTexts;
import dev.perdure.functions.invoke.Results;
import dev.perdure.functions.trigger.JsonProperties;
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
   * same name, the last of all these counts. What has the name of the binding goes before the
   * request itself, which has it otherwise.
   *
   * @param parameters those of the route; what the path has not is nothing, rather than unknown
   */
  static Map<String, Value> of(
      Request request, Value itself, String binding, List<String> parameters) {
    Map<String, Value> metadata = new LinkedHashMap<>();
    addBody(request, metadata);
    Map<String, String> query = lastOfQuery(request);
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

  /** Query parameters: the last of those that are repeated, and empty ones too. */
  private static Map<String, String> lastOfQuery(Request request) {
    Map<String, String> query = new LinkedHashMap<>();
    request.query().parameters().forEach(one -> query.put(one.name(), one.value()));
    return query;
  }

  private static Value json(Map<String, String> values) {
    return new Value.Json(String.valueOf(Results.json(values)));
  }

  private static void addBody(Request request, Map<String, Value> metadata) {
    JsonObject object = JsonProperties.of(new Value.Text(RequestTexts.body(request)));
    if (object != null) {
      object.asMap().forEach((name, value) -> metadata.put(name, JsonProperties.value(value)));
    }
  }
}
