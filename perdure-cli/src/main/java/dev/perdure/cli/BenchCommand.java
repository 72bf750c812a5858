package dev.perdure.cli;

import dev.perdure.bench.Bench;
import dev.perdure.bench.BenchOptions;
import dev.perdure.bench.UnknownWorkloadException;
import dev.perdure.bench.Workloads;
import dev.perdure.bench.harness.Size;
import dev.perdure.bench.harness.Workload;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code perdure bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measures this machine: runs workloads and prints what they reached beside what they should.",
      "",
      "Every commit is synced to the disk of the data directory. Each workload gets a JVM of its"
          + " own and verifies its results; a missed goal is not an error.",
      "",
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all workloads ran, whether or not goals were met",
      "1:a workload failed: an error, a wrong result, a lost instance",
      "2:wrong usage"
    })
final class BenchCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "WORKLOAD",
      arity = "0..*",
      description = "What to run, in this order; everything if none is named. See --list.")
  private List<String> workloads = new ArrayList<>();

  @Option(names = "--list", description = "List the workloads and exit.")
  private boolean list;

  @Option(
      names = "--quick",
      description = "Everything much smaller: under two minutes. Goals are shown, not judged.")
  private boolean quick;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Where hubs are made, on the disk to be measured; what is made is removed afterwards."
              + " Default: ./bench.hub")
  private @Nullable Path data;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write results to this file too, one JSON object per line.")
  private @Nullable Path json;

  @Option(names = "--keep", description = "Leave the hubs in the data directory.")
  private boolean keep;

  @Option(
      names = "--in-process",
      description = "Run workloads in this JVM, for profiling; its heap is theirs.")
  private boolean inProcess;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (list) {
      listWorkloads();
      return 0;
    }
    return bench().run() ? 0 : 1;
  }

  private Bench bench() {
    BenchOptions options =
        BenchOptions.DEFAULTS
            .withWorkloads(workloads)
            .withSize(quick ? Size.QUICK : Size.FULL)
            .withJson(json)
            .withKeep(keep)
            .withInProcess(inProcess);
    try {
      return new Bench(data == null ? options : options.withData(data), System.out, System.err);
    } catch (UnknownWorkloadException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private void listWorkloads() {
    PrintWriter out = spec.commandLine().getOut();
    for (Workload workload : Workloads.all()) {
      out.printf("%-18s %s%n", workload.name(), workload.describes());
    }
    out.flush();
  }
}
