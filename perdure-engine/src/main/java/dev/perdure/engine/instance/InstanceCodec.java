package dev.perdure.engine.instance;

import dev.perdure.api.OrchestrationStatus;
import dev.perdure.engine.codec.Decoder;
import dev.perdure.engine.codec.Encoder;
import dev.perdure.engine.codec.HistoryCodec;
import java.util.Map;

/** The stored form of an instance's state. */
public final class InstanceCodec {
  private static final int FORMAT = 5;

  /** Before calls of activities could be left to the history. */
  private static final int FORMAT_WITH_ALL_CALLS = 4;

  /** Before it was remembered how often an execution was rewound. */
  private static final int FORMAT_WITHOUT_REWINDS = 3;

  /** Before a start was remembered with its time and trace. */
  private static final int FORMAT_WITHOUT_START = 2;

  /** Before there were entities. */
  private static final int FORMAT_WITHOUT_LOCKS = 1;

  /**
   * How many bytes of inputs of open activities a state holds. It is written again whenever the
   * instance has changed, the history once: what is more is left to the history.
   */
  static final int INPUT_BYTES_MAX = 4 << 10;

  private InstanceCodec() {}

  /**
   * Appends a state. Timers and calls are written as stored: their rows and the history go with the
   * state.
   */
  public static void write(Encoder out, Instance instance) {
    out.tag(FORMAT);
    out.text(instance.name);
    out.text(instance.version);
    out.text(instance.executionId);
    out.number(instance.execution);
    out.tag(HistoryCodec.statusCode(instance.status));
    out.number(instance.createdAt);
    out.number(instance.updatedAt);
    out.number(instance.completedAt);
    out.number(instance.scheduledStart);
    out.bool(instance.begun);
    out.trace(instance.traceContext);
    HistoryCodec.parent(out, instance.parent);
    out.map(instance.tags);
    out.payload(instance.input);
    out.payload(instance.output);
    out.payload(instance.customStatus);
    out.failure(instance.failure);
    out.failure(instance.lastTaskFailure);
    out.bool(instance.problem != null);
    if (instance.problem != null) {
      HistoryCodec.problem(out, instance.problem);
    }
    out.number(instance.events);
    out.number(instance.deliverable);
    out.number(instance.delivered);
    out.texts(instance.waitingFor);
    out.number(instance.stepRedeliveries);
    out.number(instance.open.size());
    int inputs = 0;
    for (OpenTask task : instance.open.all()) {
      switch (task) {
        case OpenTask.Activity t -> {
          int size = t.input() == null ? 0 : t.input().size();
          if (t.chunk() >= 0 && inputs + size > INPUT_BYTES_MAX) {
            out.tag(7);
            out.number(t.taskId());
            out.number(t.since());
            out.number(t.chunk());
            out.number(t.redeliveries());
          } else {
            inputs += size;
            activity(out, t);
          }
        }
        case OpenTask.Timer t -> {
          out.tag(2);
          out.number(t.taskId());
          out.number(t.since());
          out.number(t.fireAt());
        }
        case OpenTask.SubOrchestration t -> {
          out.tag(3);
          out.number(t.taskId());
          out.number(t.since());
          out.text(t.instanceId());
          out.text(t.name());
        }
        case OpenTask.EntityCall t -> {
          out.tag(4);
          out.number(t.taskId());
          out.number(t.since());
          out.text(t.entityId());
          out.text(t.operation());
        }
        case OpenTask.Lock t -> {
          out.tag(5);
          out.number(t.taskId());
          out.number(t.since());
          out.texts(t.lockSet());
        }
      }
    }
    EntityLocks locks = instance.locks;
    out.bool(locks != null);
    if (locks != null) {
      out.number(locks.taskId());
      out.number(locks.since());
      out.texts(locks.lockSet());
      out.bool(locks.granted());
    }
    out.number(instance.rewinds);
  }

  private static void activity(Encoder out, OpenTask.Activity t) {
    String version = t.version();
    boolean unversioned = version != null && version.isEmpty();
    boolean plain = version == null && t.tags().isEmpty() && t.traceContext() == null;
    out.tag(unversioned ? 8 : plain ? 1 : 6);
    out.number(t.taskId());
    out.number(t.since());
    out.text(t.name());
    out.payload(t.input());
    out.number(t.firstTaskId());
    out.number(t.attempt());
    if (!plain) {
      if (!unversioned) {
        out.text(version == null ? "" : version);
      }
      out.map(t.tags());
      out.trace(t.traceContext());
    }
    out.number(t.redeliveries());
    out.number(Math.max(OpenTask.Activity.UNKNOWN, t.chunk()));
  }

  /**
   * Reads a state.
   *
   * @param position the log position up to which it is true
   * @param calls takes the open activities whose calls are left to the history: the state lacks
   *     them until they are read
   */
  public static Instance read(String id, long position, Decoder in, CallsInHistory calls) {
    int format = in.tag();
    if (format < FORMAT_WITHOUT_LOCKS || format > FORMAT) {
      throw new IllegalStateException(
          ("Instance '%s' is stored in format %d, which this version of Perdure does not know."
                  + " Use the version that wrote it, or a newer one.")
              .formatted(id, format));
    }
    Instance instance = new Instance(id);
    instance.name = in.text();
    instance.version = in.text();
    instance.executionId = in.text();
    instance.execution = in.number();
    instance.status = HistoryCodec.status(in.tag());
    instance.createdAt = in.number();
    instance.updatedAt = in.number();
    instance.completedAt = in.number();
    if (format > FORMAT_WITHOUT_START) {
      instance.scheduledStart = in.number();
      instance.begun = in.bool();
      instance.traceContext = in.trace();
    }
    instance.parent = HistoryCodec.parent(in);
    instance.tags = in.map();
    instance.input = in.payload();
    instance.output = in.payload();
    instance.customStatus = in.payload();
    instance.failure = in.failure();
    instance.lastTaskFailure = in.failure();
    if (in.bool()) {
      instance.problem = HistoryCodec.problem(in);
    }
    instance.events = in.integer();
    instance.deliverable = in.integer();
    instance.delivered = in.integer();
    instance.waitingFor = in.texts();
    instance.stepRedeliveries = in.integer();
    int count = in.integer();
    for (int i = 0; i < count; i++) {
      task(in, format, instance, calls);
    }
    if (format > FORMAT_WITHOUT_LOCKS && in.bool()) {
      instance.locks = new EntityLocks(in.integer(), in.number(), in.texts(), in.bool());
    }
    if (format > FORMAT_WITHOUT_REWINDS) {
      instance.rewinds = in.integer();
    }
    if (format <= FORMAT_WITHOUT_START) {
      inferStart(instance);
    }
    instance.position = position;
    return instance;
  }

  /** What older formats do not say of the start follows from the rest, as far as it does. */
  private static void inferStart(Instance instance) {
    instance.begun = instance.delivered > 0 || instance.status == OrchestrationStatus.RUNNING;
    if (instance.open.get(Instance.SCHEDULED_START) instanceof OpenTask.Timer start) {
      instance.scheduledStart = start.fireAt();
    }
  }

  private static void task(Decoder in, int format, Instance instance, CallsInHistory calls) {
    int tag = in.tag();
    int taskId = in.integer();
    long since = in.number();
    switch (tag) {
      case 1, 6, 8 -> instance.opened(activity(tag, in, format, taskId, since));
      case 2 -> instance.opened(new OpenTask.Timer(taskId, since, in.number(), true));
      case 3 -> instance.opened(new OpenTask.SubOrchestration(taskId, since, in.text(), in.text()));
      case 4 -> instance.opened(new OpenTask.EntityCall(taskId, since, in.text(), in.text()));
      case 5 -> instance.opened(new OpenTask.Lock(taskId, since, in.texts()));
      case 7 -> calls.add(taskId, in.integer(), in.integer());
      default -> throw new IllegalStateException("Damaged content: no open task has tag " + tag);
    }
  }

  private static OpenTask.Activity activity(
      int tag, Decoder in, int format, int taskId, long since) {
    boolean plain = tag == 1;
    return new OpenTask.Activity(
        taskId,
        since,
        in.text(),
        in.payload(),
        in.integer(),
        in.integer(),
        plain ? null : tag == 8 ? "" : HistoryCodec.statedVersion(in),
        plain ? Map.of() : in.map(),
        plain ? null : in.trace(),
        in.integer(),
        format > FORMAT_WITH_ALL_CALLS ? in.integer() : OpenTask.Activity.UNKNOWN);
  }
}
