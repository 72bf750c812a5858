package dev.perdure.grpc;

import com.google.protobuf.StringValue;
import dev.perdure.api.FailureDetails;
import dev.perdure.grpc.protocol.TaskFailureDetails;

/** Failures on the wire. */
public final class Failures {
  private Failures() {}

  /** A failure with its causes. */
  public static TaskFailureDetails toWire(FailureDetails failure) {
    TaskFailureDetails.Builder wire =
        TaskFailureDetails.newBuilder()
            .setErrorType(failure.errorType())
            .setErrorMessage(failure.message())
            .setIsNonRetriable(failure.nonRetriable());
    if (failure.stackTrace() != null) {
      wire.setStackTrace(StringValue.of(failure.stackTrace()));
    }
    if (failure.cause() != null) {
      wire.setInnerFailure(toWire(failure.cause()));
    }
    return wire.build();
  }
}
