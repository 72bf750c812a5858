package dev.perdure.functions.host;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.perdure.functions.host.AdminRequests.Refusal;
import dev.perdure.http.Access;
import dev.perdure.http.Handler;
import dev.perdure.http.KeyFile;
import dev.perdure.http.Origin;
import dev.perdure.http.Request;
import dev.perdure.http.Response;
import dev.perdure.http.Router;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** Lists, sets and removes the keys of a host, for those who have the master key. */
final class KeysApi {
  private static final System.Logger LOG = System.getLogger("dev.perdure.functions");
  private static final Set<String> CHANGE = Set.of("POST", "PUT");
  private static final String EXAMPLE = "{\"name\":\"NAME\",\"value\":\"KEY\"}";

  /** What the master key is called among the system keys. */
  private static final String MASTER = "_master";

  private final KeyFile file;
  private final Access access;
  private final Predicate<String> functions;
  private final boolean trustForwarded;

  /**
   * The keys of a host.
   *
   * @param functions whether there is a function of a name
   */
  KeysApi(Keys keys, Predicate<String> functions, boolean trustForwarded) {
    this.file = keys.file();
    this.access = keys.admin();
    this.functions = functions;
    this.trustForwarded = trustForwarded;
  }

  /** Adds the routes. */
  Router.Builder addTo(Router.Builder router) {
    add(router, "/admin/functions/{function}/keys", this::ofFunction);
    add(router, "/admin/host/keys", request -> Keys.HOST);
    add(router, "/admin/host/functionkeys", request -> Keys.HOST);
    add(router, "/admin/host/systemkeys", request -> Keys.SYSTEM);
    return router;
  }

  private void add(Router.Builder router, String path, Function<Request, String> prefix) {
    router
        .page(path, handler(request -> list(request, prefix.apply(request))))
        .page(path + "/{key}", handler(request -> get(request, prefix.apply(request))))
        .route(CHANGE, path + "/{key}", handler(request -> set(request, prefix.apply(request))))
        .route(
            Set.of("DELETE"),
            path + "/{key}",
            handler(request -> remove(request, prefix.apply(request))));
  }

  private Handler handler(Function<Request, Response> answer) {
    return AdminRequests.forAdmins(
        access,
        request -> {
          try {
            return answer.apply(request).withHeader("Cache-Control", "no-store");
          } catch (UncheckedIOException e) {
            LOG.log(System.Logger.Level.ERROR, "The keys could not be changed", e);
            throw new Refusal(500, "The file of keys cannot be written; the log says why.");
          }
        });
  }

  private String ofFunction(Request request) {
    String function = AdminRequests.value(request, "function");
    if (!functions.test(function)) {
      throw new Refusal(404, "There is no function '%s'.".formatted(function));
    }
    return Keys.ofFunction(function);
  }

  /** The name of a key in the file. */
  private static String name(Request request, String prefix) {
    String name = AdminRequests.value(request, "key").toLowerCase(Locale.ROOT);
    return isMaster(prefix, name) ? Keys.MASTER : prefix + name;
  }

  private static boolean isMaster(String prefix, String name) {
    return prefix.equals(Keys.SYSTEM) && name.equals(MASTER);
  }

  private Response list(Request request, String prefix) {
    JsonArray keys = new JsonArray();
    for (String name : file.names()) {
      if (name.startsWith(prefix)) {
        file.find(name).ifPresent(key -> keys.add(pair(name.substring(prefix.length()), key)));
      }
    }
    JsonObject self = new JsonObject();
    self.addProperty("rel", "self");
    self.addProperty("href", Origin.of(request, trustForwarded).address(request.rawPath()));
    JsonArray links = new JsonArray();
    links.add(self);
    JsonObject answer = new JsonObject();
    answer.add("keys", keys);
    answer.add("links", links);
    return AdminRequests.json(200, answer);
  }

  private static JsonObject pair(String name, String key) {
    JsonObject pair = new JsonObject();
    pair.addProperty("name", name);
    pair.addProperty("value", key);
    return pair;
  }

  private Response get(Request request, String prefix) {
    Optional<String> key = file.find(name(request, prefix));
    return AdminRequests.json(
        200, pair(AdminRequests.value(request, "key"), key.orElseThrow(() -> unknown(request))));
  }

  private static Refusal unknown(Request request) {
    return new Refusal(404, "There is no key '%s'.".formatted(AdminRequests.value(request, "key")));
  }

  /** Sets a key to what the body says, or to a new one. */
  private Response set(Request request, String prefix) {
    String shown = AdminRequests.value(request, "key");
    String key = null;
    if (request.body().size() > 0) {
      JsonObject body = AdminRequests.object(request, EXAMPLE);
      String name = AdminRequests.text(body, "name");
      if (name != null && !name.equalsIgnoreCase(shown)) {
        throw new Refusal(
            400, "The body names the key '%s', and the address '%s'.".formatted(name, shown));
      }
      key = AdminRequests.text(body, "value");
    }
    String chosen = key == null ? file.fresh() : key;
    try {
      boolean isNew = file.set(name(request, prefix), chosen);
      return AdminRequests.json(isNew ? 201 : 200, pair(shown, chosen));
    } catch (IllegalArgumentException e) {
      throw new Refusal(400, String.valueOf(e.getMessage()));
    }
  }

  private Response remove(Request request, String prefix) {
    String name = name(request, prefix);
    if (name.equals(Keys.MASTER)) {
      throw new Refusal(
          400, "The master key cannot be removed. POST to this address to have a new one.");
    }
    if (!file.remove(name)) {
      throw unknown(request);
    }
    return Response.empty(204);
  }
}
