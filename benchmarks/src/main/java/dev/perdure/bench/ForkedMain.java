package dev.perdure.bench;

import dev.perdure.bench.harness.ChildJvm;
import dev.perdure.bench.harness.Size;
import dev.perdure.bench.harness.Workload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The other side of {@link Forked}: runs one workload and writes its results to a file. */
public final class ForkedMain {
  /** How a JVM ends that runs with {@code -XX:+ExitOnOutOfMemoryError} and needs it. */
  static final int OUT_OF_MEMORY = 3;

  private ForkedMain() {}

  /** Takes name, size, data directory, file of earlier results, file for results. */
  @SuppressWarnings("CatchAndPrintStackTrace") // standard error is where the parent's user looks
  public static void main(String[] arguments) throws IOException {
    ChildJvm.endWithParent();
    Logger.getLogger("").setLevel(Level.WARNING);
    Workload workload = Workloads.named(List.of(arguments[0])).getFirst();
    Path results = Path.of(arguments[4]);
    try {
      new InProcess(System.err)
          .run(
              workload,
              Size.valueOf(arguments[1]),
              Path.of(arguments[2]),
              ResultJson.readAll(Path.of(arguments[3])),
              result -> {
                try {
                  ResultJson.append(results, result);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    } catch (Exception e) {
      e.printStackTrace();
      System.exit(1);
    }
    System.exit(0); // whatever threads a workload has left behind
  }
}
