package dev.perdure.simulation.torture;

import dev.perdure.Perdure;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** A disk that is full, and then one that cannot be written. Takes root, for a small disk. */
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

  /** Tries both; returns what was not as it should be. */
  List<String> run() throws IOException, InterruptedException {
    Files.createDirectories(disk);
    if (command("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk.toString()) != 0) {
      out.println(
          "SKIPPED: no small disk could be mounted (that takes root), so neither a full disk nor one"
              + " that cannot be written was tried.");
      return complaints;
    }
    Logger log = Logger.getLogger("dev.perdure");
    log.setLevel(Level.OFF); // has a lot to say about full disks, none of which is news here
    try {
      List<String> acknowledged = fill();
      out.printf(
          "full disk: %d starts acknowledged before it was full, all there when there was room%n",
          acknowledged.size());
      readOnly();
    } finally {
      log.setLevel(null);
      int ignored = command("umount", "-l", disk.toString());
      if (ignored != 0) {
        complaints.add("WRONG: the small disk could not be unmounted");
      }
    }
    return complaints;
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
    }
    return acknowledged;
  }

  /** The partitions recover by themselves, a few times a second. */
  private static @Nullable OrchestrationMetadata completed(Perdure perdure, String id) {
    long until = System.nanoTime() + PATIENCE_NANOS;
    while (System.nanoTime() < until) {
      try {
        return perdure.client().waitForCompletion(id, Duration.ofSeconds(30));
      } catch (HubClosedException e) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
    }
    return null;
  }

  private void readOnly() throws IOException, InterruptedException {
    if (command("mount", "-o", "remount,ro", disk.toString()) != 0) {
      out.println("SKIPPED: the small disk could not be made one that cannot be written.");
      return;
    }
    try {
      open().close();
      complaints.add("WRONG: a hub was opened where nothing can be written");
    } catch (StoreException e) {
      out.println("disk that cannot be written: " + e.getMessage());
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
