package dev.perdure.functions.host;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Closes several things at once. Each may wait for what it has under way, and none goes on taking
 * new work while another waits.
 *
 * @param parts what is closed; the order means nothing
 */
record AllAtOnce(List<? extends AutoCloseable> parts) implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.perdure.functions");

  AllAtOnce {
    parts = List.copyOf(parts);
  }

  /** Closes them, and returns when all are closed. One that fails is logged. */
  @Override
  public void close() {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      parts.forEach(part -> threads.execute(() -> close(part)));
    }
  }

  /** Closes one thing; if it cannot be closed, that is logged. */
  static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      LOG.log(System.Logger.Level.WARNING, "Something could not be closed: " + part, e);
    }
  }
}
