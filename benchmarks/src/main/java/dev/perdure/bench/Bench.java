package dev.perdure.bench;

import dev.perdure.bench.harness.BenchResult;
import dev.perdure.bench.harness.DiskProbe;
import dev.perdure.bench.harness.StopWatch;
import dev.perdure.bench.harness.Workload;
import dev.perdure.bench.harness.WorkloadFailedException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs workloads one after the other and shows what they measured. */
public final class Bench {
  private static final int PROBE_COMMITS = 500;

  private final BenchOptions options;
  private final List<Workload> workloads;
  private final PrintStream out;
  private final PrintStream progress;

  private final List<BenchResult> results = new ArrayList<>();
  private final Map<String, String> failures = new LinkedHashMap<>();

  /**
   * A run that has not begun.
   *
   * @param out takes the table
   * @param progress takes lines for a person who waits
   * @throws UnknownWorkloadException if there is no workload of a name
   */
  public Bench(BenchOptions options, PrintStream out, PrintStream progress) {
    this.options = options;
    this.workloads = Workloads.named(options.workloads());
    this.out = out;
    this.progress = progress;
  }

  /**
   * Runs everything.
   *
   * @return whether every workload ended with right results; missed goals do not matter
   * @throws IOException if the data directory or the file for results cannot be used
   */
  public boolean run() throws IOException, InterruptedException {
    Path json = options.json();
    if (json != null) {
      Files.writeString(json, ""); // a file that cannot be written should not cost an hour
    }
    boolean dataWasThere = Files.exists(options.data());
    Files.createDirectories(options.data());
    try (Cleanup cleanup = new Cleanup(dataWasThere || options.keep() ? null : options.data())) {
      DiskProbe disk = new DiskProbe();
      disk.sample(options.data(), PROBE_COMMITS);
      out.println(Machine.describe(disk));
      for (Workload workload : workloads) {
        run(workload, json, cleanup);
      }
    }
    show();
    return failures.isEmpty();
  }

  private void run(Workload workload, @Nullable Path json, Cleanup cleanup)
      throws IOException, InterruptedException {
    progress.printf("%s: %s%n", workload.name(), workload.describes());
    Files.createDirectories(options.data()); // another run may have been the last to use it
    Path directory = Files.createTempDirectory(options.data(), workload.name() + "-");
    if (!options.keep()) {
      cleanup.add(directory);
    }
    WorkloadRunner runner = options.inProcess() ? new InProcess(progress) : new Forked();
    StopWatch watch = StopWatch.start();
    try {
      runner.run(
          workload, options.size(), directory, List.copyOf(results), result -> take(result, json));
      progress.printf(Locale.ROOT, "  done in %.0f s%n", watch.seconds());
    } catch (WorkloadFailedException e) {
      String why = String.valueOf(e.getMessage());
      progress.printf("  FAILED: %s%n", why);
      if (options.inProcess()) {
        e.printStackTrace(progress);
      }
      failures.put(workload.name(), why);
    } finally {
      if (options.keep()) {
        progress.printf("  data kept in %s%n", directory);
      } else {
        cleanup.delete(directory);
      }
    }
  }

  private void take(BenchResult result, @Nullable Path json) {
    results.add(result);
    progress.printf(
        "  = %s %s %s%n",
        result.figure().metric(),
        ResultTable.number(result.figure().value()),
        result.figure().unit());
    if (json != null) {
      try {
        ResultJson.append(json, result);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void show() {
    out.println();
    out.print(ResultTable.of(results));
    failures.forEach((workload, why) -> out.printf("%n%s FAILED: %s%n", workload, why));
    out.flush();
  }
}
