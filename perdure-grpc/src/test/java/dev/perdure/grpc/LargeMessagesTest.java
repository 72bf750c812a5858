package dev.perdure.grpc;

import static dev.perdure.grpc.ServerFixture.OPTIONS;
import static dev.perdure.grpc.ServerFixture.about;
import static dev.perdure.grpc.ServerFixture.create;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import com.google.protobuf.StringValue;
import com.google.protobuf.UnknownFieldSet;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.grpc.protocol.ActivityResponse;
import dev.perdure.grpc.protocol.GetInstanceRequest;
import dev.perdure.grpc.protocol.GetInstanceResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages of many calls take so much memory together, and no more. */
@Timeout(60)
class LargeMessagesTest {
  private static final int LARGE = 1 << 20;
  private static final int SMALL = 10 << 10;
  private static final String ID = "waits";

  private final ServerFixture server =
      new ServerFixture(
          FunctionRegistry.builder()
              .orchestrator("wait", ctx -> ctx.waitForExternalEvent("go", String.class).await())
              .build(),
          OPTIONS.withInboundTogetherMax(LARGE / 2));

  @BeforeEach
  void startAnInstance() {
    var unused = server.client().startInstance(create(ID, "wait").build());
  }

  @AfterEach
  void close() {
    server.close();
  }

  /** A request with a field that nobody knows. */
  private static GetInstanceRequest request(int bytes) {
    return about(ID, false).toBuilder()
        .setUnknownFields(
            UnknownFieldSet.newBuilder()
                .addField(
                    1_000,
                    UnknownFieldSet.Field.newBuilder()
                        .addLengthDelimited(ByteString.copyFrom(new byte[bytes]))
                        .build())
                .build())
        .build();
  }

  private Optional<Status> refusal(int bytes, String compression) {
    try {
      var unused = server.client().withCompression(compression).getInstance(request(bytes));
      return Optional.empty();
    } catch (StatusRuntimeException e) {
      return Optional.of(e.getStatus());
    }
  }

  /** A call whose message takes all room until the instance has ended. */
  private ListenableFuture<GetInstanceResponse> takeAllRoom() {
    ListenableFuture<GetInstanceResponse> call =
        server.futures().waitForInstanceCompletion(request(LARGE));
    while (refusal(LARGE, "identity").isEmpty()) { // it has not come yet
      if (call.isDone()) { // it was refused, for the one that asks whether it has come
        call = server.futures().waitForInstanceCompletion(request(LARGE));
      }
    }
    return call;
  }

  @ParameterizedTest
  @ValueSource(strings = {"identity", "gzip"})
  void aLargeMessageIsRefusedWhileOthersTakeTheRoom(String compression) throws Exception {
    assertThat(refusal(LARGE, compression)).as("one alone").isEmpty();
    ListenableFuture<GetInstanceResponse> first = takeAllRoom();
    Status status = refusal(LARGE, compression).orElseThrow();
    assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(status.getDescription()).contains("no room", "try again later");

    server.raise(ID, "go", "\"on\"");
    assertThat(first.get(30, TimeUnit.SECONDS).getExists()).isTrue();
    while (refusal(LARGE, compression).isPresent()) { // the end of a call is told before it is over
      Thread.onSpinWait();
    }
  }

  /** The work of a worker whose answer was refused might stay with it for ever. */
  @Test
  void answersOfWorkersAreTakenAllTheSame() {
    ListenableFuture<GetInstanceResponse> first = takeAllRoom();
    ActivityResponse answer =
        ActivityResponse.newBuilder()
            .setInstanceId("nobody")
            .setCompletionToken("none")
            .setResult(StringValue.of("x".repeat(2 * LARGE)))
            .build();
    assertThatThrownBy(() -> server.client().completeActivityTask(answer))
        .as("it has been read, by a server without workers")
        .hasMessageStartingWith("UNIMPLEMENTED");
    first.cancel(true);
  }

  @Test
  void smallMessagesNeedNoRoom() {
    ListenableFuture<GetInstanceResponse> first = takeAllRoom();
    assertThat(refusal(SMALL, "identity")).isEmpty();
    first.cancel(true);
  }
}
