package dev.perdure.store.rocksdb;

import dev.perdure.store.InstanceKey;
import dev.perdure.store.OutboxRow;
import dev.perdure.store.TimerRow;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The keys of all rows. Their bytes sort as the store promises to list them: numbers big-endian
 * with the sign turned, ids by UTF-8.
 *
 * <pre>
 *   queues     'a' partition id                          active instance    value: none
 *              'm' partition                             the partition's own row
 *              'o' partition receiver number             message
 *              's' partition                             start of the log
 *              't' partition dueAt id. taskId            timer              value: none
 *   instances  partition id                              listing and state
 *   index      status createdAt id. partition            listing
 *   history    partition id. execution chunk             events
 * </pre>
 *
 * <p>An id at the end is written as it is. An id in the middle (with a dot above) is ended by
 * {@code 00 01}, and a zero byte in it becomes {@code 00 FF}: so no id is the beginning of another,
 * and their order stays.
 *
 * <p>The index leads with the status, not the partition, because queries go over all partitions: it
 * takes one cursor per status instead of one per status and partition.
 */
final class Keys {
  private static final char ACTIVE = 'a';
  private static final char META = 'm';
  private static final char OUTBOX = 'o';
  private static final char LOG_START = 's';
  private static final char TIMER = 't';

  private static final int ZERO = 0x00;
  private static final int ESCAPED = 0xff;
  private static final int END = 0x01;

  static final int ACTIVE_ID_AT = 3;
  static final int INSTANCE_ID_AT = 2;

  private Keys() {}

  // ---- queues -------------------------------------------------------------------------------

  static Bytes active(Bytes key, int partition, String id) {
    return checked(key.clear().u1(ACTIVE).u2(partition), id);
  }

  static byte[] activeFrom(int partition) {
    return new Bytes(3).u1(ACTIVE).u2(partition).toArray();
  }

  static String activeId(byte[] key) {
    return new ByteReader(key, ACTIVE_ID_AT).restAsText();
  }

  static Bytes partition(Bytes key, int partition) {
    return key.clear().u1(META).u2(partition);
  }

  static Bytes logStart(Bytes key, int partition) {
    return key.clear().u1(LOG_START).u2(partition);
  }

  static Bytes outbox(Bytes key, int partition, int receiver, long number) {
    return key.clear().u1(OUTBOX).u2(partition).ordered4(receiver).ordered8(number);
  }

  static byte[] outboxFrom(int partition) {
    return new Bytes(3).u1(OUTBOX).u2(partition).toArray();
  }

  static OutboxRow outbox(byte[] key, byte[] message) {
    ByteReader reader = new ByteReader(key, 3);
    return new OutboxRow(reader.ordered4(), reader.ordered8(), message);
  }

  static Bytes timer(Bytes key, int partition, TimerRow timer) {
    key.clear().u1(TIMER).u2(partition).ordered8(timer.dueAt());
    return ended(key, timer.instanceId()).ordered4(timer.taskId());
  }

  static byte[] timersFrom(int partition) {
    return new Bytes(3).u1(TIMER).u2(partition).toArray();
  }

  static TimerRow timer(byte[] key) {
    long dueAt = new ByteReader(key, 3).ordered8();
    int idEnd = key.length - Integer.BYTES;
    String id = unescaped(key, 3 + Long.BYTES, idEnd);
    return new TimerRow(dueAt, id, new ByteReader(key, idEnd).ordered4());
  }

  // ---- instances and index ------------------------------------------------------------------

  static Bytes instance(Bytes key, int partition, String id) {
    return checked(key.clear().u2(partition), id);
  }

  static String instanceId(byte[] key) {
    return new ByteReader(key, INSTANCE_ID_AT).restAsText();
  }

  static Bytes index(Bytes key, int partition, String id, InstanceKey at) {
    return ended(key.clear().u1(at.status()).ordered8(at.createdAt()), id).u2(partition);
  }

  /** Where the entries of a status begin that were created at a time or later. */
  static byte[] indexFrom(int status, long createdAt) {
    return new Bytes(9).u1(status).ordered8(createdAt).toArray();
  }

  /** Where the entries of a status begin. */
  static byte[] indexFrom(int status) {
    return new byte[] {(byte) status};
  }

  /** Right behind the entry of an id. */
  static byte[] indexAfter(int status, long createdAt, String id) {
    return new Bytes(32 + id.length())
        .raw(ended(new Bytes(32).u1(status).ordered8(createdAt), id).toArray())
        .u2(0xffff)
        .u1(0)
        .toArray();
  }

  static int indexStatus(byte[] key) {
    return key[0] & 0xff;
  }

  static long indexCreatedAt(byte[] key) {
    return new ByteReader(key, 1).ordered8();
  }

  static String indexId(byte[] key) {
    return unescaped(key, 1 + Long.BYTES, key.length - Short.BYTES);
  }

  static int indexPartition(byte[] key) {
    return new ByteReader(key, key.length - Short.BYTES).u2();
  }

  // ---- history ------------------------------------------------------------------------------

  static Bytes history(Bytes key, int partition, String id, long execution, int chunk) {
    return ended(key.clear().u2(partition), id).ordered8(execution).i4(chunk);
  }

  // ---- ids ----------------------------------------------------------------------------------

  /** An id as it is, for the end of a key. */
  private static Bytes checked(Bytes key, String id) {
    refuseHalfCharacters(id);
    return key.raw(Bytes.utf8(id));
  }

  /** An id for the middle of a key. */
  private static Bytes ended(Bytes key, String id) {
    refuseHalfCharacters(id);
    for (byte next : Bytes.utf8(id)) {
      key.u1(next);
      if (next == ZERO) {
        key.u1(ESCAPED);
      }
    }
    return key.u1(ZERO).u1(END);
  }

  private static String unescaped(byte[] key, int from, int to) {
    byte[] id = new byte[to - from];
    int length = 0;
    int at = from;
    while (key[at] != ZERO || key[at + 1] != END) {
      id[length++] = key[at];
      at += key[at] == ZERO ? 2 : 1;
    }
    return new String(id, 0, length, StandardCharsets.UTF_8);
  }

  /** Half of a surrogate pair has no UTF-8; ids that differ in it only would become one. */
  private static void refuseHalfCharacters(String id) {
    for (int i = 0; i < id.length(); i++) {
      char next = id.charAt(i);
      if (Character.isSurrogate(next)) {
        boolean pair =
            Character.isHighSurrogate(next)
                && i + 1 < id.length()
                && Character.isLowSurrogate(id.charAt(i + 1));
        if (!pair) {
          throw new IllegalArgumentException(
              "The id '%s' has half of a surrogate pair at index %d and cannot be stored."
                  .formatted(id, i));
        }
        i++;
      }
    }
  }

  /** The first key that does not begin with a prefix; null if there is none. */
  static byte @Nullable [] after(byte[] prefix) {
    for (int i = prefix.length - 1; i >= 0; i--) {
      if (prefix[i] != (byte) 0xff) {
        byte[] after = Arrays.copyOf(prefix, i + 1);
        after[i]++;
        return after;
      }
    }
    return null;
  }

  /** The next key in byte order. */
  static byte[] next(byte[] key) {
    return Arrays.copyOf(key, key.length + 1);
  }
}
