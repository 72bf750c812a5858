package dev.perdure.engine.partition;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.ParentInstance;
import dev.perdure.api.Payload;
import dev.perdure.api.TraceContext;
import dev.perdure.engine.codec.Decoder;
import dev.perdure.engine.codec.Encoder;
import dev.perdure.engine.codec.HistoryCodec;
import dev.perdure.engine.entity.TaskAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one instance says to another. Delivered once, in the order in which it was sent. */
sealed interface Message {
  /** The instance it is for. */
  String target();

  /** Starts a sub-orchestration. */
  record StartChild(
      String target,
      String name,
      String version,
      @Nullable Payload input,
      Map<String, String> tags,
      ParentInstance parent,
      @Nullable TraceContext traceContext)
      implements Message {}

  /**
   * A sub-orchestration has ended; exactly one of result and failure counts.
   *
   * @param childId the sub-orchestration: a rewind may have given its task to another one; null in
   *     messages of earlier versions
   */
  record ChildEnded(
      String target,
      String parentExecutionId,
      int taskId,
      @Nullable String childId,
      @Nullable Payload result,
      @Nullable FailureDetails failure)
      implements Message {}

  /** An event from another orchestration. */
  record Event(String target, String name, @Nullable Payload payload) implements Message {}

  /**
   * The parent was terminated.
   *
   * @param output what the child ends with; null to make it of the reason
   */
  record TerminateChild(
      String target, String parentExecutionId, @Nullable String reason, @Nullable Payload output)
      implements Message {}

  /** An orchestration terminates another one. */
  record TerminateOther(String target, @Nullable Payload output, boolean recursive)
      implements Message {}

  /**
   * The parent was rewound and wants to hear from its child again, which is rewound as well if it
   * failed: that failure counts no longer, or was never heard of.
   *
   * @param parent the task of the parent that waits
   * @param again starts the child, should there be nothing of it any more; null not to
   */
  record RewindChild(
      String target, ParentInstance parent, @Nullable String reason, @Nullable StartChild again)
      implements Message {}

  /**
   * An operation for an entity.
   *
   * @param caller the task that waits for the result; null for a signal
   * @param at when it is to run first; null for at once
   */
  record CallEntity(
      String target,
      String operation,
      @Nullable Payload input,
      @Nullable TaskAddress caller,
      @Nullable Instant at)
      implements Message {}

  /**
   * A wish to lock entities has come to one of them; the target is the one at the position.
   *
   * @param owner the task that asked
   * @param lockSet the entities, as instance ids, in the order in which they are locked
   */
  record LockEntity(TaskAddress owner, List<String> lockSet, int position) implements Message {
    @Override
    public String target() {
      return lockSet.get(position);
    }
  }

  /** A lock that was granted is released. */
  record UnlockEntity(String target, TaskAddress owner) implements Message {}

  /**
   * A wish to lock entities is given up before it was granted. It follows the wish from one entity
   * to the next, and so can neither overtake nor miss it.
   */
  record WithdrawLock(TaskAddress owner, List<String> lockSet, int position) implements Message {
    @Override
    public String target() {
      return lockSet.get(position);
    }
  }

  /** An operation of an entity has run; exactly one of result and failure counts. */
  record EntityAnswered(
      TaskAddress caller, @Nullable Payload result, @Nullable FailureDetails failure)
      implements Message {
    @Override
    public String target() {
      return caller.instanceId();
    }
  }

  /** All locks that were asked for are held. */
  record LocksGranted(TaskAddress owner) implements Message {
    @Override
    public String target() {
      return owner.instanceId();
    }
  }

  /** An entity starts an orchestration. */
  record StartByEntity(
      String target,
      String name,
      String version,
      @Nullable Payload input,
      Map<String, String> tags,
      @Nullable Instant scheduledStart,
      @Nullable TraceContext traceContext)
      implements Message {}

  /** The stored form. */
  static void write(Encoder out, Message message) {
    switch (message) {
      case StartChild m -> {
        out.tag(m.traceContext() == null ? 1 : 13);
        out.text(m.target());
        out.text(m.name());
        out.text(m.version());
        out.payload(m.input());
        out.map(m.tags());
        HistoryCodec.parent(out, m.parent());
        if (m.traceContext() != null) {
          out.trace(m.traceContext());
        }
      }
      case ChildEnded m -> {
        out.tag(m.childId() == null ? 2 : 18);
        out.text(m.target());
        out.text(m.parentExecutionId());
        out.number(m.taskId());
        if (m.childId() != null) {
          out.text(m.childId());
        }
        out.payload(m.result());
        out.failure(m.failure());
      }
      case Event m -> {
        out.tag(3);
        out.text(m.target());
        out.text(m.name());
        out.payload(m.payload());
      }
      case TerminateChild m -> {
        out.tag(m.output() == null ? 4 : 14);
        out.text(m.target());
        out.text(m.parentExecutionId());
        out.optionalText(m.reason());
        if (m.output() != null) {
          out.payload(m.output());
        }
      }
      case TerminateOther m -> {
        out.tag(15);
        out.text(m.target());
        out.payload(m.output());
        out.bool(m.recursive());
      }
      case RewindChild m -> {
        out.tag(m.again() == null ? 5 : 16);
        out.text(m.target());
        HistoryCodec.parent(out, m.parent());
        out.optionalText(m.reason());
        out.bool(true); // once: whether a child that failed is rewound
        if (m.again() != null) {
          write(out, m.again());
        }
      }
      case CallEntity m -> {
        out.tag(6);
        out.text(m.target());
        out.text(m.operation());
        out.payload(m.input());
        out.bool(m.caller() != null);
        if (m.caller() != null) {
          m.caller().write(out);
        }
        out.optionalInstant(m.at());
      }
      case LockEntity m -> {
        out.tag(7);
        m.owner().write(out);
        out.texts(m.lockSet());
        out.number(m.position());
      }
      case UnlockEntity m -> {
        out.tag(8);
        out.text(m.target());
        m.owner().write(out);
      }
      case WithdrawLock m -> {
        out.tag(9);
        m.owner().write(out);
        out.texts(m.lockSet());
        out.number(m.position());
      }
      case EntityAnswered m -> {
        out.tag(10);
        m.caller().write(out);
        out.payload(m.result());
        out.failure(m.failure());
      }
      case LocksGranted m -> {
        out.tag(11);
        m.owner().write(out);
      }
      case StartByEntity m -> {
        out.tag(m.traceContext() == null ? 12 : 17);
        out.text(m.target());
        out.text(m.name());
        out.text(m.version());
        out.payload(m.input());
        out.map(m.tags());
        out.optionalInstant(m.scheduledStart());
        if (m.traceContext() != null) {
          out.trace(m.traceContext());
        }
      }
    }
  }

  /** Reads the stored form. */
  static Message read(Decoder in) {
    int tag = in.tag();
    return switch (tag) {
      case 1, 13 -> {
        String target = in.text();
        String name = in.text();
        String version = in.text();
        Payload input = in.payload();
        Map<String, String> tags = in.map();
        ParentInstance parent = parent(in);
        yield new StartChild(
            target, name, version, input, tags, parent, tag == 13 ? in.trace() : null);
      }
      case 2 ->
          new ChildEnded(in.text(), in.text(), in.integer(), null, in.payload(), in.failure());
      case 18 ->
          new ChildEnded(in.text(), in.text(), in.integer(), in.text(), in.payload(), in.failure());
      case 3 -> new Event(in.text(), in.text(), in.payload());
      case 4 -> new TerminateChild(in.text(), in.text(), in.optionalText(), null);
      case 14 -> new TerminateChild(in.text(), in.text(), in.optionalText(), in.payload());
      case 15 -> new TerminateOther(in.text(), in.payload(), in.bool());
      case 5, 16 -> {
        String target = in.text();
        ParentInstance parent = parent(in);
        String reason = in.optionalText();
        boolean unused = in.bool();
        yield new RewindChild(target, parent, reason, tag == 16 ? startChild(in) : null);
      }
      case 6 ->
          new CallEntity(
              in.text(),
              in.text(),
              in.payload(),
              in.bool() ? TaskAddress.read(in) : null,
              in.optionalInstant());
      case 7 -> new LockEntity(TaskAddress.read(in), in.texts(), in.integer());
      case 8 -> new UnlockEntity(in.text(), TaskAddress.read(in));
      case 9 -> new WithdrawLock(TaskAddress.read(in), in.texts(), in.integer());
      case 10 -> new EntityAnswered(TaskAddress.read(in), in.payload(), in.failure());
      case 11 -> new LocksGranted(TaskAddress.read(in));
      case 12, 17 -> {
        String target = in.text();
        String name = in.text();
        String version = in.text();
        Payload input = in.payload();
        Map<String, String> tags = in.map();
        Instant start = in.optionalInstant();
        yield new StartByEntity(
            target, name, version, input, tags, start, tag == 17 ? in.trace() : null);
      }
      default -> throw new IllegalStateException("Damaged content: no message has tag " + tag);
    };
  }

  private static StartChild startChild(Decoder in) {
    if (read(in) instanceof StartChild start) {
      return start;
    }
    throw new IllegalStateException("Damaged content: a child is to be started by another message");
  }

  private static ParentInstance parent(Decoder in) {
    ParentInstance parent = HistoryCodec.parent(in);
    if (parent == null) {
      throw new IllegalStateException("Damaged content: a sub-orchestration without a parent");
    }
    return parent;
  }
}
