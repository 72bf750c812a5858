package dev.perdure.functions.host;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.definition.RetryPolicy;
import dev.perdure.functions.http.HttpFunctions.Route;
import dev.perdure.functions.text.TimeSpans;
import dev.perdure.http.Origin;
import java.util.Locale;

/** A function as the admin API shows it. */
final class FunctionView {
  private static final Gson GSON = new GsonBuilder().serializeNulls().create();

  private FunctionView() {}

  /** The object for a function. Nothing of the host's files can be read, so it links to none. */
  static JsonObject of(HostedFunction function, Origin origin) {
    JsonObject json = new JsonObject();
    json.addProperty("name", function.name());
    for (String link :
        new String[] {"script_root_path_href", "script_href", "config_href", "test_data_href"}) {
      json.add(link, JsonNull.INSTANCE);
    }
    json.addProperty("href", origin.address("/admin/functions/" + function.name()));
    Route route = function.route();
    json.addProperty(
        "invoke_url_template",
        route == null ? null : origin.address("/" + route.template()).toLowerCase(Locale.ROOT));
    json.addProperty("language", "java");
    json.add("config", config(function.definition()));
    json.add("files", JsonNull.INSTANCE);
    json.addProperty("test_data", "");
    json.addProperty("isDisabled", function.state() == HostedFunction.State.DISABLED);
    json.addProperty("isDirect", false);
    json.addProperty("isProxy", false);
    return json;
  }

  /** What its function.json holds, or would. */
  private static JsonObject config(FunctionDefinition function) {
    JsonObject json = new JsonObject();
    json.addProperty("name", function.name());
    json.addProperty("entryPoint", function.entryPoint());
    json.addProperty("language", "java");
    JsonArray bindings = new JsonArray();
    for (Binding binding : function.bindings()) {
      JsonObject shown = new JsonObject();
      shown.addProperty("type", binding.type());
      shown.addProperty("direction", binding.direction().name().toLowerCase(Locale.ROOT));
      shown.addProperty("name", binding.name());
      binding.attributes().forEach((name, value) -> shown.add(name, GSON.toJsonTree(value)));
      bindings.add(shown);
    }
    json.add("bindings", bindings);
    RetryPolicy retry = function.retry();
    if (retry != null) {
      json.add("retry", retry(retry));
    }
    return json;
  }

  private static JsonObject retry(RetryPolicy retry) {
    JsonObject json = new JsonObject();
    boolean fixed = retry.strategy() == RetryPolicy.Strategy.FIXED_DELAY;
    json.addProperty("strategy", fixed ? "fixedDelay" : "exponentialBackoff");
    json.addProperty("maxRetryCount", retry.retriesMax());
    json.addProperty(fixed ? "delayInterval" : "minimumInterval", TimeSpans.format(retry.first()));
    if (!fixed) {
      json.addProperty("maximumInterval", TimeSpans.format(retry.most()));
    }
    return json;
  }
}
