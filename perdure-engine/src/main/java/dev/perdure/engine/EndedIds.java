package dev.perdure.engine;

import dev.perdure.store.InstanceFilter;
import dev.perdure.store.InstancePage;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.Store;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Lists what has ended in the order in which it did, so that whoever has come to some place misses
 * nothing that ends later. The store has another order: a look at all that is there finds the next
 * ones, and many more than a page, and the pages after it are taken from what it found. Safe from
 * any thread.
 */
final class EndedIds {
  /** How many a look finds; it takes some seconds where there are a million instances. */
  private static final int AHEAD = 10_000;

  /** How many lists are kept of what was found and not asked for yet. */
  private static final int LISTS_MAX = 4;

  private static final int ROWS_AT_ONCE = 1_000;

  /** A clock that was put back does not make what was created then end before. */
  private static final long CLOCK_STEP_MILLIS = 3_600_000;

  /** When an instance ended: its place in the order. */
  private record End(long at, String id) implements Comparable<End> {
    private static final Comparator<End> ORDER =
        Comparator.comparingLong(End::at).thenComparing(End::id);

    @Override
    public int compareTo(End other) {
      return ORDER.compare(this, other);
    }

    String token() {
      return at + " " + id;
    }

    static End of(String token) {
      int space = token.indexOf(' ');
      try {
        return new End(
            Long.parseLong(token.substring(0, Math.max(space, 0))), token.substring(space + 1));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "The continuation token '%s' does not belong to this list. Pass the token of the page before, or none to begin again."
                .formatted(token),
            e);
      }
    }
  }

  private record Place(InstanceFilter filter, @Nullable End after) {}

  private final Map<Place, List<End>> found =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Place, List<End>> eldest) {
              return size() > LISTS_MAX;
            }
          });

  /**
   * Lists some ids.
   *
   * @param filter lets pass what has ended only
   * @param size at most so many
   * @param token where the page before ended; null to begin
   * @param until what ended later than this, in milliseconds since 1970, is left for the next list:
   *     the store may not have all of it yet
   * @throws IllegalArgumentException if the token is none
   */
  Requests.Ids page(
      Store store, InstanceFilter filter, int size, @Nullable String token, long until) {
    Place place = new Place(filter, token == null ? null : End.of(token));
    List<End> ends = found.remove(place);
    if (ends == null || ends.size() <= size) { // of the last page, the newest are wanted too
      ends = look(store, place, Math.max(size, AHEAD) + 1, until);
    }
    if (ends.size() <= size) {
      return new Requests.Ids(ids(ends), null);
    }
    List<End> page = ends.subList(0, size);
    found.put(new Place(filter, page.getLast()), ends.subList(size, ends.size()));
    return new Requests.Ids(ids(page), page.getLast().token());
  }

  private static List<String> ids(List<End> ends) {
    return ends.stream().map(End::id).toList();
  }

  /** The first ones after a place, in order. */
  private static List<End> look(Store store, Place place, int most, long until) {
    PriorityQueue<End> first = new PriorityQueue<>(Comparator.reverseOrder());
    String at = null;
    do {
      InstancePage page = store.query(place.filter(), ROWS_AT_ONCE, at);
      for (InstanceRow row : page.rows()) {
        End end = new End(row.columns().completedAt(), row.id());
        if (end.at() <= until && (place.after() == null || end.compareTo(place.after()) > 0)) {
          first.add(end);
        }
        if (first.size() > most) {
          first.poll();
        }
      }
      at = isBeyond(page, place.filter(), first, most) ? null : page.continuationToken();
    } while (at != null);
    List<End> ends = new ArrayList<>(first);
    Collections.sort(ends);
    return ends;
  }

  /** Whether what the store would list next was created after all that is wanted had ended. */
  private static boolean isBeyond(
      InstancePage page, InstanceFilter filter, PriorityQueue<End> first, int most) {
    return first.size() == most
        && filter.idPrefix().isEmpty()
        && !page.rows().isEmpty()
        && page.rows().getLast().columns().createdAt() - CLOCK_STEP_MILLIS > first.element().at();
  }
}
