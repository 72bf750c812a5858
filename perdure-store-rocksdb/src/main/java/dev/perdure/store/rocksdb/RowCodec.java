package dev.perdure.store.rocksdb;

import dev.perdure.store.InstanceColumns;
import dev.perdure.store.InstanceRow;
import java.util.HashMap;
import java.util.Map;

/**
 * The values of instances: what a row is listed by, and in the table of instances its state behind
 * it. The index holds the same listing, so that queries read no rows.
 */
final class RowCodec {
  private static final int VERSION = 1;
  private static final int ACTIVE = 1;
  private static final int WITH_STATE = 2;

  private RowCodec() {}

  /** Writes the listing of a row. */
  static Bytes listing(Bytes value, InstanceRow row) {
    InstanceColumns columns = row.columns();
    value
        .clear()
        .u1(VERSION)
        .u1(row.active() ? ACTIVE : 0)
        .u1(columns.status())
        .i4(columns.kind())
        .i8(row.position())
        .i8(columns.createdAt())
        .i8(columns.updatedAt())
        .i8(columns.completedAt())
        .text(columns.name())
        .text(columns.version())
        .text(columns.parentId())
        .varint(columns.tags().size());
    columns.tags().forEach((name, tag) -> value.text(name).text(tag));
    return value;
  }

  /** Adds the state to the listing written before. */
  static Bytes withState(Bytes listing, InstanceRow row) {
    byte[] state = row.state();
    if (state != null) {
      listing.array()[1] |= WITH_STATE;
      listing.raw(state);
    }
    return listing;
  }

  /** Reads a listing, and the state if there is one and it is wanted. */
  static InstanceRow row(String id, byte[] value, boolean state) {
    try {
      return read(id, value, state);
    } catch (IndexOutOfBoundsException e) {
      throw Errors.corrupt("The row of instance '%s' is cut short.".formatted(id), e);
    }
  }

  private static InstanceRow read(String id, byte[] value, boolean state) {
    ByteReader in = new ByteReader(value, 0);
    int version = in.u1();
    if (version != VERSION) {
      throw Errors.corrupt(
          "The row of instance '%s' has version %d, which is not known.".formatted(id, version),
          null);
    }
    int flags = in.u1();
    int status = in.u1();
    int kind = in.i4();
    long position = in.i8();
    long createdAt = in.i8();
    long updatedAt = in.i8();
    long completedAt = in.i8();
    InstanceColumns columns =
        new InstanceColumns(
            id,
            kind,
            status,
            in.text(),
            in.text(),
            createdAt,
            updatedAt,
            completedAt,
            in.text(),
            tags(in));
    boolean active = (flags & ACTIVE) != 0;
    boolean has = (flags & WITH_STATE) != 0;
    return new InstanceRow(columns, position, active, state && has ? in.rest() : null);
  }

  private static Map<String, String> tags(ByteReader in) {
    int count = in.varint();
    if (count == 0) {
      return Map.of();
    }
    Map<String, String> tags = new HashMap<>();
    for (int i = 0; i < count; i++) {
      tags.put(in.text(), in.text());
    }
    return Map.copyOf(tags);
  }
}
