package dev.perdure.grpc;

import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc;
import io.grpc.Context;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Refuses large messages while others take all the room that there is for them. What comes of a
 * message is counted as it comes, and until its call has ended and nobody works on it any more;
 * past the room the call is refused at once, and what has come of its message is let go. Answers of
 * workers are counted too, until their calls have ended, but taken in any case: not every SDK says
 * again what was refused, and the work would stay with it.
 *
 * <p>The tracer counts, and the interceptor gives it the call that it is to refuse. Both run on the
 * thread of the transport.
 */
final class LargeMessages extends ServerStreamTracer.Factory implements ServerInterceptor {
  /** Messages of so many bytes or fewer are not counted; the flow control bounds them. */
  private static final int SMALL_BYTES = 16 << 10;

  private static final Set<String> ANSWERS =
      Set.of(
          TaskHubSidecarServiceGrpc.getCompleteOrchestratorTaskMethod().getFullMethodName(),
          TaskHubSidecarServiceGrpc.getCompleteActivityTaskMethod().getFullMethodName(),
          TaskHubSidecarServiceGrpc.getCompleteEntityTaskMethod().getFullMethodName());

  private static final Context.Key<Counter> COUNTER = Context.key("perdure-message-bytes");

  private final MessageRoom room;

  /**
   * None so far.
   *
   * @param togetherMax bytes of all large messages that have come or are coming
   */
  LargeMessages(long togetherMax) {
    this.room = new MessageRoom(togetherMax);
  }

  /**
   * Keeps the room of the message of the current call until it is closed: callers give up, and what
   * they asked for is done all the same. On the thread that takes the message.
   */
  static Hold hold() {
    Counter counter = COUNTER.get();
    MessageRoom.Share share = counter == null ? null : counter.share;
    return share == null ? () -> {} : share.withOneMore()::close;
  }

  /** The room of a message. Closed once. */
  @FunctionalInterface
  interface Hold extends AutoCloseable {
    @Override
    void close();
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
    return new Counter(room, ANSWERS.contains(method));
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Counter counter = COUNTER.get();
    counter.call = call;
    return new Listener<>(next.startCall(call, headers), counter);
  }

  /** Counts the bytes of a call's message: as sent or, if they are more, unpacked. */
  private static final class Counter extends ServerStreamTracer {
    private final MessageRoom room;
    private final boolean answer;
    private long sent;
    private long unpacked;
    private MessageRoom.@Nullable Share share;
    private @Nullable ServerCall<?, ?> call;
    private boolean refused;

    Counter(MessageRoom room, boolean answer) {
      this.room = room;
      this.answer = answer;
    }

    @Override
    public Context filterContext(Context context) {
      return context.withValue(COUNTER, this);
    }

    @Override
    public void inboundWireSize(long bytes) {
      sent += bytes;
      count();
    }

    @Override
    public void inboundUncompressedSize(long bytes) {
      unpacked += bytes;
      count();
    }

    private void count() {
      long bytes = Math.max(sent, unpacked);
      if (bytes <= SMALL_BYTES || refused) {
        return;
      }
      if (share == null) {
        share = room.share();
      }
      if (answer) {
        share.take(bytes);
        return;
      }
      ServerCall<?, ?> refusable = call;
      if (!share.growTo(bytes) && refusable != null) {
        refused = true;
        refusable.close(
            Status.RESOURCE_EXHAUSTED.withDescription(
                "The server has no room for this message at present: large messages of other calls"
                    + " take what memory there is for them. Nothing was done; try again later, or"
                    + " send fewer large messages at once."),
            new Metadata());
      }
    }

    @Override
    public void streamClosed(Status status) {
      if (share != null) {
        share.close();
      }
    }
  }

  /** Hands on no message of a call that was refused. */
  private static final class Listener<Q> extends SimpleForwardingServerCallListener<Q> {
    private final Counter counter;

    Listener(ServerCall.Listener<Q> listener, Counter counter) {
      super(listener);
      this.counter = counter;
    }

    @Override
    public void onMessage(Q message) {
      if (!counter.refused) {
        super.onMessage(message);
      }
    }

    @Override
    public void onHalfClose() {
      if (!counter.refused) {
        super.onHalfClose();
      }
    }
  }
}
