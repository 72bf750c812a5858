package dev.perdure.grpc;

import dev.perdure.api.InstanceAlreadyExistsException;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Payload;
import dev.perdure.api.StartOptions;
import dev.perdure.api.StartOptions.IdReusePolicy;
import dev.perdure.grpc.history.WireValues;
import dev.perdure.grpc.protocol.CreateInstanceRequest;
import dev.perdure.grpc.protocol.CreateInstanceResponse;
import dev.perdure.grpc.protocol.GetInstanceRequest;
import dev.perdure.grpc.protocol.GetInstanceResponse;
import dev.perdure.grpc.protocol.RaiseEventRequest;
import dev.perdure.grpc.protocol.RaiseEventResponse;
import dev.perdure.grpc.protocol.RestartInstanceRequest;
import dev.perdure.grpc.protocol.RestartInstanceResponse;
import dev.perdure.grpc.protocol.ResumeRequest;
import dev.perdure.grpc.protocol.ResumeResponse;
import dev.perdure.grpc.protocol.RewindInstanceRequest;
import dev.perdure.grpc.protocol.RewindInstanceResponse;
import dev.perdure.grpc.protocol.SkipGracefulOrchestrationTerminationsRequest;
import dev.perdure.grpc.protocol.SkipGracefulOrchestrationTerminationsResponse;
import dev.perdure.grpc.protocol.SuspendRequest;
import dev.perdure.grpc.protocol.SuspendResponse;
import dev.perdure.grpc.protocol.TerminateRequest;
import dev.perdure.grpc.protocol.TerminateResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** What clients do with one orchestration. */
final class InstanceCalls {
  private static final String START = "StartInstance";

  private InstanceCalls() {}

  // ---- starting -----------------------------------------------------------------------------

  /** Starts one without blocking, and answers when that is durable. */
  static void start(
      Hub hub,
      CreateInstanceRequest request,
      IdReusePolicy usualIdReuse,
      ServerCallStreamObserver<CreateInstanceResponse> out,
      Executor executor) {
    if (!request.getInstanceId().isEmpty()) {
      Ids.checkNew(Ids.orchestration(request.getInstanceId()));
    }
    IdReuse reuse = IdReuse.of(request, usualIdReuse);
    StartOptions options = options(request).withIdReuse(reuse.policy());
    Payload input = RequestFields.payload(request.hasInput(), request.getInput());
    CompletableFuture<String> reply =
        hub.engine().requests().startIfRoom(request.getName(), input, options);
    LargeMessages.Hold message = LargeMessages.hold();
    Runnable startWaiting =
        () -> {
          try (message) {
            started(start(hub, request.getName(), input, options, reuse), out);
          } catch (RuntimeException | Error e) {
            out.onError(Statuses.of(START, e));
          }
        };
    if (reply == null) {
      executor.execute(startWaiting);
      return;
    }
    CompletableFuture<String> unused =
        reply.whenComplete(
            (id, failure) -> {
              if (failure instanceof InstanceAlreadyExistsException) {
                executor.execute(startWaiting);
                return;
              }
              message.close();
              if (failure == null) {
                started(id, out);
              } else {
                out.onError(Statuses.of(START, failure));
              }
            });
  }

  private static void started(String id, ServerCallStreamObserver<CreateInstanceResponse> out) {
    if (!out.isCancelled()) {
      out.onNext(CreateInstanceResponse.newBuilder().setInstanceId(id).build());
      out.onCompleted();
    }
  }

  private static StartOptions options(CreateInstanceRequest request) {
    StartOptions options = StartOptions.DEFAULT.withTags(request.getTagsMap());
    if (!request.getInstanceId().isEmpty()) {
      options = options.withInstanceId(request.getInstanceId());
    }
    if (request.hasVersion()) {
      options = options.withVersion(request.getVersion().getValue());
    }
    Instant start =
        future(
            RequestFields.instant(
                request.hasScheduledStartTimestamp(),
                request.getScheduledStartTimestamp(),
                "scheduledStartTimestamp"));
    if (start != null) {
      options = options.withScheduledStart(start);
    }
    return request.hasParentTraceContext()
        ? options.withTraceContext(WireValues.trace(request.getParentTraceContext()))
        : options;
  }

  /** Some clients send 1970 for want of a time; whatever has passed means now. */
  static @Nullable Instant future(@Nullable Instant at) {
    return at == null || !at.isAfter(Instant.now()) ? null : at;
  }

  private static String start(
      Hub hub, String name, @Nullable Payload input, StartOptions options, IdReuse reuse) {
    while (true) {
      try {
        return hub.engine().requests().start(name, input, options);
      } catch (InstanceAlreadyExistsException e) {
        String id = options.instanceId();
        if (id == null) {
          throw e;
        }
        Optional<OrchestrationMetadata> existing = hub.engine().client().status(id, false);
        if (existing.isPresent()) {
          OrchestrationStatus status = existing.get().status();
          if (reuse.ignores(status)) {
            return id;
          }
          throw reuse.refusal(id, status);
        }
        // It was purged just now: what was in the way is not there any more.
      }
    }
  }

  static RestartInstanceResponse restart(
      Hub hub, RestartInstanceRequest request, IdReusePolicy idReuse) {
    String id = Ids.orchestration(request.getInstanceId());
    return RestartInstanceResponse.newBuilder()
        .setInstanceId(
            hub.engine().requests().restart(id, request.getRestartWithNewInstanceId(), idReuse))
        .build();
  }

  // ---- asking -------------------------------------------------------------------------------

  static GetInstanceResponse get(Hub hub, GetInstanceRequest request) {
    String id = request.getInstanceId();
    Ids.checkPresent(id);
    if (id.charAt(0) == '@') {
      return GetInstanceResponse.getDefaultInstance(); // entities are no orchestrations
    }
    return hub.engine()
        .client()
        .status(id, request.getGetInputsAndOutputs())
        .map(instance -> States.found(instance, request.getGetInputsAndOutputs()))
        .orElse(GetInstanceResponse.getDefaultInstance());
  }

  static CompletableFuture<OrchestrationMetadata> await(
      Hub hub, GetInstanceRequest request, boolean completion) {
    return hub.engine().requests().await(Ids.orchestration(request.getInstanceId()), completion);
  }

  // ---- changing -----------------------------------------------------------------------------

  static RaiseEventResponse raiseEvent(Hub hub, RaiseEventRequest request) {
    String id = Ids.orchestration(request.getInstanceId());
    Payload payload = RequestFields.payload(request.hasInput(), request.getInput());
    unlessEnded(() -> hub.engine().client().raiseEvent(id, request.getName(), payload));
    return RaiseEventResponse.getDefaultInstance();
  }

  static SuspendResponse suspend(Hub hub, SuspendRequest request) {
    String id = Ids.orchestration(request.getInstanceId());
    String reason = RequestFields.text(request.hasReason(), request.getReason());
    unlessEnded(() -> hub.engine().client().suspend(id, reason));
    return SuspendResponse.getDefaultInstance();
  }

  static ResumeResponse resume(Hub hub, ResumeRequest request) {
    String id = Ids.orchestration(request.getInstanceId());
    String reason = RequestFields.text(request.hasReason(), request.getReason());
    unlessEnded(() -> hub.engine().client().resume(id, reason));
    return ResumeResponse.getDefaultInstance();
  }

  static TerminateResponse terminate(Hub hub, TerminateRequest request) {
    String id = Ids.orchestration(request.getInstanceId());
    Payload output = RequestFields.payload(request.hasOutput(), request.getOutput());
    unlessEnded(() -> hub.engine().requests().terminate(id, output, request.getRecursive()));
    return TerminateResponse.getDefaultInstance();
  }

  /** To ask something of an instance that has ended is no error here; nothing happens. */
  private static void unlessEnded(Runnable change) {
    try {
      change.run();
    } catch (InvalidInstanceStateException e) {
      // it has ended
    }
  }

  /**
   * Terminates some at once; the reason becomes the output of each. The answer names those that it
   * did not terminate: who has ended already, who does not exist, and what is no orchestration.
   */
  static SkipGracefulOrchestrationTerminationsResponse terminateAll(
      Hub hub, SkipGracefulOrchestrationTerminationsRequest request) {
    Payload reason = RequestFields.payload(request.hasReason(), request.getReason());
    SkipGracefulOrchestrationTerminationsResponse.Builder answer =
        SkipGracefulOrchestrationTerminationsResponse.newBuilder();
    for (String id : new LinkedHashSet<>(request.getInstanceBatch().getInstanceIdsList())) {
      try {
        hub.engine().requests().terminate(Ids.orchestration(id), reason, false);
      } catch (InstanceNotFoundException
          | InvalidInstanceStateException
          | IllegalArgumentException e) {
        answer.addUnterminatedInstanceIds(id);
      }
    }
    return answer.build();
  }

  static RewindInstanceResponse rewind(Hub hub, RewindInstanceRequest request) {
    String id = Ids.orchestration(request.getInstanceId());
    Optional<OrchestrationMetadata> instance = hub.engine().client().status(id, false);
    if (instance.isPresent() && instance.get().status() != OrchestrationStatus.FAILED) {
      throw Status.FAILED_PRECONDITION
          .withDescription(
              "Instance '%s' is %s, which does not allow rewinding. Only one that has Failed can be rewound."
                  .formatted(id, OrchestrationStatuses.title(instance.get().status())))
          .asRuntimeException();
    }
    hub.engine().client().rewind(id, RequestFields.text(request.hasReason(), request.getReason()));
    return RewindInstanceResponse.getDefaultInstance();
  }
}
