package dev.perdure.grpc;

import com.google.protobuf.StringValue;
import com.google.protobuf.Timestamp;
import dev.perdure.api.Payload;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Reads small values of requests. Absent stays absent, and empty stays empty. */
final class RequestFields {
  private RequestFields() {}

  /** A payload; null if the wrapper is absent. */
  static @Nullable Payload payload(boolean present, StringValue value) {
    return present ? Payload.of(value.getValue()) : null;
  }

  /** A text; null if the wrapper is absent. */
  static @Nullable String text(boolean present, StringValue value) {
    return present ? value.getValue() : null;
  }

  /**
   * A time; null if it is absent.
   *
   * @param field the field's name, for an error message
   * @throws IllegalArgumentException if there is no such time
   */
  static @Nullable Instant instant(boolean present, Timestamp time, String field) {
    if (!present) {
      return null;
    }
    long seconds = time.getSeconds();
    int nanos = time.getNanos();
    if (nanos < 0 || nanos > 999_999_999) {
      throw new IllegalArgumentException(
          "The field %s has %d nanoseconds; a timestamp has 0 to 999999999."
              .formatted(field, nanos));
    }
    try {
      return Instant.ofEpochSecond(seconds, nanos);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "The field %s is %d seconds after 1970, which is beyond all calendars."
              .formatted(field, seconds),
          e);
    }
  }

  /**
   * The first moment after a time that is itself meant. Times are recorded in milliseconds, so one
   * that is given more precisely means the millisecond that it lies in.
   */
  static @Nullable Instant endOf(@Nullable Instant inclusive) {
    if (inclusive == null || !inclusive.isBefore(Instant.MAX.minusSeconds(1))) {
      return null;
    }
    return inclusive.plusMillis(1);
  }
}
