package dev.perdure.grpc.worker;

import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a worker says of itself, for people, and to know what it can take.
 *
 * @param id what it calls itself, or its address
 * @param agent the SDK and the transport that it names
 * @param transport the other end of the connection over which it gets work; null if there is none
 */
record WorkerIdentity(String id, String agent, @Nullable Object transport) {
  private static final Context.Key<WorkerIdentity> KEY = Context.key("worker");
  private static final Context.Key<Object> TRANSPORT_KEY = Context.key("transport");

  /** Characters kept of what a worker says. */
  private static final int CHARS_MAX = 200;

  /**
   * Reads it from the headers of a call that is going to be a stream of work, and of one that is an
   * answer over which connection it comes.
   */
  static final class Interceptor implements ServerInterceptor {
    private static final String GET_WORK =
        TaskHubSidecarServiceGrpc.getGetWorkItemsMethod().getFullMethodName();
    private static final Set<String> ANSWERS =
        Set.of(
            TaskHubSidecarServiceGrpc.getCompleteOrchestratorTaskMethod().getFullMethodName(),
            TaskHubSidecarServiceGrpc.getCompleteActivityTaskMethod().getFullMethodName());
    private static final Metadata.Key<String> WORKER_ID = header("workerid");
    private static final Metadata.Key<String> SDK = header("x-user-agent");
    private static final Metadata.Key<String> TRANSPORT = header("user-agent");

    private static Metadata.Key<String> header(String name) {
      return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      String method = call.getMethodDescriptor().getFullMethodName();
      Object address = call.getAttributes().get(io.grpc.Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
      if (ANSWERS.contains(method)) {
        return Contexts.interceptCall(
            Context.current().withValue(TRANSPORT_KEY, address), call, headers, next);
      }
      if (!method.equals(GET_WORK)) {
        return next.startCall(call, headers); // nobody asks
      }
      String id = text(headers.get(WORKER_ID));
      WorkerIdentity identity =
          new WorkerIdentity(
              id.isEmpty() ? String.valueOf(address) : id + " at " + address,
              (text(headers.get(SDK)) + ' ' + text(headers.get(TRANSPORT))).strip(),
              address);
      return Contexts.interceptCall(
          Context.current().withValue(KEY, identity), call, headers, next);
    }

    private static String text(@Nullable String value) {
      return value == null ? "" : value.substring(0, Math.min(value.length(), CHARS_MAX));
    }
  }

  /** That of the worker whose stream of work is being taken. */
  static WorkerIdentity current() {
    WorkerIdentity identity = KEY.get();
    return identity == null ? new WorkerIdentity("unknown", "", null) : identity;
  }

  /** The other end of the connection over which the current answer comes; null if not known. */
  static @Nullable Object transportOfAnswer() {
    return TRANSPORT_KEY.get();
  }

  /**
   * Whether its SDK is of a family in which some versions know no entities and would never answer
   * to their operations: those of Java and Go, which say so when they do.
   */
  boolean mayKnowNoEntities() {
    return isOf("grpc-java") || isOf("grpc-go");
  }

  /**
   * Whether names of functions and versions are the same to it in upper and lower case. The SDKs
   * for .NET and Go look them up so, and their filters give one spelling of each.
   *
   * <p>To all others they are not, also to those that are not known: who is handed what it cannot
   * find fails it for good, while what is not handed out waits, is explained, and goes to whoever
   * connects and has it.
   */
  boolean findsInAnyCase() {
    return isDotNet() || isGo();
  }

  /**
   * Whether it wants everything of a kind of which its filters name nothing. The SDK for Go means
   * it so, and names what cannot be when it wants nothing; those for other languages want nothing.
   */
  boolean wantsAllWhereItNamesNone() {
    return isGo();
  }

  /**
   * Whether its SDK is of the family in which some versions warn of each sign of life, and none
   * takes a silent stream for dead: that of Java.
   */
  boolean mayWarnOfSignsOfLife() {
    return isOf("grpc-java");
  }

  private boolean isDotNet() {
    return isOf("durabletask-dotnet") || isOf("grpc-dotnet") || isOf("grpc-csharp");
  }

  private boolean isGo() {
    return isOf("durabletask-go") || isOf("grpc-go");
  }

  private boolean isOf(String family) {
    return agent.toLowerCase(Locale.ROOT).contains(family);
  }
}
