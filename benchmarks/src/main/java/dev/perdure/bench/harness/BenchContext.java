package dev.perdure.bench.harness;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/** What a workload gets from the harness. Safe from any thread. */
public final class BenchContext {
  private final String workload;
  private final Size size;
  private final Path directory;
  private final List<BenchResult> earlier;
  private final Consumer<BenchResult> results;
  private final Consumer<String> progress;

  /**
   * A context for one run of one workload.
   *
   * @param workload the workload's name
   * @param size how much of everything
   * @param directory an empty directory on the disk to be measured
   * @param earlier what the workloads before this one measured in the same run
   * @param results takes what this one measures
   * @param progress takes lines for a person who waits
   */
  public BenchContext(
      String workload,
      Size size,
      Path directory,
      List<BenchResult> earlier,
      Consumer<BenchResult> results,
      Consumer<String> progress) {
    this.workload = workload;
    this.size = size;
    this.directory = directory;
    this.earlier = List.copyOf(earlier);
    this.results = results;
    this.progress = progress;
  }

  /** An empty directory of this run's own; the harness removes it. */
  public Path directory() {
    return directory;
  }

  /** Where a workload with a single hub keeps it. */
  public Path hub() {
    return directory.resolve("hub");
  }

  /** The number that goes with the size of this run. */
  public int sized(int full, int quick, int tiny) {
    return switch (size) {
      case FULL -> full;
      case QUICK -> quick;
      case TINY -> tiny;
    };
  }

  /** The time that goes with the size of this run. */
  public Duration sized(Duration full, Duration quick, Duration tiny) {
    return switch (size) {
      case FULL -> full;
      case QUICK -> quick;
      case TINY -> tiny;
    };
  }

  /** What another workload measured earlier in the same run, if it was part of it. */
  public OptionalDouble earlier(String otherWorkload, String metric) {
    return earlier.stream()
        .filter(r -> r.workload().equals(otherWorkload) && r.figure().metric().equals(metric))
        .mapToDouble(r -> r.figure().value())
        .findFirst();
  }

  /** Reports a figure. */
  public void report(Figure figure) {
    results.accept(new BenchResult(workload, size, figure));
  }

  /** Tells a person who waits what goes on. */
  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  public void progress(String format, Object... arguments) {
    progress.accept(format.formatted(arguments));
  }
}
