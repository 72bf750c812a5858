package dev.perdure.grpc.history;

import com.google.protobuf.Timestamp;
import dev.perdure.api.HistoryEvent.ExecutionCompleted;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.grpc.protocol.ExecutionTerminatedEvent;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.TurnDetails;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The history of an execution as the protocol shows it: step by step, each with the mark of its
 * beginning, the events handed over and what the code asked for.
 */
public final class WireHistory {
  private WireHistory() {}

  /**
   * The whole history, for people and programs that look at it.
   *
   * @param history all events of one execution
   */
  public static List<HistoryEvent> of(
      String instanceId, List<dev.perdure.api.HistoryEvent> history) {
    Turn.Sequence sequence = Turn.sequence(history);
    EventTranslator translator = new EventTranslator(instanceId);
    List<HistoryEvent> out = new ArrayList<>(history.size() + sequence.turns().size());
    TurnDetails last = null;
    for (Turn turn : sequence.turns()) {
      out.add(EventTranslator.orchestratorStarted(clock(turn)));
      turn.inbox().forEach(event -> out.add(translator.inbox(event)));
      out.addAll(translator.actions(turn.actions(), turn.details()));
      last = turn.details();
    }
    ExecutionCompleted end = sequence.end();
    boolean byWorker = last != null && last.hasCompletionId();
    if (end != null && end.status() == OrchestrationStatus.TERMINATED && !byWorker) {
      terminated(sequence.waiting(), end, translator, out);
    } else if (end != null) {
      out.add(EventTranslator.completed(end, completionId(last)));
    } else if (!sequence.waiting().isEmpty() && sequence.turns().isEmpty()) {
      // Not begun: what is known is that it was started.
      out.add(EventTranslator.orchestratorStarted(WireValues.time(history.getFirst().timestamp())));
      sequence.waiting().forEach(event -> out.add(translator.inbox(event)));
    }
    return out;
  }

  private static int completionId(@Nullable TurnDetails last) {
    return last != null && last.hasCompletionId()
        ? last.getCompletionId().getValue()
        : EventTranslator.NO_ID;
  }

  /** It was ended from outside: what had not been handed over by then belongs to the last step. */
  private static void terminated(
      List<dev.perdure.api.HistoryEvent> waiting,
      ExecutionCompleted end,
      EventTranslator translator,
      List<HistoryEvent> out) {
    Timestamp at = WireValues.time(end.timestamp());
    out.add(EventTranslator.orchestratorStarted(at));
    waiting.forEach(event -> out.add(translator.inbox(event)));
    ExecutionTerminatedEvent.Builder terminated = ExecutionTerminatedEvent.newBuilder();
    if (end.output() != null) {
      terminated.setInput(WireValues.text(end.output()));
    }
    out.add(
        HistoryEvent.newBuilder()
            .setEventId(EventTranslator.NO_ID)
            .setTimestamp(at)
            .setExecutionTerminated(terminated)
            .build());
    out.add(EventTranslator.completed(end, EventTranslator.NO_ID));
  }

  /** What a step was told to be the current time; code in the host takes it from its events. */
  static Timestamp clock(Turn turn) {
    TurnDetails details = turn.details();
    if (details != null && details.hasClock()) {
      return details.getClock();
    }
    long latest = 0;
    for (dev.perdure.api.HistoryEvent event : turn.inbox()) {
      latest = Math.max(latest, event.timestamp().toEpochMilli());
    }
    return WireValues.time(latest);
  }
}
