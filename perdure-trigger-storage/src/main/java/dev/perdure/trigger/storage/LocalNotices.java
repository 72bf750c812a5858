package dev.perdure.trigger.storage;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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
    LISTENERS.compute(
        address,
        (key, known) -> {
          List<Consumer<String>> all = known == null ? new CopyOnWriteArrayList<>() : known;
          all.add(listener);
          return all;
        });
    return () -> LISTENERS.computeIfPresent(address, (key, all) -> without(all, listener));
  }

  private static @Nullable List<Consumer<String>> without(
      List<Consumer<String>> all, Consumer<String> listener) {
    all.remove(listener);
    return all.isEmpty() ? null : all;
  }

  /** Tells that something was written at an address. */
  static void tell(String address, String what) {
    LISTENERS.getOrDefault(address, List.of()).forEach(listener -> listener.accept(what));
  }
}
