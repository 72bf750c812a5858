package dev.perdure.http.durable;

import dev.perdure.api.FunctionNotFoundException;
import dev.perdure.api.InstanceAlreadyExistsException;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InvalidInstanceIdException;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.Payload;
import dev.perdure.api.StartOptions;
import dev.perdure.api.StartOptions.IdReusePolicy;
import dev.perdure.api.TraceContext;
import dev.perdure.http.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Starts orchestrations, also anew. */
final class StartCalls {
  private static final int ID_CHARS_MAX = 256;
  private static final Pattern TRACE_PARENT =
      Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

  private StartCalls() {}

  static CompletionStage<Response> start(Call call, String function, @Nullable String id) {
    Duration wait = wait(call);
    String name = known(call, function);
    if (id != null) {
      checkNewId(id);
    }
    Payload body = call.request().body();
    Payload input = body.text().isBlank() ? null : body;
    if (input != null && Json.parse(input) == null) {
      return CompletableFuture.completedFuture(Problems.brief(400, InstanceCalls.INVALID_JSON));
    }
    String started = start(call, name, input, options(call, id));
    return answer(call, started, wait);
  }

  /** How long to wait for the end; null to wait not at all. */
  private static @Nullable Duration wait(Call call) {
    Duration timeout = call.wanted().seconds("timeout");
    Duration interval = call.wanted().seconds("pollingInterval");
    if (timeout == null || interval == null) {
      return null;
    }
    if (interval.compareTo(timeout) > 0) {
      throw new IllegalArgumentException(
          "The polling interval is longer than the timeout. Use a shorter one.");
    }
    return timeout;
  }

  private static String known(Call call, String function) {
    String name = call.hub().functions().orchestrator(function);
    if (name == null) {
      String all =
          call.hub().functions().orchestrators().stream()
              .map(known -> "'" + known + "'")
              .collect(Collectors.joining(", "));
      throw new FunctionNotFoundException(
          "The function '%s' doesn't exist, is disabled, or is not an orchestrator function. %s"
              .formatted(
                  function,
                  all.isEmpty()
                      ? "There are no orchestrator functions."
                      : "The orchestrator functions are: " + all + "."));
    }
    return name;
  }

  private static void checkNewId(String id) {
    if (id.length() > ID_CHARS_MAX) {
      throw new InvalidInstanceIdException(
          "The instance id has %d characters; use %d or fewer."
              .formatted(id.length(), ID_CHARS_MAX));
    }
    if (id.chars().anyMatch(c -> "/\\#?".indexOf(c) >= 0)) {
      throw new InvalidInstanceIdException(
          "The instance id '%s' holds one of the characters / \\ # ?, which addresses cannot hold. Use another id."
              .formatted(id));
    }
  }

  private static StartOptions options(Call call, @Nullable String id) {
    StartOptions options = StartOptions.DEFAULT.withIdReuse(call.options().idReuse());
    if (id != null) {
      options = options.withInstanceId(id);
    }
    String version = call.wanted().text("version");
    if (version != null) {
      options = options.withVersion(version);
    }
    Instant at = call.wanted().notBefore("scheduledTime");
    if (at != null && at.isAfter(Instant.now())) {
      options = options.withScheduledStart(at);
    }
    String parent = call.request().headers().first("traceparent");
    return parent != null && TRACE_PARENT.matcher(parent).matches()
        ? options.withTraceContext(
            new TraceContext(parent, call.request().headers().first("tracestate")))
        : options;
  }

  private static String start(
      Call call, String name, @Nullable Payload input, StartOptions options) {
    try {
      return call.requests().start(name, input, options);
    } catch (InstanceAlreadyExistsException e) {
      String status =
          Optional.ofNullable(options.instanceId())
              .flatMap(id -> call.client().status(id, false))
              .map(OrchestrationMetadata::status)
              .map(existing -> StatusName.of(existing).title())
              .orElse("unknown");
      throw new InstanceAlreadyExistsException(
          "An orchestration instance with the status %s already exists under the id '%s'. Choose another id, or end that instance first."
              .formatted(status, options.instanceId()),
          e);
    }
  }

  static CompletionStage<Response> restart(Call call, String id) {
    Duration wait = wait(call);
    try {
      return answer(call, restarted(call, id), wait);
    } catch (InstanceNotFoundException e) {
      return CompletableFuture.completedFuture(
          Problems.full(400, "InstanceId does not match a valid orchestration instance.", e));
    } catch (InvalidInstanceStateException e) {
      return CompletableFuture.completedFuture(Problems.full(409, Problems.IN_USE, e));
    }
  }

  private static String restarted(Call call, String id) {
    OrchestrationMetadata old =
        call.client()
            .status(id, false)
            .orElseThrow(
                () ->
                    new InstanceNotFoundException(
                        "There is no instance '%s'. It may never have been started, or it was purged."
                            .formatted(id)));
    boolean newId = call.wanted().flag("restartWithNewInstanceId", true);
    IdReusePolicy idReuse = call.options().idReuse();
    if (!newId && !old.isTerminal() && !idReuse.replaceable().contains(old.status())) {
      throw new InvalidInstanceStateException(
          "Instance '%s' is %s and cannot be restarted under its own id. Terminate it first, or have it restarted under a new id."
              .formatted(id, StatusName.of(old.status()).title()));
    }
    known(call, old.name());
    return call.requests().restart(id, newId, idReuse);
  }

  private static CompletionStage<Response> answer(Call call, String id, @Nullable Duration wait) {
    ManagementLinks links = call.links(id);
    return wait == null
        ? CompletableFuture.completedFuture(links.checkStatusResponse())
        : CompletionWait.completionOrCheckStatus(call.hub(), wait, call.request().closing(), links);
  }
}
