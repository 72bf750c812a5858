package dev.perdure.engine;

import dev.perdure.store.InstanceFilter;
import dev.perdure.store.InstancePage;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.PageToken;
import dev.perdure.store.Store;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page that is short only if it is the last or large, and has a token exactly if something
 * follows. Those of a store are not like that: it stops looking after some time, and does not look
 * beyond the end of a page.
 *
 * @param rows what was found, in the order of the store
 * @param token where to go on; null if nothing follows
 */
record FullPage(List<InstanceRow> rows, @Nullable String token) {
  private static final int ROWS_AT_FIRST = 16;
  private static final int ROWS_AT_ONCE_MAX = 256;

  /**
   * Reads a page.
   *
   * @param rowsMax at most so many
   * @param bytesMax so much of states, though at least one row
   * @param from where an earlier page ended; null or empty to begin
   * @throws IllegalArgumentException if the token is none
   */
  static FullPage read(
      Store store, InstanceFilter filter, int rowsMax, long bytesMax, @Nullable String from) {
    List<InstanceRow> rows = new ArrayList<>();
    long bytes = 0;
    String at = from == null || from.isEmpty() ? null : from;
    while (rows.size() < rowsMax) {
      int rowsNow = Math.min(rowsMax - rows.size(), batch(rows.size(), bytes, bytesMax));
      InstancePage page = store.query(filter, rowsNow, at);
      for (InstanceRow row : page.rows()) {
        bytes += row.state() == null ? 0 : row.state().length;
        if (bytes > bytesMax && !rows.isEmpty()) {
          return new FullPage(rows, PageToken.at(filter, rows.getLast().columns()).encoded());
        }
        rows.add(row);
      }
      at = page.continuationToken();
      if (at == null) {
        return new FullPage(rows, null);
      }
    }
    return new FullPage(rows, isLast(store, filter, at) ? null : at);
  }

  /** How many rows are read next, judging by those before, so that little is read for nothing. */
  private static int batch(int rows, long bytes, long bytesMax) {
    if (rows == 0) {
      return ROWS_AT_FIRST;
    }
    long fit = Math.max(bytesMax - bytes, 0) / Math.max(bytes / rows, 1);
    return Math.clamp(fit, 1, ROWS_AT_ONCE_MAX);
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
