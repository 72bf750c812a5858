package dev.perdure.bench;

import dev.perdure.bench.harness.BenchResult;
import dev.perdure.bench.harness.ChildJvm;
import dev.perdure.bench.harness.Size;
import dev.perdure.bench.harness.Workload;
import dev.perdure.bench.harness.WorkloadFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Runs a workload in a JVM of its own, so that no other one's heap or compiled code is in it. */
final class Forked implements WorkloadRunner {
  // Three times what the longest takes on a slow disk: past it something hangs.
  private static final Duration LIMIT = Duration.ofMinutes(30);

  @Override
  public void run(
      Workload workload,
      Size size,
      Path directory,
      List<BenchResult> earlier,
      Consumer<BenchResult> results)
      throws IOException, InterruptedException {
    Path before = directory.resolve("earlier.jsonl");
    Path found = directory.resolve("results.jsonl");
    Path data = Files.createDirectory(directory.resolve("data"));
    for (BenchResult result : earlier) {
      ResultJson.append(before, result);
    }
    try (ChildJvm child =
        ChildJvm.start(
            workload.heapMiB(),
            ForkedMain.class,
            workload.name(),
            size.name(),
            data.toString(),
            before.toString(),
            found.toString())) {
      Integer exitCode = child.waitFor(LIMIT);
      // What was measured before a failure is worth seeing too.
      List<BenchResult> measured = ResultJson.readAll(found);
      measured.forEach(results);
      if (exitCode == null) {
        throw new WorkloadFailedException(
            "It was stopped because it had not ended after %d minutes."
                .formatted(LIMIT.toMinutes()));
      }
      if (exitCode == ForkedMain.OUT_OF_MEMORY) {
        throw new WorkloadFailedException(
            "Its JVM ran out of heap (%d MiB).".formatted(workload.heapMiB()));
      }
      if (exitCode != 0) {
        throw new WorkloadFailedException(
            "Its JVM ended with exit code %d; what went wrong is above.".formatted(exitCode));
      }
      WorkloadFailedException.unless(
          !measured.isEmpty(),
          "It ended well and left no results in %s. Did something else remove them?",
          found);
    }
  }
}
