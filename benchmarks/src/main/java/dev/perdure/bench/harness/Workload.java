package dev.perdure.bench.harness;

/**
 * Something worth measuring. To add one, implement this and put it into the list of {@link
 * dev.perdure.bench.Workloads}.
 *
 * <p>A workload verifies its results and throws if one is wrong or missing; missing a goal is not
 * an error. Implementations keep no state between runs.
 */
public interface Workload {
  /** The name on the command line and in results; lower case, words joined by hyphens. */
  String name();

  /** One line for a person: what is measured and what is left out. */
  String describes();

  /** The heap of the JVM it runs in, in MiB. */
  default int heapMiB() {
    return 2048;
  }

  /**
   * Runs the workload once and reports its figures.
   *
   * @throws Exception if it could not be run, or a result was wrong
   */
  void run(BenchContext context) throws Exception;
}
