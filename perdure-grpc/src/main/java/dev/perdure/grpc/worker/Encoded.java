package dev.perdure.grpc.worker;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;

/** Parts of messages that are known in their encoded form only, and need not be decoded. */
final class Encoded {
  private Encoded() {}

  /** A field that holds a message. */
  static UnknownFieldSet field(int number, ByteString message) {
    return UnknownFieldSet.newBuilder()
        .addField(number, UnknownFieldSet.Field.newBuilder().addLengthDelimited(message).build())
        .build();
  }
}
