package dev.perdure.grpc.history;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.StringValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.perdure.api.EntityId;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.Payload;
import dev.perdure.api.TraceContext;
import dev.perdure.grpc.protocol.TaskFailureDetails;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Values of the engine in the form of the protocol, and back. Payloads are passed on byte for byte:
 * none, an empty one and one with content are three different things.
 */
public final class WireValues {
  /** Causes read of a failure; deeper ones are cut off. */
  private static final int CAUSES_MAX = 32;

  private static final long NANOS_PER_MILLI = 1_000_000;

  private static final long DUE_MILLIS_MAX = 253_402_300_799_000L; // the end of the year 9999

  private static final JsonFormat.Printer JSON =
      JsonFormat.printer().omittingInsignificantWhitespace();

  private WireValues() {}

  /** A payload as a text. */
  public static StringValue text(Payload payload) {
    return StringValue.newBuilder()
        .setValueBytes(UnsafeByteOperations.unsafeWrap(payload.bytes()))
        .build();
  }

  /** A text as a payload. */
  public static Payload payload(StringValue text) {
    return Payload.of(text.getValueBytes().toByteArray());
  }

  /** A time. */
  public static Timestamp time(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }

  /** A time, in milliseconds since 1970. */
  public static Timestamp time(long millis) {
    return Timestamp.newBuilder()
        .setSeconds(Math.floorDiv(millis, 1000L))
        .setNanos((int) (Math.floorMod(millis, 1000L) * NANOS_PER_MILLI))
        .build();
  }

  /**
   * When something is due: the first millisecond that is not before a time. What is further away
   * than the year 9999, such as the largest instant of some language, is as good as never.
   */
  public static Instant due(Timestamp time) {
    long millis = millis(time);
    boolean exact = time.equals(time(millis));
    return Instant.ofEpochMilli(Math.min(exact ? millis : millis + 1, DUE_MILLIS_MAX));
  }

  /** A time in milliseconds since 1970; what is further away than can be said is cut. */
  public static long millis(Timestamp time) {
    long millisMax = Long.MAX_VALUE / 4;
    long seconds = Math.clamp(time.getSeconds(), -millisMax / 1000, millisMax / 1000);
    return seconds * 1000 + time.getNanos() / NANOS_PER_MILLI;
  }

  /** A trace. */
  public static dev.perdure.grpc.protocol.TraceContext trace(TraceContext trace) {
    dev.perdure.grpc.protocol.TraceContext.Builder out =
        dev.perdure.grpc.protocol.TraceContext.newBuilder().setTraceParent(trace.traceParent());
    if (trace.traceState() != null) {
      out.setTraceState(StringValue.of(trace.traceState()));
    }
    String spanId = spanId(trace.traceParent());
    if (spanId != null) {
      setLegacySpanId(out, spanId);
    }
    return out.build();
  }

  /** The id of the span in the value of a traceparent header; null if it is not one. */
  private static @Nullable String spanId(String traceParent) {
    return traceParent.length() >= 55 && traceParent.charAt(35) == '-'
        ? traceParent.substring(36, 52)
        : null;
  }

  @SuppressWarnings("deprecation") // old SDKs read it
  private static void setLegacySpanId(
      dev.perdure.grpc.protocol.TraceContext.Builder out, String spanId) {
    out.setSpanID(spanId);
  }

  /** A trace. */
  public static TraceContext trace(dev.perdure.grpc.protocol.TraceContext trace) {
    return new TraceContext(
        trace.getTraceParent(), trace.hasTraceState() ? trace.getTraceState().getValue() : null);
  }

  /** A failure with its causes. */
  public static TaskFailureDetails failure(FailureDetails failure) {
    TaskFailureDetails.Builder out =
        TaskFailureDetails.newBuilder()
            .setErrorType(failure.errorType())
            .setErrorMessage(failure.message())
            .setIsNonRetriable(failure.nonRetriable());
    if (failure.stackTrace() != null) {
      out.setStackTrace(StringValue.of(failure.stackTrace()));
    }
    if (failure.cause() != null) {
      out.setInnerFailure(failure(failure.cause()));
    }
    Payload properties = failure.properties();
    if (properties != null) {
      Struct.Builder struct = Struct.newBuilder();
      try {
        JsonFormat.parser().merge(properties.text(), struct);
        out.putAllProperties(struct.getFieldsMap());
      } catch (InvalidProtocolBufferException notAnObject) {
        // Made by something else than a worker; the failure itself matters more.
      }
    }
    return out.build();
  }

  /** A failure with its causes. */
  public static FailureDetails failure(TaskFailureDetails failure) {
    return failure(failure, 0);
  }

  /**
   * A failure that is written as JSON, as libraries for Azure Functions do in the message of an
   * exception where they have more to tell than an exception can hold.
   *
   * @return empty if the text is anything else
   */
  public static Optional<FailureDetails> failure(String text) {
    if (!text.startsWith("{")) {
      return Optional.empty();
    }
    TaskFailureDetails.Builder failure = TaskFailureDetails.newBuilder();
    try {
      JsonFormat.parser().merge(text, failure);
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
    return failure.getErrorType().isEmpty()
        ? Optional.empty()
        : Optional.of(failure(failure.build()));
  }

  private static FailureDetails failure(TaskFailureDetails failure, int depth) {
    return new FailureDetails(
        failure.getErrorType(),
        failure.getErrorMessage(),
        failure.hasStackTrace() ? failure.getStackTrace().getValue() : null,
        failure.hasInnerFailure() && depth < CAUSES_MAX
            ? failure(failure.getInnerFailure(), depth + 1)
            : null,
        failure.getIsNonRetriable(),
        failure.getPropertiesCount() == 0 ? null : properties(failure));
  }

  private static Payload properties(TaskFailureDetails failure) {
    Struct.Builder kept = Struct.newBuilder();
    failure
        .getPropertiesMap()
        .forEach(
            (name, value) -> {
              if (isJson(value)) {
                kept.putFields(name, value);
              }
            });
    try {
      return Payload.of(JSON.print(kept.build()));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("What is in it can be written as JSON", e);
    }
  }

  /** Whether JSON has a word for a value; it has none for numbers that are not finite. */
  private static boolean isJson(Value value) {
    return switch (value.getKindCase()) {
      case NUMBER_VALUE -> Double.isFinite(value.getNumberValue());
      case STRUCT_VALUE ->
          value.getStructValue().getFieldsMap().values().stream().allMatch(WireValues::isJson);
      case LIST_VALUE -> value.getListValue().getValuesList().stream().allMatch(WireValues::isJson);
      case NULL_VALUE, STRING_VALUE, BOOL_VALUE -> true;
      case KIND_NOT_SET -> false;
    };
  }

  /**
   * The entity that remote code has named. What has not the form of an id is the fault of its
   * worker; the rest is that of the code, which asks for the same however often it is tried.
   *
   * @throws AnswerReader.InvalidAnswerException if the text has another form
   * @throws dev.perdure.api.InvalidInstanceIdException if there can be no such entity
   */
  public static EntityId entity(String id) {
    if (!EntityId.isEntityId(id) || id.indexOf('@', 1) < 0) {
      throw new AnswerReader.InvalidAnswerException(
          "'%s' is not the id of an entity, which has the form @name@key".formatted(id));
    }
    return EntityId.parse(id);
  }
}
