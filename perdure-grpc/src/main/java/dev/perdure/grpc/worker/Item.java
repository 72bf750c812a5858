package dev.perdure.grpc.worker;

import dev.perdure.engine.functions.FunctionKind;
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

  /** The task of its instance; 0 for what is no activity. */
  final int taskId;

  /** What it is found by where an answer comes without a token, in short. */
  final int keyHash;

  // Used by the table of those under way.
  @Nullable Item nextByDelivery;
  @Nullable Item nextByKey;

  /** The number of the delivery under way; 0 if it waits for a worker. */
  volatile long delivery;

  /** Who has it; null if it waits for a worker. */
  @Nullable Connection holder;

  /** Who had it last and did not finish it; gets it again only if nobody else takes it. */
  @Nullable Connection avoid;

  /** The number of the last delivery that has left, as far as is known; 0 if none has. */
  volatile long sent;

  /** The number of the last delivery for which there was an answer that seems another worker's. */
  long doubted;

  /** How often an answer to it could not be. */
  int refused;

  /** How often a worker gave it back. */
  int abandoned;

  /** How often a worker went away soon after it had taken it. */
  int lost;

  /** How long it was when it was last sent to a worker elsewhere, in bytes; 0 if it never was. */
  volatile int sentBytes;

  /**
   * When it first had to wait for a worker, in milliseconds since 1970; 0 if it never had to. Kept
   * when it is handed out again.
   */
  long waitingSince;

  /** When a worker took it, in milliseconds since 1970. */
  long takenAt;

  Item(FunctionKind kind, String name, String version, String instanceId, int taskId) {
    this.keyHash = keyHash(instanceId, taskId);
    this.taskId = taskId;
    this.kind = kind;
    this.name = name;
    this.version = version;
    this.instanceId = instanceId;
  }

  static int keyHash(String instanceId, int taskId) {
    return instanceId.hashCode() * 31 + taskId;
  }

  /** Whether it may be what ends workers: more than one went away soon after it had taken it. */
  final boolean isSuspect() {
    return lost > 1;
  }

  /**
   * What makes it the same work as another item: what a worker has, or what rests, is not handed
   * out a second time; of those that wait the newest takes the place of the one before.
   */
  Object key() {
    return this;
  }

  /** Whether nobody wants it done any more. */
  abstract boolean isVoid();

  /**
   * Whoever has it goes on with it; if nobody wants it done any more, it is not handed out again.
   */
  void setWanted(boolean wanted) {}

  /** Whoever had it has gone or given it back; what there is of an answer is of no use. */
  void leftUnanswered() {}

  /**
   * Whether it must not be handed out again for now. If so, whoever made it hands it to the pool
   * again when it may be.
   */
  boolean isHeldBack() {
    return false;
  }

  /**
   * What a worker is asked to do; null if nobody wants it done any more. Called by the thread that
   * sends, which must not hold the lock of the pool.
   *
   * @param number the delivery for which it is asked
   */
  abstract @Nullable WorkRequest toSend(long number, Connection to);

  /** Whether it has to be {@linkplain #read read} from the store before it can be sent. */
  boolean isUnread() {
    return false;
  }

  /**
   * Reads it from the store, which may take a while; only once a worker has it, so that what waits
   * for one costs no memory. An item that cannot be read is void afterwards.
   *
   * @param then is run when that is done, on any thread
   */
  void read(Runnable then) {
    then.run();
  }

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
}
