package dev.perdure.http.durable;

import dev.perdure.http.Handler;
import dev.perdure.http.PercentCoding;
import dev.perdure.http.Request;
import dev.perdure.http.Response;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP API of Durable Functions. It answers whatever is at or below {@link #PATH}; a path or a
 * method that is not of the API is answered with 404. Safe from any thread.
 */
public final class DurableHttpApi implements Handler {
  /** Where the API is. */
  public static final String PATH = "/runtime/webhooks/durabletask";

  private static final int PATH_SEGMENTS = 3;

  private final TaskHubs hubs;
  private final DurableHttpOptions options;

  /** The API for some hubs. */
  public DurableHttpApi(TaskHubs hubs, DurableHttpOptions options) {
    this.hubs = hubs;
    this.options = options;
  }

  @Override
  public CompletionStage<Response> handle(Request request) {
    Response refusal = refusal(request);
    if (refusal != null) {
      return CompletableFuture.completedFuture(refusal);
    }
    // As in Durable Functions a plus is a space: the links of its libraries are made like that.
    List<String> path = below(request.segments(PercentCoding::decodeQuery));
    String what = "The request " + request; // what waits must not keep the body
    try {
      return answer(request, path).exceptionally(failure -> Problems.of(what, failure));
    } catch (RuntimeException e) {
      return CompletableFuture.completedFuture(Problems.of(what, e));
    }
  }

  @Override
  public @Nullable Response refusal(Request head) {
    return options.access().refusal(head);
  }

  /** What follows the API's own path, which is for routers to compare. */
  private static List<String> below(List<String> path) {
    int from = Math.min(PATH_SEGMENTS, path.size());
    while (from < path.size() && path.get(from).isEmpty()) {
      from++;
    }
    return path.subList(from, path.size());
  }

  private CompletionStage<Response> answer(Request request, List<String> path) {
    if (path.isEmpty()) {
      return now(Response.empty(404));
    }
    Wanted wanted = new Wanted(request.query());
    String name = wanted.text("taskHub");
    Optional<TaskHub> hub = hubs.find(name);
    if (hub.isEmpty()) {
      return now(
          Problems.brief(
              404,
              name == null
                  ? "There is no default task hub. Name one with the parameter 'taskHub'."
                  : "There is no task hub '%s'. Name another with the parameter 'taskHub', or none for the default one."
                      .formatted(name)));
    }
    Call call = new Call(request, wanted, hub.get(), options);
    return switch (path.getFirst().toLowerCase(Locale.ROOT)) {
      case "orchestrators" -> orchestrators(call, path);
      case "instances" -> instances(call, path);
      case "entities" -> now(entities(call, path));
      case "makeprimary" -> now(makePrimary(path));
      default -> now(Response.empty(404));
    };
  }

  private static CompletionStage<Response> now(Response response) {
    return CompletableFuture.completedFuture(response);
  }

  private static CompletionStage<Response> orchestrators(Call call, List<String> path) {
    if (!call.request().method().equals("POST") || path.size() < 2 || path.size() > 3) {
      return now(Response.empty(404));
    }
    return StartCalls.start(call, path.get(1), path.size() == 3 ? path.get(2) : null);
  }

  private static CompletionStage<Response> instances(Call call, List<String> path) {
    String method = call.request().method();
    return switch (path.size()) {
      case 1 ->
          now(
              switch (method) {
                case "GET" -> ListCalls.list(call);
                case "DELETE" -> ListCalls.purge(call);
                default -> Response.empty(404);
              });
      case 2 ->
          now(
              switch (method) {
                case "GET" -> InstanceCalls.status(call, path.get(1));
                case "DELETE" -> InstanceCalls.purge(call, path.get(1));
                default -> Response.empty(404);
              });
      default -> method.equals("POST") ? operation(call, path) : now(Response.empty(404));
    };
  }

  private static CompletionStage<Response> operation(Call call, List<String> path) {
    String id = path.get(1);
    String operation = path.get(2).toLowerCase(Locale.ROOT);
    if (operation.equals("raiseevent") && path.size() == 4) {
      return now(InstanceCalls.raiseEvent(call, id, path.get(3)));
    }
    if (path.size() != 3) {
      return now(Response.empty(404));
    }
    return switch (operation) {
      case "terminate" -> now(InstanceCalls.terminate(call, id));
      case "suspend" -> now(InstanceCalls.suspend(call, id));
      case "resume" -> now(InstanceCalls.resume(call, id));
      case "rewind" -> now(InstanceCalls.rewind(call, id));
      case "restart" -> StartCalls.restart(call, id);
      default -> now(Response.empty(404));
    };
  }

  private static Response entities(Call call, List<String> path) {
    String name = path.size() > 1 ? path.get(1) : "";
    String key = path.size() > 2 ? path.get(2) : "";
    String method = call.request().method();
    if (method.equals("GET") && path.size() <= 3) {
      return path.size() < 3 ? EntityCalls.list(call, name) : EntityCalls.get(call, name, key);
    }
    if (path.size() != 2 && path.size() != 3) {
      return Response.empty(404);
    }
    return switch (method) {
      case "POST" -> EntityCalls.signal(call, name, key);
      case "DELETE" -> EntityCalls.delete(call, name, key);
      default -> Response.empty(404);
    };
  }

  /** There is no lease between apps that could be taken over. */
  private static Response makePrimary(List<String> path) {
    return path.size() == 1
        ? Problems.brief(
            400, "Perdure has no app lease, so there is nothing to take over. No call is needed.")
        : Response.empty(404);
  }
}
