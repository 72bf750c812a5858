package dev.perdure.sdktests;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Does something many times at once. */
final class Concurrently {
  @FunctionalInterface
  interface Work<T> {
    T run(int number) throws Exception;
  }

  private Concurrently() {}

  /** What all of them return, in order. */
  static <T> List<T> run(int times, Work<T> work) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<T>> futures = new ArrayList<>();
      for (int i = 0; i < times; i++) {
        int number = i;
        futures.add(threads.submit(() -> work.run(number)));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    }
  }
}
