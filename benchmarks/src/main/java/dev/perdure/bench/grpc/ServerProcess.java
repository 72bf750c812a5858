package dev.perdure.bench.grpc;

import dev.perdure.bench.harness.ChildJvm;
import dev.perdure.bench.harness.WorkloadFailedException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;

/** A server in a process of its own, with a store on disk. */
final class ServerProcess implements AutoCloseable {
  private static final int HEAP_MIB = 2048;
  private static final Duration ORDERLY_END = Duration.ofSeconds(15);

  private final ChildJvm jvm;
  private final int port;
  private final URI metrics;
  private final HttpClient http = HttpClient.newHttpClient();

  private ServerProcess(ChildJvm jvm, int port, int httpPort) {
    this.jvm = jvm;
    this.port = port;
    this.metrics = URI.create("http://127.0.0.1:" + httpPort + "/metrics");
  }

  static ServerProcess start(Path directory) throws IOException {
    ChildJvm jvm = ChildJvm.start(HEAP_MIB, ServerHost.class, directory.toString());
    String line = jvm.readLine();
    if (line == null) {
      jvm.close();
      throw new WorkloadFailedException("The server did not start; what went wrong is above.");
    }
    String[] ports = line.split(" ", -1);
    return new ServerProcess(jvm, Integer.parseInt(ports[0]), Integer.parseInt(ports[1]));
  }

  /** The port that workers and clients connect to. */
  int port() {
    return port;
  }

  /** CPU time since its start. */
  Duration cpuTime() {
    return jvm.cpuTime();
  }

  /** Commits since its start. */
  double commits() throws IOException, InterruptedException {
    return http.send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString())
        .body()
        .lines()
        .filter(line -> line.startsWith("perdure_commits_total"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Override
  public void close() throws InterruptedException {
    http.close();
    try (jvm) {
      jvm.end(ORDERLY_END);
    }
  }
}
