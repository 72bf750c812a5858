package dev.perdure.bench.grpc;

import dev.perdure.bench.harness.ChildJvm;
import dev.perdure.bench.harness.SdkJars;
import dev.perdure.bench.harness.WorkloadFailedException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Workers and clients in a process of their own. It says on its standard output when something that
 * is to be measured begins and ends.
 */
final class LoadProcess implements AutoCloseable {
  private static final int HEAP_MIB = 1024;
  private static final String SDK_MAIN = "dev.perdure.bench.sdk.SdkLoad";

  private final ChildJvm jvm;
  private final ServerProcess server;

  private LoadProcess(ChildJvm jvm, ServerProcess server) {
    this.jvm = jvm;
    this.server = server;
  }

  /**
   * What happened between two marks.
   *
   * @param label what was measured
   * @param count orchestrations that ended
   * @param seconds how long it took
   * @param p50Millis median of the times of an orchestration
   * @param p99Millis their 99th percentile
   * @param serverCpu CPU time of the server
   * @param loadCpu CPU time of workers and clients
   * @param commits commits of the server
   */
  record Measured(
      String label,
      long count,
      double seconds,
      double p50Millis,
      double p99Millis,
      Duration serverCpu,
      Duration loadCpu,
      double commits) {

    double serverMicrosPer(double things) {
      return serverCpu.toNanos() / 1e3 / things;
    }

    double loadMicrosPer(double things) {
      return loadCpu.toNanos() / 1e3 / things;
    }
  }

  private record Mark(Duration serverCpu, Duration loadCpu, double commits) {}

  /** Workers and clients of the published Java SDK; see there for the arguments. */
  static LoadProcess sdk(ServerProcess server, int workers, int connections, Object... arguments)
      throws IOException {
    return new LoadProcess(
        ChildJvm.start(
            HEAP_MIB, SdkJars.classPath(), SDK_MAIN, all(server, workers, connections, arguments)),
        server);
  }

  /** Workers and clients that use the generated stubs and wait for nothing. */
  static LoadProcess raw(ServerProcess server, int workers, int connections, Object... arguments)
      throws IOException {
    return new LoadProcess(
        ChildJvm.start(HEAP_MIB, RawLoad.class, all(server, workers, connections, arguments)),
        server);
  }

  private static String[] all(
      ServerProcess server, int workers, int connections, Object... arguments) {
    List<String> all = new ArrayList<>();
    all.add(Integer.toString(server.port()));
    all.add(Integer.toString(workers));
    all.add(Integer.toString(connections));
    for (Object argument : arguments) {
      all.add(argument.toString());
    }
    return all.toArray(String[]::new);
  }

  /** Waits until the workers are connected. */
  void awaitReady() throws IOException, InterruptedException {
    await("READY");
    server.commits(); // loads classes, for which compiled code is thrown away: not while measuring
  }

  private void await(String word) throws IOException {
    String line = jvm.readLine();
    if (line == null || !line.equals(word)) {
      throw new WorkloadFailedException(
          "The load ended before it said %s (but '%s'); what went wrong is above."
              .formatted(word, line));
    }
  }

  /** Reads to the end, and passes on what was measured. */
  void run(Consumer<Measured> results) throws IOException, InterruptedException {
    Mark begin = null;
    for (String line = jvm.readLine(); line != null; line = jvm.readLine()) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "BEGIN" -> {
          double commits = server.commits(); // first: it costs the server something
          begin = new Mark(server.cpuTime(), jvm.cpuTime(), commits);
        }
        case "END" -> {
          Mark end = new Mark(server.cpuTime(), jvm.cpuTime(), server.commits());
          results.accept(measured(words, Objects.requireNonNull(begin), end));
        }
        case "DONE" -> {
          return;
        }
        default -> throw new IllegalStateException(line);
      }
    }
    throw new WorkloadFailedException("The load ended early; what went wrong is above.");
  }

  private static Measured measured(String[] words, Mark begin, Mark end) {
    return new Measured(
        words[1],
        Long.parseLong(words[2]),
        Double.parseDouble(words[3]),
        Double.parseDouble(words[4]),
        Double.parseDouble(words[5]),
        end.serverCpu.minus(begin.serverCpu),
        end.loadCpu.minus(begin.loadCpu),
        end.commits - begin.commits);
  }

  @Override
  public void close() {
    jvm.close();
  }
}
