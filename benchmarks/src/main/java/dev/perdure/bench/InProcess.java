package dev.perdure.bench;

import dev.perdure.bench.harness.BenchContext;
import dev.perdure.bench.harness.BenchResult;
import dev.perdure.bench.harness.Size;
import dev.perdure.bench.harness.Workload;
import dev.perdure.bench.harness.WorkloadFailedException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Runs a workload in this JVM. */
final class InProcess implements WorkloadRunner {
  private final PrintStream progress;

  InProcess(PrintStream progress) {
    this.progress = progress;
  }

  @Override
  public void run(
      Workload workload,
      Size size,
      Path directory,
      List<BenchResult> earlier,
      Consumer<BenchResult> results)
      throws InterruptedException {
    BenchContext context =
        new BenchContext(
            workload.name(),
            size,
            directory,
            earlier,
            results,
            line -> progress.println("  " + line));
    try {
      workload.run(context);
    } catch (WorkloadFailedException | InterruptedException e) {
      throw e;
    } catch (Exception e) {
      throw new WorkloadFailedException(e.toString(), e);
    }
  }
}
