package dev.perdure.engine;

import dev.perdure.store.InstanceFilter;
import dev.perdure.store.InstancePage;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.PageToken;
import dev.perdure.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A page that is short only if it is the last or large, and has a token exactly if something
 * follows. Those of a store are not like that: it stops looking after some time, and does not look
 * beyond the end of a page.
 *
 * @param items what was found, in the order of the store
 * @param token where to go on; null if nothing follows
 */
record FullPage<T>(List<T> items, @Nullable String token) {
  private static final int ROWS_AT_FIRST = 16;
  private static final int ROWS_AT_ONCE_MAX = 256;

  /** About so much of states is in memory at once. */
  private static final long BYTES_AT_ONCE = 4 << 20;

  /**
   * Reads a page.
   *
   * @param itemsMax at most so many
   * @param bytesMax so much of states, though at least one item
   * @param from where an earlier page ended; null or empty to begin
   * @param toItem what becomes of a row
   * @throws IllegalArgumentException if the token is none
   */
  static <T> FullPage<T> read(
      Store store,
      InstanceFilter filter,
      int itemsMax,
      long bytesMax,
      @Nullable String from,
      Function<InstanceRow, T> toItem) {
    List<T> items = new ArrayList<>();
    long bytes = 0;
    String at = from == null || from.isEmpty() ? null : from;
    while (items.size() < itemsMax) {
      int now = Math.min(itemsMax - items.size(), batch(items.size(), bytes));
      InstancePage page = store.query(filter, now, at);
      for (InstanceRow row : page.rows()) {
        bytes += row.state() == null ? 0 : row.state().length;
        if (bytes > bytesMax && !items.isEmpty()) {
          return new FullPage<>(items, at);
        }
        items.add(toItem.apply(row));
        at = PageToken.at(filter, row.columns()).encoded();
      }
      at = page.continuationToken();
      if (at == null) {
        return new FullPage<>(items, null);
      }
    }
    return new FullPage<>(items, isLast(store, filter, at) ? null : at);
  }

  /** How many rows are read next, judging by those before. */
  private static int batch(int rows, long bytes) {
    return rows == 0
        ? ROWS_AT_FIRST
        : Math.clamp(BYTES_AT_ONCE / Math.max(bytes / rows, 1), 1, ROWS_AT_ONCE_MAX);
  }

  private static boolean isLast(Store store, InstanceFilter filter, @Nullable String token) {
    InstanceFilter ids = filter.withoutStates();
    String at = token;
    while (at != null) {
      InstancePage page = store.query(ids, 1, at);
      if (!page.rows().isEmpty()) {
        return false;
      }
      at = page.continuationToken();
    }
    return true;
  }
}
