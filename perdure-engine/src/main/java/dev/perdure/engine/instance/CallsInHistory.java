package dev.perdure.engine.instance;

import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.ExecutionRewound;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.engine.codec.Decoder;
import dev.perdure.engine.codec.HistoryCodec;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Open activities of a state that was read: those whose calls it leaves to the history. */
public final class CallsInHistory {
  private final Map<Integer, Place> places = new HashMap<>();
  private final Set<Integer> chunks = new HashSet<>();
  private final Map<Integer, TaskScheduled> found = new HashMap<>();

  private record Place(int chunk, int redeliveries) {}

  void add(int taskId, int chunk, int redeliveries) {
    places.put(taskId, new Place(chunk, redeliveries));
    chunks.add(chunk);
  }

  /** Whether the state lacks nothing. */
  public boolean isEmpty() {
    return places.isEmpty();
  }

  /**
   * Looks for calls in a chunk of the history.
   *
   * @param chunk which one, counting from 0
   */
  public void look(int chunk, byte[] bytes) {
    if (!chunks.contains(chunk)) {
      return;
    }
    Decoder in = new Decoder(bytes);
    while (in.hasMore()) {
      switch (HistoryCodec.read(in)) {
        case TaskScheduled call -> found(chunk, call);
        case ExecutionRewound rewound -> {
          for (HistoryEvent task : rewound.reopened()) {
            if (task instanceof TaskScheduled call) {
              found(chunk, call);
            }
          }
        }
        default -> {}
      }
    }
  }

  /** After a rewind a later call may have the id of an earlier one: the last one is open. */
  private void found(int chunk, TaskScheduled call) {
    Place place = places.get(call.taskId());
    if (place != null && place.chunk() == chunk) {
      found.put(call.taskId(), call);
    }
  }

  /**
   * Adds the activities to the state.
   *
   * @throws IllegalStateException if no chunk has the call of one of them
   */
  public void addTo(Instance instance) {
    places.forEach(
        (taskId, place) -> {
          TaskScheduled call = found.get(taskId);
          if (call == null) {
            throw new IllegalStateException(
                "Damaged content: chunk %d of the history has no call of task %d"
                    .formatted(place.chunk(), taskId));
          }
          instance.opened(Instance.activity(call, place.redeliveries(), place.chunk()));
        });
  }
}
