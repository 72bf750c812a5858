package dev.perdure.grpc.history;

import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.ExecutionCompleted;
import dev.perdure.api.HistoryEvent.ExecutionResumed;
import dev.perdure.api.HistoryEvent.ExecutionRewound;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.ExecutionSuspended;
import dev.perdure.api.HistoryEvent.OrchestratorCompleted;
import dev.perdure.api.ParentInstance;
import dev.perdure.engine.instance.Instance;
import dev.perdure.engine.instance.Rewind;
import dev.perdure.grpc.protocol.TurnDetails;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A step as the protocol sees it: the events that were handed over, and what the code asked for
 * after them. The history itself holds events in the order in which they came, and they may have
 * come while an earlier step was under way.
 *
 * @param inbox the events handed over, in order
 * @param actions what the code asked for
 * @param details what the worker that took the step wants to have back; null if none did
 */
record Turn(List<HistoryEvent> inbox, List<HistoryEvent> actions, @Nullable TurnDetails details) {

  /**
   * A history in steps.
   *
   * @param turns steps that have ended
   * @param waiting events that have not been handed over
   * @param end how the execution ended; null if it has not
   */
  record Sequence(List<Turn> turns, List<HistoryEvent> waiting, @Nullable ExecutionCompleted end) {}

  /** Takes a history apart. Events that a rewind removed do not count. */
  static Sequence sequence(List<HistoryEvent> history) {
    List<Turn> turns = new ArrayList<>();
    List<HistoryEvent> inbox = new ArrayList<>();
    List<HistoryEvent> actions = new ArrayList<>();
    int taken = 0; // events of the inbox that earlier turns have taken
    int delivered = 0; // of those, how many the engine counts
    ExecutionCompleted end = null;
    List<ExecutionRewound> rewinds =
        history.stream()
            .filter(ExecutionRewound.class::isInstance)
            .map(ExecutionRewound.class::cast)
            .toList();
    for (HistoryEvent event : Rewind.effective(history)) {
      switch (event) {
        case OrchestratorCompleted step -> {
          int from = taken;
          while (taken < inbox.size()
              && (delivered < step.delivered() || !Instance.isDeliverable(inbox.get(taken)))) {
            if (Instance.isDeliverable(inbox.get(taken))) {
              delivered++;
            }
            taken++;
          }
          turns.add(
              new Turn(
                  List.copyOf(inbox.subList(from, taken)),
                  List.copyOf(actions),
                  TurnDetailsCodec.read(step.details())));
          actions.clear();
        }
        case ExecutionStarted e -> inbox.add(rewound(e, rewinds));
        case ExecutionSuspended e -> inbox.add(e);
        case ExecutionResumed e -> inbox.add(e);
        case ExecutionCompleted e -> end = e;
        default -> {
          if (Instance.isDeliverable(event)) {
            inbox.add(event);
          } else {
            actions.add(event);
          }
        }
      }
    }
    return new Sequence(turns, List.copyOf(inbox.subList(taken, inbox.size())), end);
  }

  /** The start as it is told after rewinds: with a new id, and that of a parent rewound as well. */
  private static ExecutionStarted rewound(ExecutionStarted e, List<ExecutionRewound> rewinds) {
    if (rewinds.isEmpty()) {
      return e;
    }
    ParentInstance parent = e.parent();
    for (ExecutionRewound rewind : rewinds) {
      if (parent != null && rewind.parentRewinds() > 0) {
        parent = Rewind.rewound(parent, rewind.parentRewinds());
      }
    }
    return new ExecutionStarted(
        e.timestamp(),
        e.name(),
        e.version(),
        Rewind.executionId(e.executionId(), rewinds.size()),
        e.input(),
        parent,
        e.scheduledStart(),
        e.tags(),
        e.traceContext());
  }
}
