package dev.perdure.grpc;

import dev.perdure.api.HistoryEvent;
import java.util.List;

/** Turns what the engine recorded of an execution into the events of the protocol. */
@FunctionalInterface
public interface HistoryToWire {
  /** The events as clients and workers see them, in order. */
  List<dev.perdure.grpc.protocol.HistoryEvent> toWire(String instanceId, List<HistoryEvent> events);
}
