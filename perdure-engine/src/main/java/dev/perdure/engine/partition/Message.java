package dev.perdure.engine.partition;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.ParentInstance;
import dev.perdure.api.Payload;
import dev.perdure.engine.codec.Decoder;
import dev.perdure.engine.codec.Encoder;
import dev.perdure.engine.codec.HistoryCodec;
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
      ParentInstance parent)
      implements Message {}

  /** A sub-orchestration has ended; exactly one of result and failure counts. */
  record ChildEnded(
      String target,
      String parentExecutionId,
      int taskId,
      @Nullable Payload result,
      @Nullable FailureDetails failure)
      implements Message {}

  /** An event from another orchestration. */
  record Event(String target, String name, @Nullable Payload payload) implements Message {}

  /** The parent was terminated. */
  record TerminateChild(String target, String parentExecutionId, @Nullable String reason)
      implements Message {}

  /**
   * The parent was rewound and wants to hear from its child again, whose failure counts no longer.
   *
   * @param parent the task of the parent that waits
   * @param rewindIfFailed whether a child that failed is rewound as well
   */
  record RewindChild(
      String target, ParentInstance parent, @Nullable String reason, boolean rewindIfFailed)
      implements Message {}

  /** The stored form. */
  static void write(Encoder out, Message message) {
    switch (message) {
      case StartChild m -> {
        out.tag(1);
        out.text(m.target());
        out.text(m.name());
        out.text(m.version());
        out.payload(m.input());
        out.map(m.tags());
        HistoryCodec.parent(out, m.parent());
      }
      case ChildEnded m -> {
        out.tag(2);
        out.text(m.target());
        out.text(m.parentExecutionId());
        out.number(m.taskId());
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
        out.tag(4);
        out.text(m.target());
        out.text(m.parentExecutionId());
        out.optionalText(m.reason());
      }
      case RewindChild m -> {
        out.tag(5);
        out.text(m.target());
        HistoryCodec.parent(out, m.parent());
        out.optionalText(m.reason());
        out.bool(m.rewindIfFailed());
      }
    }
  }

  /** Reads the stored form. */
  static Message read(Decoder in) {
    int tag = in.tag();
    return switch (tag) {
      case 1 -> {
        String target = in.text();
        String name = in.text();
        String version = in.text();
        Payload input = in.payload();
        Map<String, String> tags = in.map();
        ParentInstance parent = parent(in);
        yield new StartChild(target, name, version, input, tags, parent);
      }
      case 2 -> new ChildEnded(in.text(), in.text(), in.integer(), in.payload(), in.failure());
      case 3 -> new Event(in.text(), in.text(), in.payload());
      case 4 -> new TerminateChild(in.text(), in.text(), in.optionalText());
      case 5 -> new RewindChild(in.text(), parent(in), in.optionalText(), in.bool());
      default -> throw new IllegalStateException("Damaged content: no message has tag " + tag);
    };
  }

  private static ParentInstance parent(Decoder in) {
    ParentInstance parent = HistoryCodec.parent(in);
    if (parent == null) {
      throw new IllegalStateException("Damaged content: a sub-orchestration without a parent");
    }
    return parent;
  }
}
