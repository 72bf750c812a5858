package dev.perdure.store.rocksdb;

import dev.perdure.store.InstanceFilter;
import dev.perdure.store.InstancePage;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.PageToken;
import dev.perdure.store.rocksdb.RowTables.Cursor;
import dev.perdure.store.rocksdb.RowTables.Table;
import dev.perdure.store.rocksdb.RowTables.View;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.PriorityQueue;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One page of a query, merged from sorted parts: by creation time from the index, a part for each
 * status; by id from the instances, a part for each partition.
 */
final class RowQuery {
  private static final int STATUSES = 128;

  private final RowTables tables;
  private final int partitions;
  private final int scanMax;
  private final InstanceFilter filter;
  private final int limit;
  private final @Nullable PageToken after;

  /**
   * A query.
   *
   * @param scanMax rows looked at for one page; a page that finds little among so many is short
   */
  RowQuery(
      RowTables tables,
      int partitions,
      int scanMax,
      InstanceFilter filter,
      int limit,
      @Nullable PageToken after) {
    if (limit < 1) {
      throw new IllegalArgumentException("A page has at least one row, not %d.".formatted(limit));
    }
    this.tables = tables;
    this.partitions = partitions;
    this.scanMax = scanMax;
    this.filter = filter;
    this.limit = limit;
    this.after = after;
  }

  /** One sorted part: a cursor, and its key as bytes to compare. */
  private static final class Part implements Comparable<Part> {
    final Cursor cursor;
    final int orderFrom;
    final int behind;
    byte[] key;

    /**
     * A part whose cursor is valid.
     *
     * @param orderFrom where the bytes that give the order begin in a key
     * @param behind how many bytes lie behind them
     */
    Part(Cursor cursor, int orderFrom, int behind) {
      this.cursor = cursor;
      this.orderFrom = orderFrom;
      this.behind = behind;
      this.key = cursor.key();
    }

    @Override
    public int compareTo(Part other) {
      return Arrays.compareUnsigned(
          key,
          orderFrom,
          key.length - behind,
          other.key,
          other.orderFrom,
          other.key.length - other.behind);
    }
  }

  InstancePage page() {
    try (View view = tables.view()) {
      boolean byId = !filter.idPrefix().isEmpty();
      PriorityQueue<Part> parts = byId ? partitionParts(view) : statusParts(view);
      List<InstanceRow> rows = new ArrayList<>();
      int scanned = 0;
      while (!parts.isEmpty()) {
        Part part = parts.remove();
        InstanceRow row = byId ? rowOf(part) : listed(view, part);
        if (row != null) {
          rows.add(row);
        }
        String id = byId ? Keys.instanceId(part.key) : Keys.indexId(part.key);
        long createdAt = byId ? 0 : Keys.indexCreatedAt(part.key);
        advance(parts, part);
        if (!parts.isEmpty() && (rows.size() == limit || ++scanned >= scanMax)) {
          return new InstancePage(rows, PageToken.at(filter, createdAt, id).encoded());
        }
      }
      return new InstancePage(rows, null);
    }
  }

  private static void advance(PriorityQueue<Part> parts, Part part) {
    part.cursor.next();
    if (part.cursor.isValid()) {
      part.key = part.cursor.key();
      parts.add(part);
    }
  }

  // ---- by id --------------------------------------------------------------------------------

  private PriorityQueue<Part> partitionParts(View view) {
    PriorityQueue<Part> parts = new PriorityQueue<>();
    for (int partition = 0; partition < partitions; partition++) {
      byte[] start = Keys.instance(new Bytes(32), partition, filter.idPrefix()).toArray();
      byte[] from =
          after == null
              ? start
              : Keys.next(Keys.instance(new Bytes(32), partition, after.id()).toArray());
      Cursor cursor = view.from(Table.INSTANCES, from, Keys.after(start));
      if (cursor.isValid()) {
        parts.add(new Part(cursor, Keys.INSTANCE_ID_AT, 0));
      }
    }
    return parts;
  }

  private @Nullable InstanceRow rowOf(Part part) {
    InstanceRow row =
        RowCodec.row(Keys.instanceId(part.key), part.cursor.value(), filter.withState());
    return filter.matches(row.columns()) ? row : null;
  }

  // ---- by creation time ---------------------------------------------------------------------

  private PriorityQueue<Part> statusParts(View view) {
    PriorityQueue<Part> parts = new PriorityQueue<>();
    for (int status : filter.statuses().isEmpty() ? statuses(view) : filter.statuses()) {
      if (status < 0 || status >= STATUSES) {
        continue;
      }
      Cursor cursor = view.from(Table.INDEX, statusFrom(status), statusTo(status));
      if (cursor.isValid()) {
        parts.add(new Part(cursor, 1, Short.BYTES));
      }
    }
    return parts;
  }

  private byte[] statusFrom(int status) {
    byte[] from = Keys.indexFrom(status, filter.createdFrom());
    if (after == null) {
      return from;
    }
    byte[] behind = Keys.indexAfter(status, after.createdAt(), after.id());
    return Arrays.compareUnsigned(from, behind) > 0 ? from : behind;
  }

  private byte[] statusTo(int status) {
    return filter.createdTo() == Long.MAX_VALUE
        ? Keys.indexFrom(status + 1)
        : Keys.indexFrom(status, filter.createdTo());
  }

  /** The statuses that occur, found by leaping from one to the next. */
  private static Collection<Integer> statuses(View view) {
    TreeSet<Integer> statuses = new TreeSet<>();
    Cursor cursor = view.from(Table.INDEX, Keys.indexFrom(0), null);
    while (cursor.isValid()) {
      int status = Keys.indexStatus(cursor.key());
      statuses.add(status);
      cursor.seek(Keys.indexFrom(status + 1));
    }
    return statuses;
  }

  private @Nullable InstanceRow listed(View view, Part part) {
    String id = Keys.indexId(part.key);
    InstanceRow listing = RowCodec.row(id, part.cursor.value(), false);
    if (!filter.matches(listing.columns())) {
      return null;
    }
    if (!filter.withState()) {
      return listing;
    }
    int partition = Keys.indexPartition(part.key);
    byte[] value =
        tables.get(
            Table.INSTANCES,
            Keys.instance(new Bytes(2 + id.length()), partition, id).toArray(),
            view);
    if (value == null) {
      throw Errors.corrupt("Instance '%s' is listed, but has no row.".formatted(id), null);
    }
    return RowCodec.row(id, value, true);
  }
}
