package dev.perdure.grpc;

import static dev.perdure.grpc.ServerFixture.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.grpc.protocol.CreateInstanceRequest;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Messages that are none, as a broken client or something else altogether may send them. */
class UnreadableMessagesTest {
  private final ServerFixture server =
      new ServerFixture(Functions.registry(new AtomicBoolean(false)));

  @AfterEach
  void close() {
    server.close();
  }

  private enum Raw implements MethodDescriptor.Marshaller<byte[]> {
    BYTES;

    @Override
    public InputStream stream(byte[] bytes) {
      return new ByteArrayInputStream(bytes);
    }

    @Override
    public byte[] parse(InputStream bytes) {
      throw new UnsupportedOperationException("an answer");
    }
  }

  private void call(MethodDescriptor<?, ?> method, byte[] message) {
    var unused =
        ClientCalls.blockingServerStreamingCall(
                server.client().getChannel(),
                method.toBuilder(Raw.BYTES, method.getResponseMarshaller())
                    .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
                    .build(),
                CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS),
                message)
            .hasNext();
  }

  @Test
  void whatCannotBeReadIsRefused() {
    byte[] good = CreateInstanceRequest.newBuilder().setInstanceId("abc").build().toByteArray();
    byte[] notUtf8 = good.clone();
    notUtf8[3] = (byte) 0xff;
    List<byte[]> bad =
        List.of(notUtf8, new byte[] {good[0]}, "GET / HTTP/1.1".getBytes(StandardCharsets.UTF_8));
    for (byte[] message : bad) {
      assertFails(
          Code.INVALID_ARGUMENT,
          "cannot be read",
          () -> call(TaskHubSidecarServiceGrpc.getStartInstanceMethod(), message));
    }
    for (byte[] message : bad.subList(1, 3)) { // the first has an unknown field and no more
      assertFails(
          Code.INVALID_ARGUMENT,
          "cannot be read",
          () -> call(TaskHubSidecarServiceGrpc.getGetWorkItemsMethod(), message));
    }
    assertFails(
        Code.INVALID_ARGUMENT,
        "name of the function",
        () -> call(TaskHubSidecarServiceGrpc.getStartInstanceMethod(), good));
  }

  @Test
  void anEmptyMessageCanBeRead() {
    assertThat(GetWorkItemsRequest.getDefaultInstance().toByteArray()).isEmpty();
    assertFails(
        Code.UNIMPLEMENTED,
        "",
        () -> call(TaskHubSidecarServiceGrpc.getGetWorkItemsMethod(), new byte[0]));
  }
}
