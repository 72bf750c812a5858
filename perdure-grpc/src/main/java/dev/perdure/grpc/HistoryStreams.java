package dev.perdure.grpc;

import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.grpc.protocol.HistoryChunk;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.StreamInstanceHistoryRequest;
import io.grpc.Status;
import java.util.List;
import java.util.Optional;

/** Sends histories in pieces that every client takes, as fast as it takes them. */
public final class HistoryStreams {
  /** A chunk holds about so much; a single event may be larger. */
  private static final int CHUNK_BYTES = 256 << 10;

  private HistoryStreams() {}

  /** Sends what a client asks for. */
  static void send(
      Hub hub,
      StreamInstanceHistoryRequest request,
      HistoryToWire toWire,
      OutStream<HistoryChunk> out) {
    try {
      send(toWire.toWire(request.getInstanceId(), read(hub, request)), out);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      out.fail(
          Status.UNAVAILABLE.withDescription("The server is being closed.").asRuntimeException());
    } catch (RuntimeException | Error e) {
      out.fail(Statuses.of("StreamInstanceHistory", e));
    }
  }

  private static List<dev.perdure.api.HistoryEvent> read(
      Hub hub, StreamInstanceHistoryRequest request) {
    String id = request.getInstanceId();
    Ids.checkPresent(id);
    if (id.charAt(0) == '@' || !isCurrent(hub, request)) {
      return List.of();
    }
    try {
      return hub.engine().client().history(id);
    } catch (InstanceNotFoundException e) {
      return List.of();
    }
  }

  /** Earlier executions leave no history behind. */
  private static boolean isCurrent(Hub hub, StreamInstanceHistoryRequest request) {
    String wanted = request.getExecutionId().getValue();
    if (wanted.isEmpty()) {
      return true;
    }
    Optional<OrchestrationMetadata> instance =
        hub.engine().client().status(request.getInstanceId(), false);
    return instance.isPresent() && instance.get().executionId().equals(wanted);
  }

  /**
   * Sends events in chunks and ends the stream. Blocks while the peer does not take more.
   *
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public static void send(List<HistoryEvent> events, OutStream<HistoryChunk> out)
      throws InterruptedException {
    HistoryChunk.Builder chunk = HistoryChunk.newBuilder();
    int bytes = 0;
    for (HistoryEvent event : events) {
      int size = event.getSerializedSize();
      if (bytes > 0 && bytes + size > CHUNK_BYTES) {
        if (!out.send(chunk.build())) {
          return;
        }
        chunk.clear();
        bytes = 0;
      }
      chunk.addEvents(event);
      bytes += size;
    }
    if (chunk.getEventsCount() == 0 || out.send(chunk.build())) {
      out.end();
    }
  }
}
