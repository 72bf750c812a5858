package dev.perdure.grpc.history;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UnsafeByteOperations;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.CustomStatusSet;
import dev.perdure.api.HistoryEvent.EntityLockGranted;
import dev.perdure.api.HistoryEvent.EntityLockRequested;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityOperationCompleted;
import dev.perdure.api.HistoryEvent.EntityOperationFailed;
import dev.perdure.api.HistoryEvent.EntityUnlockSent;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.EventSent;
import dev.perdure.api.HistoryEvent.ExecutionResumed;
import dev.perdure.api.HistoryEvent.ExecutionSuspended;
import dev.perdure.api.HistoryEvent.SubOrchestrationCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.SubOrchestrationFailed;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TaskFailed;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.HistoryEvent.TimerFired;
import dev.perdure.api.Payload;
import dev.perdure.grpc.protocol.OrchestrationTraceContext;
import dev.perdure.grpc.protocol.OrchestratorRequest;
import dev.perdure.grpc.protocol.TurnDetails;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a worker is shown of one execution. Events are encoded once, when they happen, and kept in
 * the form in which every later step is sent; a step costs a copy of what went before and no more.
 * Not thread-safe.
 */
public final class WorkerView {
  private static final int PAST = OrchestratorRequest.PASTEVENTS_FIELD_NUMBER << 3 | 2;
  private static final int NEW = OrchestratorRequest.NEWEVENTS_FIELD_NUMBER << 3 | 2;

  /** The tag of a field in a message and the longest length that can follow it. */
  private static final int PREFIX_BYTES_MAX = 6;

  private final EventTranslator translator;

  // The past as fields of a request. Only ever added to: what was sent of it stays as it is.
  private byte[] past = new byte[512];
  private int pastSize;

  /**
   * Bytes of the events of one step, unless a single one has more. Many SDKs take messages of 4 MiB
   * at most; what has no room is left for the next step.
   */
  private static final int STEP_BYTES_MAX = 2 << 20;

  /** An event that the code has not taken yet, and how it is sent. */
  private static final class Waiting {
    final HistoryEvent event;

    /** When the timer was due that has fired; 0 for other events. */
    final long dueMillis;

    final byte[] encoded;

    Waiting(HistoryEvent event, long dueMillis, byte[] encoded) {
      this.event = event;
      this.dueMillis = dueMillis;
      this.encoded = encoded;
    }
  }

  private final List<Waiting> inbox = new ArrayList<>(2);

  /** How many of them are part of the step that is due. */
  private int shown;

  private Timestamp clock = Timestamp.getDefaultInstance();

  /** The mark of the step that is due, which says the time, encoded. */
  private byte[] started = EventEncoder.orchestratorStarted(clock);

  private long clockMillis;
  private @Nullable OrchestrationTraceContext trace;
  private @Nullable Payload customStatus;
  private int delivered;
  private final TaskIds open = new TaskIds();
  private final Set<Integer> sent = new HashSet<>(2);
  private final CriticalSections sections = new CriticalSections();

  /**
   * A view of an execution of which nothing has happened.
   *
   * @param customStatus the custom status that it begins with; null for none
   */
  public WorkerView(String instanceId, @Nullable Payload customStatus) {
    this.translator = new EventTranslator(instanceId);
    this.customStatus = customStatus;
  }

  /** Takes everything on record into account. What was not handed over is part of the next step. */
  public void restore(List<HistoryEvent> history) {
    Turn.Sequence sequence = Turn.sequence(history);
    for (Turn turn : sequence.turns()) {
      add(turn.inbox());
      setClock(WireHistory.clock(turn));
      clockMillis = WireValues.millis(clock);
      shown = inbox.size();
      end(turn.actions(), turn.details(), shown);
    }
    add(sequence.waiting());
  }

  /** Adds events for the step that is due, or for one after it if they have no room there. */
  public void add(List<HistoryEvent> events) {
    for (HistoryEvent event : events) {
      if (event instanceof ExecutionSuspended || event instanceof ExecutionResumed) {
        continue; // while it is suspended no step is taken; its code need not know
      }
      answered(event);
      inbox.add(
          new Waiting(
              event,
              translator.dueMillis(event), // asked for first; the timer is forgotten then
              event instanceof TaskCompleted completed
                  ? EventEncoder.taskCompleted(completed)
                  : translator.inbox(event).toByteArray()));
    }
  }

  private void answered(HistoryEvent event) {
    switch (event) {
      case TaskCompleted e -> open.remove(e.taskId());
      case TaskFailed e -> open.remove(e.taskId());
      case SubOrchestrationCompleted e -> open.remove(e.taskId());
      case SubOrchestrationFailed e -> open.remove(e.taskId());
      case TimerFired e -> open.remove(e.taskId());
      case EntityOperationCompleted e -> open.remove(e.taskId());
      case EntityOperationFailed e -> open.remove(e.taskId());
      case EntityLockGranted e -> open.remove(e.taskId());
      default -> {}
    }
  }

  /**
   * A step as it is sent.
   *
   * @param past fields of a request: the events before it
   * @param events fields of a request: the events of this step
   */
  public record Step(ByteString past, ByteString events) {}

  /**
   * The step that is due, with what was added, as far as it has room. May be asked for again, when
   * the first worker it was sent to went away.
   *
   * @param now the time, in milliseconds since 1970. Code is told a later one if it has to be:
   *     after that of the step before, and after that of a timer that has fired
   */
  public Step begin(long now) {
    shown = 0;
    int size = 0;
    long latest = clockMillis;
    for (Waiting next : inbox) {
      int more = next.encoded.length + PREFIX_BYTES_MAX;
      if (shown > 0 && size + more > STEP_BYTES_MAX) {
        break;
      }
      shown++;
      size += more;
      latest = Math.max(latest, next.dueMillis);
    }
    setClock(WireValues.time(Math.max(now, latest + 1)));
    byte[] events = new byte[started.length + PREFIX_BYTES_MAX + size];
    int end = append(events, 0, NEW, started);
    for (Waiting next : inbox.subList(0, shown)) {
      end = append(events, end, NEW, next.encoded);
    }
    return new Step(
        UnsafeByteOperations.unsafeWrap(past, 0, pastSize),
        UnsafeByteOperations.unsafeWrap(events, 0, end));
  }

  private void setClock(Timestamp time) {
    clock = time;
    started = EventEncoder.orchestratorStarted(time);
  }

  private static int append(byte[] to, int at, int tag, byte[] message) {
    CodedOutputStream out =
        CodedOutputStream.newInstance(to, at, message.length + PREFIX_BYTES_MAX);
    try {
      out.writeUInt32NoTag(tag);
      out.writeUInt32NoTag(message.length);
      out.writeRawBytes(message);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return at + out.getTotalBytesWritten();
  }

  private void appendPast(byte[] event) {
    pastSize = append(past, pastSize, PAST, event);
  }

  private List<byte[]> encode(List<HistoryEvent> actions, @Nullable TurnDetails details) {
    List<byte[]> encoded = new ArrayList<>(actions.size());
    if (details == null || details.getEventsCount() == 0) {
      for (HistoryEvent action : actions) {
        byte[] event =
            action instanceof TaskScheduled task ? EventEncoder.taskScheduled(task) : null;
        if (event == null) {
          encode(translator.actions(List.of(action), details), encoded);
        } else {
          encoded.add(event);
        }
      }
    } else { // the order depends on all of them
      encode(translator.actions(actions, details), encoded);
    }
    return encoded;
  }

  private static void encode(
      List<dev.perdure.grpc.protocol.HistoryEvent> events, List<byte[]> encoded) {
    for (MessageLite event : events) {
      encoded.add(event.toByteArray());
    }
  }

  /** Makes room for what is about to become part of the past. */
  private void reserve(List<Waiting> events, List<byte[]> actions) {
    long most = (long) pastSize + started.length + PREFIX_BYTES_MAX;
    for (Waiting event : events) {
      most += event.encoded.length + PREFIX_BYTES_MAX;
    }
    for (byte[] action : actions) {
      most += action.length + PREFIX_BYTES_MAX;
    }
    if (past.length < most) {
      past = Arrays.copyOf(past, Math.max(Math.toIntExact(most), past.length + (past.length >> 1)));
    }
  }

  /** How many events there are in the step that is due. */
  int shown() {
    return shown;
  }

  /** External events that have come and are not part of the step that is due. */
  List<EventRaised> notShown() {
    List<EventRaised> rest = new ArrayList<>(0);
    for (Waiting next : inbox.subList(shown, inbox.size())) {
      if (next.event instanceof EventRaised raised) {
        rest.add(raised);
      }
    }
    return rest;
  }

  /**
   * The step is over, and belongs to the past. What takes memory is done first: if there is not
   * enough, the step is still due, and another answer to it may be taken.
   *
   * @param taken how many of its events count; those after them are for the next step
   */
  void end(List<HistoryEvent> actions, @Nullable TurnDetails details, int taken) {
    List<Waiting> events = inbox.subList(0, taken);
    List<byte[]> encodedActions = encode(actions, details);
    reserve(events, encodedActions);
    clockMillis = Math.max(clockMillis, WireValues.millis(clock));
    delivered += taken;
    shown = 0;
    appendPast(started);
    events.forEach(event -> appendPast(event.encoded));
    events.clear();
    encodedActions.forEach(this::appendPast);
    for (HistoryEvent action : actions) {
      asked(action);
    }
    if (details != null) {
      if (details.hasTraceContext()) {
        trace = details.getTraceContext();
      }
      for (dev.perdure.grpc.protocol.HistoryEvent event : details.getEventsList()) {
        followLocks(event, actions);
      }
    }
  }

  private void followLocks(
      dev.perdure.grpc.protocol.HistoryEvent event, List<HistoryEvent> actions) {
    String asked = translator.sectionAskedFor(event);
    if (asked != null) {
      for (HistoryEvent action : actions) {
        if (action instanceof EntityLockRequested lock && lock.taskId() == event.getEventId()) {
          sections.asked(asked, lock.taskId(), lock.lockSet());
        }
      }
    }
    EventTranslator.Unlock unlock = translator.unlock(event);
    if (unlock != null) {
      var unused = sections.unlocked(unlock.section(), unlock.entityId());
    }
  }

  private void asked(HistoryEvent action) {
    switch (action) {
      case TaskScheduled e -> open.add(e.taskId());
      case SubOrchestrationCreated e -> open.add(e.taskId());
      case TimerCreated e -> open.add(e.taskId());
      case EntityOperationCalled e -> open.add(e.taskId());
      case EntityLockRequested e -> open.add(e.taskId());
      case EntityUnlockSent e -> sections.released(e.taskId());
      case EventSent e -> sent.add(e.taskId());
      case CustomStatusSet e -> customStatus = e.status();
      default -> {}
    }
  }

  /** Events that the code has taken. */
  public int delivered() {
    return delivered;
  }

  /** What the code was told, or will be, to be the current time. */
  Timestamp clock() {
    return clock;
  }

  /** What the worker wants to have back; null for nothing. */
  public @Nullable OrchestrationTraceContext trace() {
    return trace;
  }

  /** The custom status; null for none. */
  @Nullable Payload customStatus() {
    return customStatus;
  }

  /** Whether the event of an action was sent in an earlier step. */
  boolean hasSent(int id) {
    return sent.contains(id);
  }

  /** Whether an answer to a task is still to come. */
  boolean isOpen(int taskId) {
    return open.contains(taskId);
  }

  /** The critical sections of which locks are held or waited for; not to be changed. */
  CriticalSections sections() {
    return sections;
  }

  /** Bytes of the step that is due, the past included. */
  public int bytes() {
    int bytes = pastSize;
    for (Waiting event : inbox) {
      bytes += event.encoded.length;
    }
    return bytes;
  }

  /** Bytes of the past. */
  public int pastBytes() {
    return pastSize;
  }
}
