package dev.perdure.trigger.storage;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Lists the container of a function again and again, and finds what is new in it. What outputs of
 * this process write there is looked at without delay. Safe from any thread.
 */
final class BlobWatch implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.perdure.trigger.storage");

  /** Blobs that are listed before there is a pause. */
  private static final int BLOBS_PER_PASS = 10_000;

  /** Blobs that are looked at at once. */
  private static final int AT_ONCE = 8;

  /** Gets what was found. Called on several threads at once. */
  @FunctionalInterface
  interface Finder {
    /**
     * A blob was found that may be new.
     *
     * @return false if it has to be found again later
     */
    boolean found(String name, BlobInfo blob) throws StorageException, InterruptedException;
  }

  private final String function;
  private final BlobAccount account;
  private final BlobPattern pattern;
  private final Duration pause;
  private final Finder finder;
  private final Doorbell doorbell = new Doorbell();
  private final Semaphore places = new Semaphore(AT_ONCE);
  private final GentleListening listening;

  // Of the thread that listens.
  private final BlobSweep sweep = new BlobSweep();
  private @Nullable String next;
  private boolean saidMissing;

  // Guarded by this.
  private LocalNotices.@Nullable Registration notices;

  /**
   * A watch that has not begun.
   *
   * @param function the function for which it watches, for the log
   * @param pause how long it waits between looks
   */
  BlobWatch(
      String function, BlobAccount account, BlobPattern pattern, Duration pause, Finder finder) {
    this.function = function;
    this.account = account;
    this.pattern = pattern;
    this.pause = pause;
    this.finder = finder;
    this.listening = new GentleListening(function, this::listen, doorbell::ring);
  }

  /** Begins; called once. */
  synchronized void start() {
    if (!listening.isClosed()) {
      notices = LocalNotices.listen(account.address(pattern.container()), this::noticed);
      listening.start();
    }
  }

  private void listen(Runnable up) throws StorageException, InterruptedException {
    boolean isUp = false;
    while (!listening.isClosed()) {
      long rings = doorbell.rings();
      pass();
      if (!isUp) {
        up.run();
        isUp = true;
      }
      boolean unused = doorbell.await(rings, pause);
    }
  }

  // ---- looking --------------------------------------------------------------------------------

  private void pass() throws StorageException, InterruptedException {
    boolean complete = false;
    try {
      complete = passUntilPause();
    } finally {
      if (!complete) {
        next = null;
        sweep.restart();
      }
    }
  }

  private boolean passUntilPause() throws StorageException, InterruptedException {
    lookAgain();
    int listed = 0;
    while (listed < BLOBS_PER_PASS) {
      Optional<BlobAccount.Page> page = account.list(pattern.container(), pattern.prefix(), next);
      noteMissing(page.isEmpty());
      if (page.isEmpty()) {
        return false;
      }
      sweep.page(Instant.ofEpochMilli(page.get().serverTime()));
      look(page.get().blobs());
      listed += page.get().blobs().size();
      next = page.get().next();
      if (next == null) {
        sweep.end();
        return true;
      }
      if (listening.isClosed()) {
        return false;
      }
    }
    return true;
  }

  private void noteMissing(boolean missing) {
    if (missing && !saidMissing) {
      LOG.log(
          Level.WARNING,
          "There is no container '%s' yet; function '%s' waits for it."
              .formatted(pattern.container(), function));
    }
    saidMissing = missing;
  }

  private record Look(Map.Entry<String, BlobInfo> blob, Future<Boolean> finished) {}

  private void look(List<Map.Entry<String, BlobInfo>> blobs)
      throws StorageException, InterruptedException {
    lookAt(
        blobs.stream()
            .filter(blob -> pattern.match(blob.getKey()).isPresent())
            .filter(blob -> sweep.isDue(blob.getKey(), blob.getValue()))
            .toList());
  }

  /** Looks at what had to be left the last time; what fails now is left for the next. */
  private void lookAgain() throws StorageException, InterruptedException {
    List<Map.Entry<String, BlobInfo>> blobs = sweep.postponed();
    try {
      lookAt(blobs);
    } catch (StorageException e) {
      blobs.forEach(blob -> sweep.postpone(blob.getKey(), blob.getValue()));
      throw e;
    }
  }

  private void lookAt(List<Map.Entry<String, BlobInfo>> blobs)
      throws StorageException, InterruptedException {
    List<Look> looks = new ArrayList<>();
    try (ExecutorService threads =
        Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("blobs " + function + " ", 0).factory())) {
      for (Map.Entry<String, BlobInfo> blob : blobs) {
        looks.add(new Look(blob, threads.submit(() -> find(blob.getKey(), blob.getValue()))));
      }
    }
    for (Look look : looks) {
      String name = look.blob().getKey();
      BlobInfo blob = look.blob().getValue();
      if (finished(look.finished())) {
        sweep.done(name, blob);
      } else {
        sweep.postpone(name, blob);
      }
    }
  }

  private static boolean finished(Future<Boolean> look)
      throws StorageException, InterruptedException {
    try {
      return look.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case StorageException failed -> throw failed;
        case InterruptedException closed -> throw closed;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  private boolean find(String name, BlobInfo blob) throws StorageException, InterruptedException {
    places.acquire();
    try {
      return !listening.isClosed() && finder.found(name, blob);
    } finally {
      places.release();
    }
  }

  // ---- being told -----------------------------------------------------------------------------

  private void noticed(String name) {
    if (pattern.match(name).isPresent()) {
      Thread.ofVirtual().name("blob noticed " + function).start(() -> lookNow(name));
    }
  }

  private void lookNow(String name) {
    try {
      Optional<BlobInfo> blob = account.info(new BlobPath(pattern.container(), name));
      if (blob.isPresent()) {
        boolean unused = find(name, blob.get());
      }
    } catch (StorageException | InterruptedException | RuntimeException e) {
      LOG.log(
          Level.DEBUG,
          "A blob in the container '%s' was not looked at when it was written; it is found later."
              .formatted(pattern.container()),
          e);
    }
  }

  @Override
  public void close() {
    LocalNotices.Registration registered = registration();
    if (registered != null) {
      registered.close();
    }
    listening.close();
  }

  private synchronized LocalNotices.@Nullable Registration registration() {
    return notices;
  }
}
