package dev.perdure.trigger.storage;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Tells listeners in this process what outputs in this process have written, so that they need not
 * wait until they look again. Nothing depends on it: whoever misses a notice finds what was written
 * a little later. Safe from any thread.
 */
final class LocalNotices {
  private static final ConcurrentHashMap<String, List<Consumer<String>>> LISTENERS =
      new ConcurrentHashMap<>();

  private LocalNotices() {}

  /** Ends the listening. */
  @FunctionalInterface
  interface Registration extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Listens to what happens at an address.
   *
   * @param listener gets what was written; must not block
   */
  static Registration listen(String address, Consumer<String> listener) {
    List<Consumer<String>> all =
        LISTENERS.computeIfAbsent(address, key -> new CopyOnWriteArrayList<>());
    all.add(listener);
    return () -> all.remove(listener);
  }

  /** Tells that something was written at an address. */
  static void tell(String address, String what) {
    LISTENERS.getOrDefault(address, List.of()).forEach(listener -> listener.accept(what));
  }
}
