package dev.perdure.grpc.worker;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The connected workers in the order in which work is offered to them: those that have least in
 * hand first and, of those that have as much, the one that has had that for longest. Every change
 * takes the same short time, however many there are. Guarded by the lock of the pool.
 */
final class Roster {
  /** Workers that have as many items in hand; there is at least one. */
  static final class Level extends Chain.Link<Level> {
    private final int load;
    private final Chain<Connection> workers = new Chain<>();

    private Level(int load) {
      this.load = load;
    }
  }

  private final Chain<Level> levels = new Chain<>();
  private int size;

  int size() {
    return size;
  }

  /** Adds a worker that has nothing in hand. */
  void add(Connection worker) {
    Level least = levels.first();
    enter(worker, least != null && least.load == 0 ? least : newLevel(null, 0));
    size++;
  }

  /** Takes a worker out, if it is in. */
  void remove(Connection worker) {
    Level level = worker.level;
    if (level != null) {
      leave(worker, level);
      size--;
    }
  }

  /** A worker has one item more in hand than before. */
  void tookOne(Connection worker) {
    Level from = worker.level;
    if (from != null) {
      Level next = from.after();
      Level to = next != null && next.load == from.load + 1 ? next : newLevel(from, from.load + 1);
      leave(worker, from);
      enter(worker, to);
    }
  }

  /** A worker has one item less in hand than before. */
  void gaveOne(Connection worker) {
    Level from = worker.level;
    if (from != null) {
      Level next = from.before();
      Level to = next != null && next.load == from.load - 1 ? next : newLevel(next, from.load - 1);
      leave(worker, from);
      enter(worker, to);
    }
  }

  private Level newLevel(@Nullable Level before, int load) {
    Level level = new Level(load);
    levels.insert(before, level);
    return level;
  }

  private static void enter(Connection worker, Level level) {
    level.workers.add(worker);
    worker.level = level;
  }

  private void leave(Connection worker, Level level) {
    level.workers.remove(worker);
    worker.level = null;
    if (level.workers.isEmpty()) {
      levels.remove(level);
    }
  }

  /** The first that work is offered to; null if there is none. */
  @Nullable Connection first() {
    return firstOf(levels.first());
  }

  /** The one that work is offered to after another, which is in; null after the last. */
  @Nullable Connection after(Connection worker) {
    Connection next = worker.after();
    Level level = worker.level;
    return next != null || level == null ? next : firstOf(level.after());
  }

  private static @Nullable Connection firstOf(@Nullable Level level) {
    return level == null ? null : level.workers.first();
  }

  /** All. */
  List<Connection> toList() {
    List<Connection> all = new ArrayList<>(size);
    for (Connection each = first(); each != null; each = after(each)) {
      all.add(each);
    }
    return all;
  }
}
