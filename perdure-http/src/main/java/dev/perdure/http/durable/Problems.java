package dev.perdure.http.durable;

import dev.perdure.api.FunctionNotFoundException;
import dev.perdure.api.HubBusyException;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.InstanceAlreadyExistsException;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InvalidInstanceIdException;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.PayloadTooLargeException;
import dev.perdure.http.Response;
import dev.perdure.store.StoreException;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What callers are told of errors. No stack traces, and of surprises no more than a number. */
final class Problems {
  private static final System.Logger LOG = System.getLogger("dev.perdure.http");

  static final String ARGUMENT = "One or more of the arguments submitted is incorrect";
  static final String IN_USE = "The instance id is in use";
  private static final String FAILURE = "Something went wrong while processing your request";

  private Problems() {}

  /** An error of which one sentence says it all. */
  static Response brief(int status, String message) {
    return Response.json(status, Json.object(json -> json.writeStringProperty("Message", message)));
  }

  private static Response full(int status, String message, String detail, String type) {
    return Response.json(
        status,
        Json.object(
            json -> {
              json.writeStringProperty("Message", message);
              json.writeStringProperty("ExceptionMessage", detail);
              json.writeStringProperty("ExceptionType", type);
            }));
  }

  /** An error of which the exception tells more. */
  static Response full(int status, String message, Throwable thrown) {
    return full(status, message, text(thrown), thrown.getClass().getSimpleName());
  }

  private static String text(Throwable thrown) {
    return thrown.getMessage() == null ? "" : thrown.getMessage();
  }

  /**
   * The answer to a request that failed.
   *
   * @param what the request, for the log; it must not hold payloads or keys
   */
  static Response of(String what, Throwable thrown) {
    return switch (unwrapped(thrown)) {
      case InstanceNotFoundException e -> Response.empty(404);
      case PayloadTooLargeException e -> full(413, "The request is too large", e);
      case InvalidInstanceIdException e -> full(400, ARGUMENT, e);
      case FunctionNotFoundException e -> full(400, ARGUMENT, e);
      case IllegalArgumentException e -> full(400, ARGUMENT, e);
      case InstanceAlreadyExistsException e -> full(409, IN_USE, e);
      case InvalidInstanceStateException e -> full(500, FAILURE, e);
      case HubBusyException e -> full(503, "Too busy", e).withHeader("Retry-After", "1");
      case HubClosedException e -> full(503, "Not available", e).withHeader("Retry-After", "1");
      case StoreException e -> full(500, "The store failed", e);
      case Throwable other -> unexpected(what, other);
    };
  }

  static Throwable unwrapped(Throwable thrown) {
    Throwable at = thrown;
    while ((at instanceof CompletionException || at instanceof ExecutionException)
        && at.getCause() != null) {
      at = at.getCause();
    }
    return at;
  }

  private static Response unexpected(String what, Throwable thrown) {
    String id = UUID.randomUUID().toString();
    LOG.log(System.Logger.Level.ERROR, what + " failed unexpectedly, error " + id, thrown);
    return full(
        500,
        FAILURE,
        "The server failed in a way that it should not. Its log tells more under error %s."
            .formatted(id),
        "InternalError");
  }
}
