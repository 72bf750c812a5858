package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A perdure server in a process of its own, with the class path of the command line tool. It can be
 * killed and started again on the same ports and directory.
 */
final class ServerProcess implements AutoCloseable {
  private static final Pattern READY =
      Pattern.compile(
          "Perdure server is ready: gRPC on 127\\.0\\.0\\.1:(\\d+), HTTP on"
              + " 127\\.0\\.0\\.1:(\\d+)");

  /** A server is ready much faster; a machine with a lot to do may take its time. */
  private static final long START_SECONDS_MAX = 60;

  private static final int LINES_KEPT = 200;

  private final Path store;
  private final List<String> options;
  private final Deque<String> lines = new ArrayDeque<>();
  private int port;
  private int httpPort;
  private Process process;
  private Thread reader;
  private CompletableFuture<Matcher> ready;

  private ServerProcess(Path store, List<String> options) {
    this.store = store;
    this.options = options;
    // Not even a test that is killed shall leave a server behind.
    Runtime.getRuntime().addShutdownHook(new Thread(this::killIfStarted));
  }

  /** Starts one on free ports and waits until it is ready. */
  static ServerProcess start(Path store, String... options) throws Exception {
    ServerProcess server = new ServerProcess(store, List.of(options));
    server.launch();
    return server;
  }

  /** The port for SDKs. */
  int port() {
    return port;
  }

  int httpPort() {
    return httpPort;
  }

  /** Its directory. */
  Path store() {
    return store;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it with SIGKILL. */
  void kill() throws InterruptedException {
    process.toHandle().destroyForcibly();
    process.waitFor();
    reader.join();
  }

  private void killIfStarted() {
    if (process != null) {
      process.toHandle().destroyForcibly();
    }
  }

  /** Asks it to end with SIGTERM, and waits until it has. */
  int stop() throws InterruptedException {
    process.toHandle().destroy();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      kill();
      throw new AssertionError("The server did not end within 20 s of SIGTERM." + tail());
    }
    reader.join();
    return process.exitValue();
  }

  /** Starts it again, after it has ended, where it was. */
  void restart() throws Exception {
    assertThat(process.isAlive()).as("the server is still running").isFalse();
    launch();
  }

  void killAndRestart() throws Exception {
    kill();
    restart();
  }

  /**
   * Lets {@code perdure audit} prove that nothing in any of its hubs is stuck. The server must have
   * ended.
   */
  void audit() throws Exception {
    List<Path> hubs;
    try (Stream<Path> directories = Files.list(store)) {
      hubs = directories.filter(Files::isDirectory).toList();
    }
    assertThat(hubs).as("the hubs in " + store).isNotEmpty();
    for (Path hub : hubs) {
      Process audit =
          new ProcessBuilder(command("audit", hub.toString())).redirectErrorStream(true).start();
      String report = new String(audit.getInputStream().readAllBytes());
      assertThat(audit.waitFor()).as("perdure audit says:%n%s", report).isZero();
    }
  }

  /** Lets the server prove that nothing in its default hub is stuck, while it goes on. */
  void auditWhileItRuns() throws Exception {
    assertThat(get("/hubs/default/audit", "application/json"))
        .as("the server's audit")
        .contains("\"findings\":[]");
  }

  /** How many workers are connected to any of its hubs. */
  int connectedWorkers() throws Exception {
    return get("/metrics", "text/plain")
        .lines()
        .filter(line -> line.startsWith("perdure_workers_connected{"))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private String get(String path, String accept) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + path))
                  .header("Accept", accept)
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return answer.body();
    }
  }

  private void launch() throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "server",
                "--store",
                store.toString(),
                "--port",
                Integer.toString(port),
                "--http-port",
                Integer.toString(httpPort)));
    arguments.addAll(options);
    ready = new CompletableFuture<>();
    process =
        new ProcessBuilder(command(arguments.toArray(String[]::new)))
            .redirectErrorStream(true)
            .start();
    reader = Thread.ofPlatform().daemon().name("output of the server").start(this::read);
    Matcher line;
    try {
      line = ready.get(START_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      kill();
      throw new AssertionError(
          "The server was not ready within %d s.%s".formatted(START_SECONDS_MAX, tail()), e);
    }
    if (line == null) {
      throw new AssertionError(
          "The server ended with exit code %d before it was ready.%s"
              .formatted(process.waitFor(), tail()));
    }
    port = Integer.parseInt(line.group(1));
    httpPort = Integer.parseInt(line.group(2));
  }

  private static List<String> command(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+ExitOnOutOfMemoryError",
                "-Xmx1g",
                // They do not live long, and share the machine with their clients.
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                jar().toString(),
                "dev.perdure.cli.Main"));
    command.addAll(List.of(arguments));
    return command;
  }

  /** The jar of the command line tool, which names its libraries. */
  private static Path jar() {
    Path jar = Path.of(System.getProperty("perdure.server.jar", "")).toAbsolutePath().normalize();
    assertThat(Files.isRegularFile(jar))
        .as(
            "There is no server to test at %s (system property perdure.server.jar). Build it with:"
                + " mvn -pl perdure-cli -am -DskipTests package",
            jar)
        .isTrue();
    return jar;
  }

  private void read() {
    try (BufferedReader output = process.inputReader()) {
      String line;
      while ((line = output.readLine()) != null) {
        synchronized (lines) {
          lines.add(line);
          if (lines.size() > LINES_KEPT) {
            lines.remove();
          }
        }
        if (Boolean.getBoolean("perdure.server.echo")) {
          System.out.println("server: " + line);
        }
        Matcher matcher = READY.matcher(line);
        if (matcher.find()) {
          ready.complete(matcher);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      ready.complete(null);
    }
  }

  /** The last lines that it has said, for error messages. */
  private String tail() {
    synchronized (lines) {
      return "%nIts last lines:%n%s".formatted(String.join(System.lineSeparator(), lines));
    }
  }

  /** Ends it, gently where it can be. */
  @Override
  public void close() throws InterruptedException {
    if (process.isAlive()) {
      stop();
    }
  }
}
