package dev.perdure.grpc;

import com.google.protobuf.MessageLite;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;
import java.util.Objects;

/**
 * Refuses calls whose message is damaged, is of another type, or holds text that is not UTF-8. What
 * a marshaller throws would end a call as {@code UNKNOWN}, with a stack trace in the log for each.
 */
final class UnreadableMessages {
  private static final System.Logger LOG = System.getLogger("dev.perdure.grpc");

  private UnreadableMessages() {}

  /** A method that refuses what it cannot read. */
  static <Q, A> ServerMethodDefinition<Q, A> refusedBy(ServerMethodDefinition<Q, A> method) {
    MethodDescriptor<Q, A> descriptor = method.getMethodDescriptor();
    Reader<Q> reader = new Reader<>((PrototypeMarshaller<Q>) descriptor.getRequestMarshaller());
    ServerCallHandler<Q, A> handler = method.getServerCallHandler();
    return ServerMethodDefinition.create(
        descriptor.toBuilder(reader, descriptor.getResponseMarshaller()).build(),
        (call, headers) ->
            new Refusing<>(handler.startCall(call, headers), call, reader.unreadable));
  }

  /** Reads messages; gives one of its own for what is none. */
  private static final class Reader<Q> implements Marshaller<Q> {
    private final Marshaller<Q> reads;
    private final String type;
    final Q unreadable;

    @SuppressWarnings("unchecked") // a builder makes messages of the type that it is of
    Reader(PrototypeMarshaller<Q> reads) {
      this.reads = reads;
      this.type = reads.getMessageClass().getSimpleName();
      MessageLite prototype =
          (MessageLite) Objects.requireNonNull(reads.getMessagePrototype(), "a generated message");
      this.unreadable = (Q) prototype.newBuilderForType().build();
    }

    @Override
    public InputStream stream(Q message) {
      return reads.stream(message);
    }

    @Override
    public Q parse(InputStream bytes) {
      try {
        return reads.parse(bytes);
      } catch (StatusRuntimeException e) {
        LOG.log(
            System.Logger.Level.DEBUG,
            "A {0} cannot be read: {1}",
            type,
            String.valueOf(e.getCause()));
        return unreadable;
      }
    }
  }

  private static final class Refusing<Q> extends SimpleForwardingServerCallListener<Q> {
    private final ServerCall<Q, ?> call;
    private final Q unreadable;
    private boolean refused;

    Refusing(ServerCall.Listener<Q> listener, ServerCall<Q, ?> call, Q unreadable) {
      super(listener);
      this.call = call;
      this.unreadable = unreadable;
    }

    @Override
    public void onMessage(Q message) {
      if (isUnreadable(message)) {
        refused = true;
        call.close(
            Status.INVALID_ARGUMENT.withDescription(
                "The message of this call cannot be read: it is damaged, of another type, or has text that is not UTF-8."),
            new Metadata());
      } else {
        super.onMessage(message);
      }
    }

    @SuppressWarnings("ReferenceEquality") // an empty message that was read is equal to it
    private boolean isUnreadable(Q message) {
      return message == unreadable;
    }

    @Override
    public void onHalfClose() {
      if (!refused) {
        super.onHalfClose();
      }
    }
  }
}
