package dev.perdure.grpc.worker;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Things one after the other, of which each can be taken out without a search: the links are in the
 * things themselves, so a thing is in one chain of its kind at a time. Not thread-safe.
 */
final class Chain<E extends Chain.Link<E>> {
  /** What can be in a chain. */
  abstract static class Link<E extends Link<E>> {
    private @Nullable E before;
    private @Nullable E after;

    /** The one after it; null for the last. */
    final @Nullable E after() {
      return after;
    }

    /** The one before it; null for the first. */
    final @Nullable E before() {
      return before;
    }
  }

  private @Nullable E first;
  private @Nullable E last;
  private int size;

  @Nullable E first() {
    return first;
  }

  boolean isEmpty() {
    return first == null;
  }

  /** Adds something at the end that is in no chain. */
  void add(E added) {
    insert(last, added);
  }

  /**
   * Adds something that is in no chain.
   *
   * @param before what is to come before it, which is in this chain; null for nothing
   */
  void insert(@Nullable E before, E added) {
    E after = before == null ? first : next(before);
    link(before, added);
    link(added, after);
    size++;
  }

  /** Takes something out that is in this chain. */
  void remove(E removed) {
    Link<E> links = removed;
    link(links.before, links.after);
    links.before = null;
    links.after = null;
    size--;
  }

  private static <E extends Link<E>> @Nullable E next(Link<E> of) {
    return of.after;
  }

  /** Makes one the next of the other; null stands for the end that is there. */
  private void link(@Nullable E before, @Nullable E after) {
    if (before == null) {
      first = after;
    } else {
      Link<E> links = before;
      links.after = after;
    }
    if (after == null) {
      last = before;
    } else {
      Link<E> links = after;
      links.before = before;
    }
  }

  /** All, in their order. */
  List<E> toList() {
    List<E> all = new ArrayList<>(size);
    for (E each = first; each != null; each = each.after()) {
      all.add(each);
    }
    return all;
  }
}
