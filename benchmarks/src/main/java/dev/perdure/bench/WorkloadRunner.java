package dev.perdure.bench;

import dev.perdure.bench.harness.BenchResult;
import dev.perdure.bench.harness.Size;
import dev.perdure.bench.harness.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Runs one workload once. */
@FunctionalInterface
interface WorkloadRunner {
  /**
   * Runs it to its end.
   *
   * @param directory an empty directory for its data
   * @param earlier what other workloads measured before
   * @param results takes what this one measures, on the calling thread
   * @throws dev.perdure.bench.harness.WorkloadFailedException if it failed
   */
  void run(
      Workload workload,
      Size size,
      Path directory,
      List<BenchResult> earlier,
      Consumer<BenchResult> results)
      throws IOException, InterruptedException;
}
