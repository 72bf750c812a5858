package dev.perdure.grpc.history;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.perdure.api.EntityId;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.Payload;
import dev.perdure.grpc.history.AnswerReader.InvalidAnswerException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The older form of messages to and from entities: JSON in external events. Workers that use it
 * send events to an id that begins with {@code @} and wait for events named by the request.
 */
final class EntityJson {
  /** The name of the event that releases a lock. */
  static final String RELEASE = "release";

  private static final String OPERATION = "op";
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().omittingInsignificantWhitespace();

  private EntityJson() {}

  /**
   * A message to an entity.
   *
   * @param id of the request, or of the critical section
   * @param operation the operation; null for a wish to lock
   * @param signal whether nobody waits for the answer
   * @param at when the operation is to run first; null for at once
   * @param lockSet the entities to lock
   */
  record Message(
      String id,
      @Nullable String operation,
      boolean signal,
      @Nullable Payload input,
      @Nullable Instant at,
      List<EntityId> lockSet) {}

  /** Whether an event of this name is a message to an entity. */
  static boolean isMessage(String eventName) {
    return eventName.equals(OPERATION)
        || eventName.startsWith(OPERATION + "@")
        || eventName.equals(RELEASE);
  }

  /** Reads a message. */
  static Message read(String eventName, @Nullable Payload data) {
    Struct json = parse(data);
    String operation = text(json, "op");
    Instant at = time(eventName);
    List<EntityId> lockSet = new ArrayList<>();
    Value locks = json.getFieldsMap().get("lockset");
    if (locks != null && locks.hasListValue()) {
      for (Value lock : locks.getListValue().getValuesList()) {
        String name = text(lock.getStructValue(), "name");
        String key = text(lock.getStructValue(), "key");
        if (name == null || key == null) {
          throw new InvalidAnswerException("a lock set names an entity without a name or a key");
        }
        lockSet.add(EntityId.of(name, key));
      }
    }
    String input = text(json, "input");
    String id = text(json, "id");
    if (id == null) {
      throw new InvalidAnswerException("a message to an entity has no id");
    }
    Value signal = json.getFieldsMap().get("signal");
    return new Message(
        id,
        operation,
        signal != null && signal.getBoolValue(),
        input == null ? null : Payload.of(input),
        at,
        lockSet);
  }

  private static @Nullable Instant time(String eventName) {
    if (!eventName.startsWith(OPERATION + "@")) {
      return null;
    }
    String text = eventName.substring(OPERATION.length() + 1);
    try {
      Instant at = OffsetDateTime.parse(text).toInstant();
      return WireValues.due(
          Timestamp.newBuilder().setSeconds(at.getEpochSecond()).setNanos(at.getNano()).build());
    } catch (DateTimeException notWithAnOffset) {
      throw new InvalidAnswerException(
          "a message to an entity is for '%s', which is not a time".formatted(text));
    }
  }

  private static Struct parse(@Nullable Payload data) {
    Struct.Builder json = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(data == null ? "{}" : data.text(), json);
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidAnswerException("a message to an entity is not a JSON object");
    }
    return json.build();
  }

  private static @Nullable String text(Struct json, String name) {
    Value value = json.getFieldsMap().get(name);
    return value != null && value.hasStringValue() ? value.getStringValue() : null;
  }

  // ---- answers ----------------------------------------------------------------------------------

  /** The content of the event that answers an operation. */
  static Payload result(@Nullable Payload result) {
    return print(
        Struct.newBuilder()
            .putFields("result", result == null ? nullValue() : string(result.text()))
            .build());
  }

  /** The content of the event that tells of a failed operation. */
  static Payload failure(FailureDetails failure) {
    return print(
        Struct.newBuilder()
            .putFields("exceptionType", string(failure.errorType()))
            .putFields("failureDetails", details(failure))
            .build());
  }

  /** The content of the event that grants locks. */
  static Payload granted() {
    return print(
        Struct.newBuilder().putFields("result", string("Lock Acquisition Completed")).build());
  }

  private static Value details(FailureDetails failure) {
    Struct.Builder json =
        Struct.newBuilder()
            .putFields("ErrorType", string(failure.errorType()))
            .putFields("ErrorMessage", string(failure.message()))
            .putFields(
                "StackTrace",
                failure.stackTrace() == null ? nullValue() : string(failure.stackTrace()))
            .putFields(
                "InnerFailure", failure.cause() == null ? nullValue() : details(failure.cause()))
            .putFields(
                "IsNonRetriable", Value.newBuilder().setBoolValue(failure.nonRetriable()).build());
    return Value.newBuilder().setStructValue(json).build();
  }

  private static Value string(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static Value nullValue() {
    return Value.newBuilder().setNullValue(com.google.protobuf.NullValue.NULL_VALUE).build();
  }

  private static Payload print(Struct json) {
    try {
      return Payload.of(PRINTER.print(json));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("Texts can always be written as JSON", e);
    }
  }
}
