package dev.perdure.grpc.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.StringValue;
import com.google.protobuf.UnsafeByteOperations;
import dev.perdure.engine.activity.ActivityWork;
import dev.perdure.grpc.history.MessageEncoder;
import dev.perdure.grpc.history.WireValues;
import dev.perdure.grpc.protocol.ActivityRequest;
import dev.perdure.grpc.protocol.HealthPing;
import dev.perdure.grpc.protocol.OrchestrationInstance;
import dev.perdure.grpc.protocol.WorkItem;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A message on a worker's stream, encoded. Most of a step is encoded before it is due, and is only
 * copied; an activity is encoded without an object for each part of its request. What a worker
 * reads is a {@link WorkItem}.
 */
public final class EncodedWorkItem {
  /** A sign of life. */
  static final EncodedWorkItem PING =
      new EncodedWorkItem(
          List.of(
              WorkItem.newBuilder()
                  .setHealthPing(HealthPing.getDefaultInstance())
                  .build()
                  .toByteString()));

  private static final byte[] NONE = {};

  /** Tags and lengths of a piece of work; what exceeds it costs a copy. */
  private static final int OVERHEAD = 64;

  /** How it gets on its way. What it reads is not looked into. */
  public static final Marshaller<EncodedWorkItem> MARSHALLER =
      new Marshaller<>() {
        @Override
        public InputStream stream(EncodedWorkItem item) {
          return new Stream(item);
        }

        @Override
        public EncodedWorkItem parse(InputStream in) {
          try {
            return new EncodedWorkItem(List.of(ByteString.readFrom(in)));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  private final List<ByteString> parts;
  private final int size;

  private EncodedWorkItem(List<ByteString> parts) {
    this.parts = parts;
    int sum = 0;
    for (ByteString part : parts) {
      sum = Math.addExact(sum, part.size());
    }
    this.size = sum;
  }

  /** How many bytes it has. */
  int size() {
    return size;
  }

  /** A piece of work. */
  static EncodedWorkItem of(WorkRequest request, String token) {
    return switch (request) {
      case WorkRequest.Step step -> step(step, token.getBytes(UTF_8));
      case WorkRequest.Activity activity -> activity(activity.work(), token.getBytes(UTF_8));
      case WorkRequest.Operations operations ->
          new EncodedWorkItem(
              List.of(
                  operations.item().toBuilder().setCompletionToken(token).build().toByteString()));
    };
  }

  private static EncodedWorkItem step(WorkRequest.Step step, byte[] token) {
    int length =
        Math.addExact(step.head().size(), Math.addExact(step.past().size(), step.events().size()));
    MessageEncoder before = new MessageEncoder(OVERHEAD);
    before.head(WorkItem.ORCHESTRATORREQUEST_FIELD_NUMBER, length);
    MessageEncoder after = new MessageEncoder(OVERHEAD + token.length);
    after.bytes(WorkItem.COMPLETIONTOKEN_FIELD_NUMBER, token);
    return new EncodedWorkItem(
        List.of(
            before.toByteString(), step.head(), step.past(), step.events(), after.toByteString()));
  }

  private static EncodedWorkItem activity(ActivityWork work, byte[] token) {
    byte[] name = work.name().getBytes(UTF_8);
    byte[] instanceId = work.instanceId().getBytes(UTF_8);
    byte[] executionId = work.call().executionId().getBytes(UTF_8);
    byte[] rare = rareFields(work);
    byte[] input = work.input() == null ? NONE : work.input().bytes();
    MessageEncoder out =
        new MessageEncoder(
            OVERHEAD
                + name.length
                + instanceId.length
                + executionId.length
                + rare.length
                + input.length
                + token.length);
    out.bytes(WorkItem.COMPLETIONTOKEN_FIELD_NUMBER, token);
    final int request = out.size();
    out.raw(rare);
    out.number(ActivityRequest.TASKID_FIELD_NUMBER, work.taskId());
    int instance = out.size();
    out.stringValue(OrchestrationInstance.EXECUTIONID_FIELD_NUMBER, executionId);
    out.bytes(OrchestrationInstance.INSTANCEID_FIELD_NUMBER, instanceId);
    out.message(ActivityRequest.ORCHESTRATIONINSTANCE_FIELD_NUMBER, instance);
    if (work.input() != null) {
      out.stringValue(ActivityRequest.INPUT_FIELD_NUMBER, input);
    }
    out.bytes(ActivityRequest.NAME_FIELD_NUMBER, name);
    out.message(WorkItem.ACTIVITYREQUEST_FIELD_NUMBER, request);
    return new EncodedWorkItem(List.of(out.toByteString()));
  }

  /** Fields of a request that few activities have. Fields may come in any order. */
  private static byte[] rareFields(ActivityWork work) {
    ActivityWork.Call call = work.call();
    if (call.tags().isEmpty() && call.version() == null && call.traceContext() == null) {
      return NONE;
    }
    ActivityRequest.Builder request = ActivityRequest.newBuilder().putAllTags(call.tags());
    if (call.version() != null) {
      request.setVersion(StringValue.of(call.version()));
    }
    if (call.traceContext() != null) {
      request.setParentTraceContext(WireValues.trace(call.traceContext()));
    }
    return request.build().toByteArray();
  }

  /** The encoded message. */
  ByteString bytes() {
    return ByteString.copyFrom(parts);
  }

  /** One that the transport has written to where it wants it, or reads. */
  private static final class Stream extends InputStream implements KnownLength, Drainable {
    private final EncodedWorkItem item;
    private InputStream rest = InputStream.nullInputStream();
    private boolean begun;

    Stream(EncodedWorkItem item) {
      this.item = item;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      if (begun) {
        return Math.toIntExact(rest.transferTo(target));
      }
      begun = true;
      To to = new To(target);
      for (ByteString part : item.parts) {
        UnsafeByteOperations.unsafeWriteTo(part, to);
      }
      return item.size;
    }

    private InputStream rest() {
      if (!begun) {
        begun = true;
        rest = item.bytes().newInput();
      }
      return rest;
    }

    @Override
    public int read() throws IOException {
      return rest().read();
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      return rest().read(to, offset, length);
    }

    @Override
    public int available() throws IOException {
      return begun ? rest.available() : item.size;
    }
  }

  /** Writes what is given, without a copy in between. */
  private static final class To extends ByteOutput {
    private final OutputStream target;

    To(OutputStream target) {
      this.target = target;
    }

    @Override
    public void write(byte value) throws IOException {
      target.write(value);
    }

    @Override
    public void write(byte[] value, int offset, int length) throws IOException {
      target.write(value, offset, length);
    }

    @Override
    public void writeLazy(byte[] value, int offset, int length) throws IOException {
      target.write(value, offset, length);
    }

    @Override
    public void write(ByteBuffer value) throws IOException {
      byte[] copy = new byte[value.remaining()];
      value.get(copy);
      target.write(copy);
    }

    @Override
    public void writeLazy(ByteBuffer value) throws IOException {
      write(value);
    }
  }
}
