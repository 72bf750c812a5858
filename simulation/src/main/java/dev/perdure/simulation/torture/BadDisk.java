package dev.perdure.simulation.torture;

import dev.perdure.Perdure;
import dev.perdure.api.AuditReport;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.StartOptions;
import dev.perdure.store.StoreException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A disk that is full, and then one that cannot be written. That takes root, for a small disk;
 * others can try a directory that they may not write.
 */
final class BadDisk {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final String LARGE = "x".repeat(20_000);

  private final Path disk;
  private final PrintStream out;
  private final List<String> complaints = new ArrayList<>();

  BadDisk(Path disk, PrintStream out) {
    this.disk = disk;
    this.out = out;
  }

  /** Tries both, as far as this machine lets us; returns what was not as it should be. */
  List<String> run() throws IOException, InterruptedException {
    Files.createDirectories(disk);
    Logger log = Logger.getLogger("dev.perdure");
    log.setLevel(Level.OFF); // has a lot to say about full disks, none of which is news here
    try {
      if (command("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk.toString()) == 0) {
        onASmallDisk();
      } else {
        out.println("SKIPPED full disk: no small one could be mounted, which takes root on Linux.");
        withoutPermission();
      }
    } finally {
      log.setLevel(null);
    }
    return complaints;
  }

  private void onASmallDisk() throws IOException, InterruptedException {
    try {
      List<String> acknowledged = fill();
      out.printf(
          "full disk: %d starts acknowledged before it was full, all there when there was room%n",
          acknowledged.size());
      if (command("mount", "-o", "remount,ro", disk.toString()) == 0) {
        isRefused("disk that cannot be written");
      } else {
        out.println("SKIPPED disk that cannot be written: the small one stays writable.");
      }
    } finally {
      int unmounted = command("umount", "-l", disk.toString());
      if (unmounted != 0) {
        complaints.add("WRONG: the small disk could not be unmounted");
      }
    }
  }

  private Perdure open() {
    return Perdure.embedded(disk.resolve("hub"))
        .storeOptions(o -> o.withLog(256 << 10, 64 << 20))
        .orchestrator(
            "length",
            String.class,
            (ctx, text) -> ctx.callActivity("length", text, Integer.class).await())
        .activity("length", String.class, text -> text == null ? 0 : text.length())
        .start();
  }

  private List<String> fill() throws IOException {
    List<String> acknowledged = new ArrayList<>();
    try (Perdure perdure = open()) {
      Path ballast = disk.resolve("ballast");
      byte[] block = new byte[4096];
      try (OutputStream file = Files.newOutputStream(ballast)) {
        while (Files.getFileStore(disk).getUsableSpace() > 2 << 20) {
          file.write(block);
        }
      }
      String refusal = "";
      while (refusal.isEmpty() && acknowledged.size() < 5_000) {
        String id = "full" + acknowledged.size();
        try {
          perdure.client().startNew("length", LARGE, StartOptions.id(id));
          acknowledged.add(id);
        } catch (HubClosedException e) {
          refusal = String.valueOf(e.getMessage());
        }
      }
      if (!refusal.contains("PD-2007")) {
        complaints.add("WRONG: a full disk was refused with '" + refusal + "'");
      }
      Files.delete(ballast);
      for (String id : acknowledged) {
        OrchestrationMetadata end = completed(perdure, id);
        if (end == null || end.status() != OrchestrationStatus.COMPLETED) {
          complaints.add("LOST: " + id + ", acknowledged on a disk that got full: " + end);
        }
      }
      AuditReport audit = onceRecovered(() -> perdure.client().audit());
      if (audit == null || !audit.isClean()) {
        complaints.add("STUCK on a disk that got full: " + audit);
      }
    }
    return acknowledged;
  }

  private static @Nullable OrchestrationMetadata completed(Perdure perdure, String id) {
    return onceRecovered(() -> perdure.client().waitForCompletion(id, Duration.ofSeconds(30)));
  }

  /** The partitions recover by themselves, a few times a second; null if they do not. */
  private static <T> @Nullable T onceRecovered(Supplier<T> question) {
    long until = System.nanoTime() + PATIENCE_NANOS;
    while (System.nanoTime() < until) {
      try {
        return question.get();
      } catch (HubClosedException e) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
    }
    return null;
  }

  /** The next best thing to a disk that cannot be written: a hub whose files we may only read. */
  private void withoutPermission() throws IOException {
    open().close();
    Path hub = disk.resolve("hub");
    try {
      permit(hub, "r-x------", "r--------");
      if (Files.isWritable(hub.resolve("OPENING"))) {
        out.println(
            "SKIPPED directory that cannot be written: this user may write whatever the permissions say, as root may.");
      } else {
        isRefused("directory that cannot be written");
      }
    } finally {
      permit(hub, "rwx------", "rw-------");
    }
  }

  private static void permit(Path hub, String directories, String files) throws IOException {
    List<Path> all;
    try (Stream<Path> tree = Files.walk(hub)) {
      all = tree.toList();
    }
    for (Path path : all) {
      Files.setPosixFilePermissions(
          path, PosixFilePermissions.fromString(Files.isDirectory(path) ? directories : files));
    }
  }

  private void isRefused(String what) {
    try {
      open().close();
      complaints.add("WRONG: a hub was opened in a " + what);
    } catch (StoreException e) {
      out.println(what + ": " + e.getMessage());
      if (!String.valueOf(e.getMessage()).startsWith("PD-2005")) {
        complaints.add("WRONG: it was refused with '" + e.getMessage() + "'");
      }
    }
  }

  private static int command(String... words) throws InterruptedException {
    try {
      return new ProcessBuilder(words)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      return -1;
    }
  }
}
