package dev.perdure.bench;

import dev.perdure.bench.harness.Size;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is run and how. Immutable; start from {@link #DEFAULTS}.
 *
 * @param workloads names of workloads; empty for all
 * @param size how much of everything
 * @param data a directory on the disk to be measured; made if it does not exist
 * @param json a file that gets one JSON object per result; null for none
 * @param keep whether hubs are left in {@code data} for a look afterwards
 * @param inProcess whether workloads share this JVM instead of getting one each; for profiling
 */
public record BenchOptions(
    List<String> workloads,
    Size size,
    Path data,
    @Nullable Path json,
    boolean keep,
    boolean inProcess) {

  /** Everything, at full size, in {@code bench.hub} of the current directory. */
  public static final BenchOptions DEFAULTS =
      new BenchOptions(List.of(), Size.FULL, Path.of("bench.hub"), null, false, false);

  /** Copies the list. */
  public BenchOptions {
    workloads = List.copyOf(workloads);
  }

  /** These options for some workloads. */
  public BenchOptions withWorkloads(List<String> names) {
    return new BenchOptions(names, size, data, json, keep, inProcess);
  }

  /** These options at another size. */
  public BenchOptions withSize(Size chosen) {
    return new BenchOptions(workloads, chosen, data, json, keep, inProcess);
  }

  /** These options in another directory. */
  public BenchOptions withData(Path directory) {
    return new BenchOptions(workloads, size, directory, json, keep, inProcess);
  }

  /** These options with a file for results; null for none. */
  public BenchOptions withJson(@Nullable Path file) {
    return new BenchOptions(workloads, size, data, file, keep, inProcess);
  }

  /** These options with hubs kept or removed afterwards. */
  public BenchOptions withKeep(boolean chosen) {
    return new BenchOptions(workloads, size, data, json, chosen, inProcess);
  }

  /** These options with workloads in this JVM or in their own. */
  public BenchOptions withInProcess(boolean chosen) {
    return new BenchOptions(workloads, size, data, json, keep, chosen);
  }
}
