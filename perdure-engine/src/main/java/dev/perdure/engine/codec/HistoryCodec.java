package dev.perdure.engine.codec;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.CodeState;
import dev.perdure.api.HistoryEvent.ContinuedAsNew;
import dev.perdure.api.HistoryEvent.CustomStatusSet;
import dev.perdure.api.HistoryEvent.EntityLockGranted;
import dev.perdure.api.HistoryEvent.EntityLockRequested;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityOperationCompleted;
import dev.perdure.api.HistoryEvent.EntityOperationFailed;
import dev.perdure.api.HistoryEvent.EntityOperationSignaled;
import dev.perdure.api.HistoryEvent.EntityUnlockSent;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.EventSent;
import dev.perdure.api.HistoryEvent.ExecutionCompleted;
import dev.perdure.api.HistoryEvent.ExecutionRequeued;
import dev.perdure.api.HistoryEvent.ExecutionResumed;
import dev.perdure.api.HistoryEvent.ExecutionRewound;
import dev.perdure.api.HistoryEvent.ExecutionSetAside;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.ExecutionSuspended;
import dev.perdure.api.HistoryEvent.OrchestratorCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.SubOrchestrationFailed;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TaskFailed;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerCanceled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.HistoryEvent.TimerFired;
import dev.perdure.api.HistoryEvent.WorkRedelivered;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.ParentInstance;
import dev.perdure.api.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The stored form of history events. Tags are never reused. */
public final class HistoryCodec {
  private static final int NO_PARENT = 0;
  private static final int PARENT = 1;
  private static final int PARENT_WITH_VERSION = 2;
  private static final int PARENT_REWOUND = 3;

  private HistoryCodec() {}

  /** Appends an event. */
  public static void write(Encoder out, HistoryEvent event) {
    switch (event) {
      case ExecutionStarted e -> {
        begin(out, e.traceContext() == null ? 1 : 30, e);
        out.text(e.name());
        out.text(e.version());
        out.text(e.executionId());
        out.payload(e.input());
        parent(out, e.parent());
        out.optionalInstant(e.scheduledStart());
        out.map(e.tags());
        if (e.traceContext() != null) {
          out.trace(e.traceContext());
        }
      }
      case OrchestratorCompleted e -> {
        begin(out, e.details() == null ? 2 : 31, e);
        out.number(e.delivered());
        out.texts(e.waitingFor());
        if (e.details() != null) {
          out.payload(e.details());
        }
      }
      case TaskScheduled e -> {
        boolean retried = e.attemptsMax() != 0;
        String version = e.version();
        boolean unversioned = version != null && version.isEmpty();
        boolean plain = version == null && e.tags().isEmpty() && e.traceContext() == null;
        begin(out, unversioned ? 40 : retried ? 35 : plain ? 3 : 32, e);
        out.number(e.taskId());
        out.text(e.name());
        out.payload(e.input());
        out.number(e.firstTaskId());
        out.number(e.attempt());
        if (retried || unversioned) {
          out.number(e.attemptsMax());
        }
        if (retried || !plain) {
          if (!unversioned) {
            out.text(version == null ? "" : version);
          }
          out.map(e.tags());
          out.trace(e.traceContext());
        }
      }
      case TaskCompleted e -> {
        begin(out, 4, e);
        out.number(e.taskId());
        out.payload(e.result());
      }
      case TaskFailed e -> {
        begin(out, 5, e);
        out.number(e.taskId());
        out.failure(e.failure());
      }
      case SubOrchestrationCreated e -> {
        boolean retried = e.attempt() != 1 || e.attemptsMax() != 0;
        begin(out, retried ? 36 : e.traceContext() == null ? 6 : 33, e);
        out.number(e.taskId());
        out.text(e.instanceId());
        out.text(e.name());
        out.text(e.version());
        out.payload(e.input());
        if (retried) {
          out.number(e.attempt());
          out.number(e.attemptsMax());
        }
        out.map(e.tags());
        if (retried || e.traceContext() != null) {
          out.trace(e.traceContext());
        }
      }
      case SubOrchestrationCompleted e -> {
        begin(out, 7, e);
        out.number(e.taskId());
        out.payload(e.result());
      }
      case SubOrchestrationFailed e -> {
        begin(out, 8, e);
        out.number(e.taskId());
        out.failure(e.failure());
      }
      case TimerCreated e -> {
        begin(out, 9, e);
        out.number(e.taskId());
        out.instant(e.fireAt());
      }
      case TimerFired e -> {
        begin(out, 10, e);
        out.number(e.taskId());
      }
      case TimerCanceled e -> {
        begin(out, 11, e);
        out.number(e.taskId());
      }
      case EventRaised e -> {
        begin(out, 12, e);
        out.text(e.name());
        out.payload(e.payload());
      }
      case EventSent e -> {
        begin(out, 13, e);
        out.number(e.taskId());
        out.text(e.instanceId());
        out.text(e.name());
        out.payload(e.payload());
      }
      case CustomStatusSet e -> {
        begin(out, 14, e);
        out.payload(e.status());
      }
      case ExecutionSuspended e -> {
        begin(out, 15, e);
        out.optionalText(e.reason());
      }
      case ExecutionResumed e -> {
        begin(out, 16, e);
        out.optionalText(e.reason());
      }
      case ExecutionRewound e -> {
        int form =
            e.code() != null ? 39 : e.nextTaskId() != 0 ? 38 : e.parentRewinds() != 0 ? 37 : 17;
        begin(out, form, e);
        out.optionalText(e.reason());
        out.number(e.removed().size());
        e.removed().forEach(out::number);
        out.number(e.reopened().size());
        e.reopened().forEach(task -> write(out, task));
        out.number(e.delivered());
        out.number(e.deliverable());
        if (form >= 37) {
          out.number(e.parentRewinds());
        }
        if (form >= 38) {
          out.number(e.nextTaskId());
        }
        if (e.code() != null) {
          out.bool(e.code().statusRemoved());
          out.payload(e.code().customStatus());
          out.texts(e.code().waitingFor());
        }
      }
      case ExecutionSetAside e -> {
        begin(out, 18, e);
        problem(out, e.problem());
      }
      case ExecutionRequeued e -> {
        begin(out, 19, e);
        out.optionalText(e.reason());
      }
      case WorkRedelivered e -> {
        begin(out, 20, e);
        out.number(e.taskId());
        out.number(e.count());
      }
      case ContinuedAsNew e -> {
        begin(out, 21, e);
        out.payload(e.input());
      }
      case ExecutionCompleted e -> {
        begin(out, 22, e);
        out.tag(statusCode(e.status()));
        out.payload(e.output());
        out.failure(e.failure());
      }
      case EntityOperationCalled e -> {
        begin(out, e.scheduledTime() == null ? 23 : 34, e);
        out.number(e.taskId());
        out.text(e.instanceId());
        out.text(e.operation());
        out.payload(e.input());
        if (e.scheduledTime() != null) {
          out.instant(e.scheduledTime());
        }
      }
      case EntityOperationSignaled e -> {
        begin(out, 24, e);
        out.number(e.taskId());
        out.text(e.instanceId());
        out.text(e.operation());
        out.payload(e.input());
        out.optionalInstant(e.scheduledTime());
      }
      case EntityOperationCompleted e -> {
        begin(out, 25, e);
        out.number(e.taskId());
        out.payload(e.result());
      }
      case EntityOperationFailed e -> {
        begin(out, 26, e);
        out.number(e.taskId());
        out.failure(e.failure());
      }
      case EntityLockRequested e -> {
        begin(out, 27, e);
        out.number(e.taskId());
        out.texts(e.lockSet());
      }
      case EntityLockGranted e -> {
        begin(out, 28, e);
        out.number(e.taskId());
      }
      case EntityUnlockSent e -> {
        begin(out, 29, e);
        out.number(e.taskId());
      }
    }
  }

  private static void begin(Encoder out, int tag, HistoryEvent event) {
    out.tag(tag);
    out.instant(event.timestamp());
  }

  /** Reads the next event. */
  public static HistoryEvent read(Decoder in) {
    int tag = in.tag();
    Instant at = in.instant();
    return switch (tag) {
      case 1 ->
          new ExecutionStarted(
              at,
              in.text(),
              in.text(),
              in.text(),
              in.payload(),
              parent(in),
              in.optionalInstant(),
              in.map());
      case 2 -> new OrchestratorCompleted(at, in.integer(), in.texts());
      case 3 ->
          new TaskScheduled(at, in.integer(), in.text(), in.payload(), in.integer(), in.integer());
      case 4 -> new TaskCompleted(at, in.integer(), in.payload());
      case 5 -> new TaskFailed(at, in.integer(), failure(in));
      case 6 ->
          new SubOrchestrationCreated(
              at, in.integer(), in.text(), in.text(), in.text(), in.payload(), in.map());
      case 7 -> new SubOrchestrationCompleted(at, in.integer(), in.payload());
      case 8 -> new SubOrchestrationFailed(at, in.integer(), failure(in));
      case 9 -> new TimerCreated(at, in.integer(), in.instant());
      case 10 -> new TimerFired(at, in.integer());
      case 11 -> new TimerCanceled(at, in.integer());
      case 12 -> new EventRaised(at, in.text(), in.payload());
      case 13 -> new EventSent(at, in.integer(), in.text(), in.text(), in.payload());
      case 14 -> new CustomStatusSet(at, in.payload());
      case 15 -> new ExecutionSuspended(at, in.optionalText());
      case 16 -> new ExecutionResumed(at, in.optionalText());
      case 17, 37, 38, 39 ->
          new ExecutionRewound(
              at,
              in.optionalText(),
              integers(in),
              events(in),
              in.integer(),
              in.integer(),
              tag == 17 ? 0 : in.integer(),
              tag >= 38 ? in.integer() : 0,
              tag == 39 ? new CodeState(in.bool(), in.payload(), in.texts()) : null);
      case 18 -> new ExecutionSetAside(at, problem(in));
      case 19 -> new ExecutionRequeued(at, in.optionalText());
      case 20 -> new WorkRedelivered(at, in.integer(), in.integer());
      case 21 -> new ContinuedAsNew(at, in.payload());
      case 22 -> new ExecutionCompleted(at, status(in.tag()), in.payload(), in.failure());
      case 23 -> new EntityOperationCalled(at, in.integer(), in.text(), in.text(), in.payload());
      case 24 ->
          new EntityOperationSignaled(
              at, in.integer(), in.text(), in.text(), in.payload(), in.optionalInstant());
      case 25 -> new EntityOperationCompleted(at, in.integer(), in.payload());
      case 26 -> new EntityOperationFailed(at, in.integer(), failure(in));
      case 27 -> new EntityLockRequested(at, in.integer(), in.texts());
      case 28 -> new EntityLockGranted(at, in.integer());
      case 29 -> new EntityUnlockSent(at, in.integer());
      case 30 ->
          new ExecutionStarted(
              at,
              in.text(),
              in.text(),
              in.text(),
              in.payload(),
              parent(in),
              in.optionalInstant(),
              in.map(),
              in.trace());
      case 31 -> new OrchestratorCompleted(at, in.integer(), in.texts(), in.payload());
      case 32, 35, 40 ->
          new TaskScheduled(
              at,
              in.integer(),
              in.text(),
              in.payload(),
              in.integer(),
              in.integer(),
              tag == 32 ? 0 : in.integer(),
              tag == 40 ? "" : statedVersion(in),
              in.map(),
              in.trace());
      case 33, 36 ->
          new SubOrchestrationCreated(
              at,
              in.integer(),
              in.text(),
              in.text(),
              in.text(),
              in.payload(),
              tag == 36 ? in.integer() : 1,
              tag == 36 ? in.integer() : 0,
              in.map(),
              in.trace());
      case 34 ->
          new EntityOperationCalled(
              at, in.integer(), in.text(), in.text(), in.payload(), in.instant());
      default ->
          throw new IllegalStateException("Damaged content: no history event has tag " + tag);
    };
  }

  /** Reads all events of a piece of history. */
  public static void readAll(byte[] bytes, List<HistoryEvent> into) {
    Decoder in = new Decoder(bytes);
    while (in.hasMore()) {
      into.add(read(in));
    }
  }

  /**
   * Reads the version that a call of an activity states; null if it states none, which is stored as
   * an empty text. That it is without a version is told by the tag of such a call.
   */
  public static @Nullable String statedVersion(Decoder in) {
    String version = in.text();
    return version.isEmpty() ? null : version;
  }

  private static FailureDetails failure(Decoder in) {
    FailureDetails failure = in.failure();
    if (failure == null) {
      throw new IllegalStateException("Damaged content: a failure event without its failure");
    }
    return failure;
  }

  private static List<Integer> integers(Decoder in) {
    int count = in.integer();
    List<Integer> value = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      value.add(in.integer());
    }
    return List.copyOf(value);
  }

  private static List<HistoryEvent> events(Decoder in) {
    int count = in.integer();
    List<HistoryEvent> value = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      value.add(read(in));
    }
    return List.copyOf(value);
  }

  /** Appends a problem. */
  public static void problem(Encoder out, Problem problem) {
    out.text(problem.kind().name());
    out.text(problem.message());
  }

  /** Reads a problem. */
  public static Problem problem(Decoder in) {
    String name = in.text();
    for (Problem.Kind kind : Problem.Kind.values()) {
      if (kind.name().equals(name)) {
        return new Problem(kind, in.text());
      }
    }
    throw new IllegalStateException("Damaged content: no problem is of kind '%s'".formatted(name));
  }

  /** Appends a parent that may be missing. */
  public static void parent(Encoder out, @Nullable ParentInstance parent) {
    if (parent == null) {
      out.tag(NO_PARENT);
      return;
    }
    boolean rewound = parent.rewinds() != 0;
    boolean versioned = rewound || !parent.version().isEmpty();
    out.tag(rewound ? PARENT_REWOUND : versioned ? PARENT_WITH_VERSION : PARENT);
    out.text(parent.instanceId());
    out.text(parent.executionId());
    out.text(parent.name());
    if (versioned) {
      out.text(parent.version());
    }
    out.number(parent.taskId());
    if (rewound) {
      out.number(parent.rewinds());
    }
  }

  /** Reads a parent that may be missing. */
  public static @Nullable ParentInstance parent(Decoder in) {
    int tag = in.tag();
    return switch (tag) {
      case NO_PARENT -> null;
      case PARENT -> new ParentInstance(in.text(), in.text(), in.text(), "", in.integer());
      case PARENT_WITH_VERSION ->
          new ParentInstance(in.text(), in.text(), in.text(), in.text(), in.integer());
      case PARENT_REWOUND ->
          new ParentInstance(
              in.text(), in.text(), in.text(), in.text(), in.integer(), in.integer());
      default -> throw new IllegalStateException("Damaged content: no parent has tag " + tag);
    };
  }

  /** The stored form of a status; fixed for ever, whatever happens to the enum. */
  public static int statusCode(OrchestrationStatus status) {
    return switch (status) {
      case PENDING -> 0;
      case RUNNING -> 1;
      case SUSPENDED -> 2;
      case COMPLETED -> 3;
      case FAILED -> 4;
      case TERMINATED -> 5;
    };
  }

  /** The status of a stored form. */
  public static OrchestrationStatus status(int code) {
    return switch (code) {
      case 0 -> OrchestrationStatus.PENDING;
      case 1 -> OrchestrationStatus.RUNNING;
      case 2 -> OrchestrationStatus.SUSPENDED;
      case 3 -> OrchestrationStatus.COMPLETED;
      case 4 -> OrchestrationStatus.FAILED;
      case 5 -> OrchestrationStatus.TERMINATED;
      default -> throw new IllegalStateException("Damaged content: no status has code " + code);
    };
  }
}
