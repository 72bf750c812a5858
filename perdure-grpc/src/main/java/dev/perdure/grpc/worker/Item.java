package dev.perdure.grpc.worker;

import com.google.protobuf.ByteString;
import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.grpc.protocol.WorkItem;
import org.jspecify.annotations.Nullable;

/**
 * A piece of work for workers: one step, one activity or the operations of one entity. What is
 * mutable here is guarded by the lock of the pool.
 */
abstract class Item extends Chain.Link<Item> {
  /** What has more bytes counts as large; to copy so many takes some tens of microseconds. */
  static final int LARGE_BYTES = 512 << 10;

  final FunctionKind kind;
  final String name;

  /** The version that filters are compared with; empty for none. */
  final String version;

  final String instanceId;

  private final Key key;

  /** Another one under way with the same key, which came later; null for none. */
  @Nullable Item nextOfKey;

  /** The delivery under way; null if it waits for a worker. */
  volatile @Nullable String token;

  /** Who has it; null if it waits for a worker. */
  @Nullable Connection holder;

  /** Who had it last and did not finish it; gets it again only if nobody else takes it. */
  @Nullable Connection avoid;

  /** Whether the delivery under way has left, as far as is known. */
  volatile boolean sent;

  /** How often an answer to it could not be. */
  int refused;

  /** How often a worker gave it back. */
  int abandoned;

  /** How often a worker went away while it had it. */
  int lost;

  /**
   * When it first had to wait for a worker, in milliseconds since 1970; 0 if it never had to. Kept
   * when it is handed out again.
   */
  long waitingSince;

  /** When a worker took it, in milliseconds since 1970. */
  long takenAt;

  Item(FunctionKind kind, String name, String version, String instanceId, int taskId) {
    this.key = new Key(kind, instanceId, taskId);
    this.kind = kind;
    this.name = name;
    this.version = version;
    this.instanceId = instanceId;
  }

  /** What tells it from others where an answer comes without its token. */
  final Key key() {
    return key;
  }

  /**
   * What an answer without a token is about.
   *
   * @param taskId the task; 0 for what is no activity
   */
  record Key(FunctionKind kind, String instanceId, int taskId) {}

  /** Whether nobody wants it done any more. */
  abstract boolean isVoid();

  /**
   * Whether it must not be handed out again for now. If so, whoever made it hands it to the pool
   * again when it may be.
   */
  boolean isHeldBack() {
    return false;
  }

  /**
   * The item as it is sent; null if nobody wants it done any more. Called by the thread that sends,
   * which must not hold the lock of the pool.
   */
  abstract @Nullable WorkItem toSend(String deliveryToken, Connection to);

  /** Whether to send it takes so long that no thread of the engine should do it. */
  abstract boolean isLarge();

  /**
   * It is not tried again.
   *
   * @param why such as "the last 3 workers that took it went away"
   */
  abstract void park(String why);

  /** What it is of its instance, such as "its next step". */
  abstract String noun();

  /** The work in words, such as "activity 'x' of instance 'i'". */
  abstract String describe();

  /** An item of which one field is known in its encoded form only. */
  static WorkItem encoded(int field, ByteString content, String token) {
    return WorkItem.newBuilder()
        .setCompletionToken(token)
        .setUnknownFields(Encoded.field(field, content))
        .build();
  }
}
