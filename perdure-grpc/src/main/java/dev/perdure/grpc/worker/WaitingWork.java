package dev.perdure.grpc.worker;

import dev.perdure.engine.functions.FunctionKind;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Work that no worker has: what waits for one, in the order in which it came for each function, and
 * what rests after it was given back, until it is handed out again. Not thread-safe.
 */
final class WaitingWork {
  /**
   * What work has in common that waits for the same.
   *
   * @param suspect whether it waits for a worker that has no other suspect on trial
   */
  private record Function(String name, String version, boolean suspect) {
    static Function of(Item item) {
      return new Function(item.name, item.version, item.isSuspect());
    }

    boolean isFor(Connection connection, FunctionKind kind) {
      return connection.wants(kind, name, version) && connection.mayTry(suspect);
    }
  }

  private final InstantSource clock;

  /** By what makes two of them one and the same work. */
  private final Map<FunctionKind, Map<Function, LinkedHashMap<Object, Item>>> waiting =
      new EnumMap<>(FunctionKind.class);

  /** What rests, by the same. */
  private final Map<Object, Item> resting = new LinkedHashMap<>();

  /**
   * Nothing.
   *
   * @param clock says since when work waits
   */
  WaitingWork(InstantSource clock) {
    this.clock = clock;
    for (FunctionKind kind : FunctionKind.values()) {
      waiting.put(kind, new LinkedHashMap<>());
    }
  }

  @SuppressWarnings("NonApiType") // in the order in which they came, and the first can be taken
  private Map<Function, LinkedHashMap<Object, Item>> of(FunctionKind kind) {
    return Objects.requireNonNull(waiting.get(kind));
  }

  private void begins(Item item) {
    if (item.waitingSince == 0) {
      item.waitingSince = clock.millis();
    }
  }

  /** An item waits for a worker, in the place of the same work if that waits already. */
  void add(Item item) {
    begins(item);
    Item before =
        of(item.kind)
            .computeIfAbsent(Function.of(item), key -> new LinkedHashMap<>())
            .put(item.key(), item);
    if (before != null) {
      item.waitingSince = before.waitingSince; // it has its place too
    }
  }

  /** An item waits until it is handed out again. */
  void rest(Item item) {
    begins(item);
    resting.put(item.key(), item);
  }

  /** Ends the rest of an item. Returns whether it rested. */
  boolean endRest(Item item) {
    return resting.remove(item.key(), item);
  }

  /** Whether the same work rests. */
  boolean rests(Item item) {
    return !resting.isEmpty() && resting.containsKey(item.key());
  }

  /** Whether the same activity waits already, apart from others, as what may end its workers. */
  boolean hasSuspect(Item item) {
    if (item.kind != FunctionKind.ACTIVITY || item.isSuspect()) {
      return false;
    }
    Map<Object, Item> suspects = of(item.kind).get(new Function(item.name, item.version, true));
    return suspects != null && suspects.containsKey(item.key());
  }

  /**
   * Takes the item that has waited longest of those that a worker wants, one function at a time;
   * null if there is none.
   */
  @Nullable Item takeFor(Connection worker, FunctionKind kind) {
    Map<Function, LinkedHashMap<Object, Item>> byFunction = of(kind);
    Function next = null;
    for (Function function : byFunction.keySet()) {
      if (function.isFor(worker, kind)) {
        next = function;
        break;
      }
    }
    LinkedHashMap<Object, Item> items = next == null ? null : byFunction.remove(next);
    if (next == null || items == null) {
      return null;
    }
    Item item = items.pollFirstEntry().getValue();
    if (!items.isEmpty()) {
      byFunction.put(next, items); // last, so that no function waits for all work of another
    }
    return item;
  }

  /** Takes an item out. Returns whether it was in. */
  boolean remove(Item item) {
    boolean rested = endRest(item);
    Map<Object, Item> items = of(item.kind).get(Function.of(item));
    boolean waited = items != null && items.remove(item.key(), item);
    removeEmpty(item.kind, Function.of(item));
    return rested || waited;
  }

  /** Takes out whatever is the same work. */
  void removeSame(Item item) {
    resting.remove(item.key());
    for (boolean suspect : new boolean[] {false, true}) {
      Function function = new Function(item.name, item.version, suspect);
      Map<Object, Item> items = of(item.kind).get(function);
      if (items != null) {
        items.remove(item.key());
        removeEmpty(item.kind, function);
      }
    }
  }

  private void removeEmpty(FunctionKind kind, Function function) {
    Map<Object, Item> items = of(kind).get(function);
    if (items != null && items.isEmpty()) {
      of(kind).remove(function);
    }
  }

  void forEach(Consumer<Item> action) {
    for (Map<Function, LinkedHashMap<Object, Item>> byFunction : waiting.values()) {
      byFunction.values().forEach(items -> items.values().forEach(action));
    }
    resting.values().forEach(action);
  }

  int size() {
    int count = resting.size();
    for (Map<Function, LinkedHashMap<Object, Item>> byFunction : waiting.values()) {
      for (Map<Object, Item> items : byFunction.values()) {
        count += items.size();
      }
    }
    return count;
  }

  void clear() {
    waiting.values().forEach(Map::clear);
    resting.clear();
  }
}
