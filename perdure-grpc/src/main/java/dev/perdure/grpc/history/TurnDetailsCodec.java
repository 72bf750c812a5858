package dev.perdure.grpc.history;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.perdure.api.Payload;
import dev.perdure.grpc.protocol.TurnDetails;
import org.jspecify.annotations.Nullable;

/** The stored form of the details of a step. */
final class TurnDetailsCodec {
  private TurnDetailsCodec() {}

  static Payload write(TurnDetails details) {
    return Payload.of(details.toByteArray());
  }

  static @Nullable TurnDetails read(@Nullable Payload stored) {
    if (stored == null) {
      return null;
    }
    try {
      return TurnDetails.parseFrom(stored.bytes());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("Damaged content: the details of a step: " + e, e);
    }
  }
}
