package dev.perdure.grpc.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.Timestamp;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.Payload;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.TaskCompletedEvent;
import dev.perdure.grpc.protocol.TaskScheduledEvent;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the events of which every step of every orchestration has some: the same bytes, but for
 * the order of fields, as the messages that {@link EventTranslator} makes of them.
 */
final class EventEncoder {
  /** Tags, lengths and numbers of an event; what exceeds it costs a copy. */
  private static final int OVERHEAD = 64;

  private EventEncoder() {}

  /** The mark of a new step. */
  static byte[] orchestratorStarted(Timestamp clock) {
    MessageEncoder out = new MessageEncoder(OVERHEAD);
    out.message(HistoryEvent.ORCHESTRATORSTARTED_FIELD_NUMBER, out.size());
    return end(out, EventTranslator.NO_ID, clock.getSeconds(), clock.getNanos());
  }

  /** The result of an activity. */
  static byte[] taskCompleted(TaskCompleted event) {
    MessageEncoder out = new MessageEncoder(OVERHEAD + length(event.result()));
    putText(out, TaskCompletedEvent.RESULT_FIELD_NUMBER, event.result());
    out.number(TaskCompletedEvent.TASKSCHEDULEDID_FIELD_NUMBER, event.taskId());
    out.message(HistoryEvent.TASKCOMPLETED_FIELD_NUMBER, 0);
    return end(out, EventTranslator.NO_ID, event.timestamp().toEpochMilli());
  }

  /** The call of an activity; null if it has something that few calls have. */
  static byte @Nullable [] taskScheduled(TaskScheduled event) {
    if (event.version() != null || !event.tags().isEmpty() || event.traceContext() != null) {
      return null;
    }
    byte[] name = event.name().getBytes(UTF_8);
    MessageEncoder out = new MessageEncoder(OVERHEAD + name.length + length(event.input()));
    putText(out, TaskScheduledEvent.INPUT_FIELD_NUMBER, event.input());
    out.bytes(TaskScheduledEvent.NAME_FIELD_NUMBER, name);
    out.message(HistoryEvent.TASKSCHEDULED_FIELD_NUMBER, 0);
    return end(out, event.taskId(), event.timestamp().toEpochMilli());
  }

  private static int length(@Nullable Payload payload) {
    return payload == null ? 0 : payload.size();
  }

  private static void putText(MessageEncoder out, int field, @Nullable Payload text) {
    if (text != null) {
      out.stringValue(field, text.bytes());
    }
  }

  private static byte[] end(MessageEncoder out, int id, long atMillis) {
    return end(
        out, id, Math.floorDiv(atMillis, 1_000L), Math.floorMod(atMillis, 1_000) * 1_000_000);
  }

  private static byte[] end(MessageEncoder out, int id, long seconds, int nanos) {
    int mark = out.size();
    out.number(Timestamp.NANOS_FIELD_NUMBER, nanos);
    out.number(Timestamp.SECONDS_FIELD_NUMBER, seconds);
    out.message(HistoryEvent.TIMESTAMP_FIELD_NUMBER, mark);
    out.number(HistoryEvent.EVENTID_FIELD_NUMBER, id);
    return out.toBytes();
  }
}
