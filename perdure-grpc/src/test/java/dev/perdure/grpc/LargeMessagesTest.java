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
import dev.perdure.grpc.protocol.RaiseEventRequest;
import dev.perdure.store.ForwardingStore;
import dev.perdure.store.LogRecord;
import dev.perdure.store.memory.MemoryStore;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
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
  private static final String LARGE_TEXT = "x".repeat(LARGE);
  private static final String ID = "waits";

  private final HesitantStore store = new HesitantStore();
  private final ServerFixture server =
      new ServerFixture(
          store,
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
    store.goOn();
    server.close();
  }

  /** In memory, with a disk that can be told to hesitate at the next large record. */
  private static final class HesitantStore extends ForwardingStore {
    private final CountDownLatch hesitating = new CountDownLatch(1);

    // Guarded by this.
    private final List<Runnable> waiting = new ArrayList<>();
    private boolean hesitates;

    HesitantStore() {
      super(new MemoryStore(4));
    }

    @Override
    public synchronized void commit(List<LogRecord> records, CommitCallback callback) {
      boolean large = records.stream().anyMatch(each -> each.data().remaining() >= LARGE);
      if ((hesitates && large) || !waiting.isEmpty()) {
        waiting.add(() -> super.commit(records, callback));
        hesitating.countDown();
      } else {
        super.commit(records, callback);
      }
    }

    synchronized void hesitate() {
      hesitates = true;
    }

    /** Waits until there is one. */
    void awaitHesitation() throws InterruptedException {
      hesitating.await();
    }

    synchronized void goOn() {
      hesitates = false;
      waiting.forEach(Runnable::run);
      waiting.clear();
    }
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

  private void awaitRoom(String compression) {
    while (refusal(LARGE, compression)
        .filter(status -> status.getCode() == Status.Code.RESOURCE_EXHAUSTED)
        .isPresent()) {
      Thread.onSpinWait();
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
    awaitRoom(compression); // the end of a call is told before it is over
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

  private ListenableFuture<?> startLarge() {
    return server
        .futures()
        .startInstance(
            create("other", "wait").setInput(StringValue.of("\"" + LARGE_TEXT + "\"")).build());
  }

  private ListenableFuture<?> raiseLarge() {
    return server
        .futures()
        .raiseEvent(
            RaiseEventRequest.newBuilder()
                .setInstanceId(ID)
                .setName("go")
                .setInput(StringValue.of("\"" + LARGE_TEXT + "\""))
                .build());
  }

  /** Else many that ask again and again would fill the memory while a disk hesitates. */
  @ParameterizedTest
  @ValueSource(strings = {"start", "raise"})
  void whatIsWorkedOnKeepsItsRoomWhenItsCallerHasGivenUp(String what) throws Exception {
    store.hesitate();
    ListenableFuture<?> call = what.equals("start") ? startLarge() : raiseLarge();
    store.awaitHesitation();

    call.cancel(true); // which comes before whatever is sent later
    assertThat(refusal(LARGE, "identity").map(Status::getCode))
        .contains(Status.Code.RESOURCE_EXHAUSTED);

    store.goOn();
    awaitRoom("identity");
  }

  @Test
  void smallMessagesNeedNoRoom() {
    ListenableFuture<GetInstanceResponse> first = takeAllRoom();
    assertThat(refusal(SMALL, "identity")).isEmpty();
    first.cancel(true);
  }
}
