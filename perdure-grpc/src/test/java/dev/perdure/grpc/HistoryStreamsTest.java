package dev.perdure.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import dev.perdure.api.HistoryEvent;
import dev.perdure.grpc.history.WireHistory;
import dev.perdure.grpc.history.WireValues;
import dev.perdure.grpc.protocol.ExecutionStartedEvent;
import dev.perdure.grpc.protocol.GenericEvent;
import dev.perdure.grpc.protocol.HistoryChunk;
import dev.perdure.grpc.protocol.StreamInstanceHistoryRequest;
import dev.perdure.grpc.protocol.TraceContext;
import io.grpc.Status.Code;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HistoryStreamsTest {
  private final AtomicInteger copies = new AtomicInteger(1);
  private final AtomicInteger size = new AtomicInteger(10);
  private final ServerFixture server =
      new ServerFixture(Functions.registry(new AtomicBoolean(false)), this::toWire);

  @AfterEach
  void close() {
    server.close();
  }

  /** Stands for what an event looks like on the wire: each event several times, padded. */
  private List<dev.perdure.grpc.protocol.HistoryEvent> toWire(
      String instanceId, List<HistoryEvent> events) {
    if (copies.get() == 0) {
      return WireHistory.of(instanceId, events);
    }
    if (copies.get() < 0) {
      throw new IllegalStateException("secret");
    }
    List<dev.perdure.grpc.protocol.HistoryEvent> wire = new ArrayList<>();
    for (HistoryEvent event : events) {
      for (int i = 0; i < copies.get(); i++) {
        String text = event.getClass().getSimpleName() + " ".repeat(size.get());
        wire.add(
            dev.perdure.grpc.protocol.HistoryEvent.newBuilder()
                .setTimestamp(WireValues.time(event.timestamp()))
                .setGenericEvent(GenericEvent.newBuilder().setData(StringValue.of(text)))
                .build());
      }
    }
    return wire;
  }

  private static StreamInstanceHistoryRequest.Builder of(String id) {
    return StreamInstanceHistoryRequest.newBuilder().setInstanceId(id);
  }

  private List<HistoryChunk> chunks(StreamInstanceHistoryRequest.Builder request) {
    List<HistoryChunk> chunks = new ArrayList<>();
    Iterator<HistoryChunk> stream = server.client().streamInstanceHistory(request.build());
    stream.forEachRemaining(chunks::add);
    return chunks;
  }

  private static List<String> kinds(List<HistoryChunk> chunks) {
    return chunks.stream()
        .flatMap(chunk -> chunk.getEventsList().stream())
        .map(event -> event.getGenericEvent().getData().getValue().strip())
        .toList();
  }

  private void done() {
    server.start("one", "echo", "1");
    server.ended("one");
  }

  @Test
  void aSmallHistoryIsOneChunk() {
    done();
    List<HistoryChunk> chunks = chunks(of("one"));
    assertThat(chunks).hasSize(1);
    assertThat(kinds(chunks)).startsWith("ExecutionStarted").endsWith("ExecutionCompleted");
  }

  @Test
  void aLargeHistoryIsManyChunksInOrder() {
    done();
    copies.set(300);
    size.set(5_000);
    List<HistoryChunk> chunks = chunks(of("one"));
    assertThat(chunks)
        .hasSizeGreaterThan(5)
        .allMatch(chunk -> chunk.getSerializedSize() <= (256 << 10) + 2_000);
    assertThat(kinds(chunks)).startsWith("ExecutionStarted").endsWith("ExecutionCompleted");
  }

  @Test
  void aLargeEventTravelsAlone() {
    done();
    size.set(1 << 20);
    assertThat(chunks(of("one"))).allMatch(chunk -> chunk.getEventsCount() == 1);
  }

  @Test
  void whatIsNotThereHasNoHistory() {
    done();
    assertThat(chunks(of("nobody"))).isEmpty();
    assertThat(chunks(of("@counter@a"))).isEmpty();
    assertThat(chunks(of("one").setExecutionId(StringValue.of("another")))).isEmpty();
    assertThat(chunks(of("one").setExecutionId(server.state("one").getExecutionId()))).isNotEmpty();
    ServerFixture.assertFails(Code.INVALID_ARGUMENT, "empty", () -> chunks(of("")));
  }

  @Test
  void whatAStartBelongsToIsInTheHistory() {
    copies.set(0);
    TraceContext trace =
        TraceContext.newBuilder()
            .setTraceParent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
            .setTraceState(StringValue.of("a=b"))
            .build();
    server
        .client()
        .startInstance(
            ServerFixture.create("one", "echo")
                .setInput(StringValue.of(" 1 "))
                .setParentTraceContext(trace)
                .putTags("a", "b")
                .build());
    server.ended("one");
    ExecutionStartedEvent started =
        chunks(of("one")).stream()
            .flatMap(chunk -> chunk.getEventsList().stream())
            .filter(dev.perdure.grpc.protocol.HistoryEvent::hasExecutionStarted)
            .findFirst()
            .orElseThrow()
            .getExecutionStarted();
    assertThat(started.getParentTraceContext().getTraceParent()).isEqualTo(trace.getTraceParent());
    assertThat(started.getParentTraceContext().getTraceState().getValue()).isEqualTo("a=b");
    assertThat(started.getInput().getValue()).isEqualTo(" 1 ");
    assertThat(started.getTagsMap()).containsEntry("a", "b");
    assertThat(started.getOrchestrationInstance().getExecutionId())
        .isEqualTo(server.state("one").getExecutionId());
  }

  @Test
  void whatNobodyExpectedIsNotShownToClients() {
    done();
    copies.set(-1);
    assertThat(ServerFixture.failure(() -> chunks(of("one"))))
        .satisfies(
            status -> {
              assertThat(status.getCode()).isEqualTo(Code.INTERNAL);
              assertThat(status.getDescription()).doesNotContain("secret").contains("error");
            });
  }

  /** A client that asks for nothing is sent little; one that goes away ends the stream. */
  @Test
  void aSlowClientIsWaitedFor() throws Exception {
    done();
    copies.set(1_000);
    size.set(10_000);
    CompletableFuture<Integer> received = new CompletableFuture<>();
    CompletableFuture<ClientCallStreamObserver<StreamInstanceHistoryRequest>> call =
        new CompletableFuture<>();
    server
        .streams()
        .streamInstanceHistory(
            of("one").build(),
            new ClientResponseObserver<StreamInstanceHistoryRequest, HistoryChunk>() {
              private int events;

              @Override
              public void beforeStart(
                  ClientCallStreamObserver<StreamInstanceHistoryRequest> stream) {
                stream.disableAutoRequestWithInitial(0);
                call.complete(stream);
              }

              @Override
              public void onNext(HistoryChunk chunk) {
                events += chunk.getEventsCount();
                call.join().request(1);
              }

              @Override
              public void onError(Throwable failure) {
                received.completeExceptionally(failure);
              }

              @Override
              public void onCompleted() {
                received.complete(events);
              }
            });
    server.exists("one");
    assertThat(received).isNotDone();
    call.join().request(1);
    assertThat(received.get(30, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(3_000);
  }
}
