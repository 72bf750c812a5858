package dev.perdure.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/** Finds out from the metadata of a call which hub it is for. */
final class HubChoice implements ServerInterceptor {
  private static final Metadata.Key<String> TASK_HUB =
      Metadata.Key.of("taskhub", Metadata.ASCII_STRING_MARSHALLER);

  private static final Context.Key<String> HUB =
      Context.keyWithDefault("perdure-hub", HubNames.DEFAULT);

  /** The name of the hub that the current call is for. */
  static String ofCurrentCall() {
    return HUB.get();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String header = headers.get(TASK_HUB);
    if (header == null) {
      return next.startCall(call, headers); // the default one
    }
    String name;
    try {
      name = HubNames.of(header);
    } catch (IllegalArgumentException e) {
      call.close(Status.INVALID_ARGUMENT.withDescription(e.getMessage()), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    return Contexts.interceptCall(Context.current().withValue(HUB, name), call, headers, next);
  }
}
