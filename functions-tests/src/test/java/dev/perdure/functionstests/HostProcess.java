package dev.perdure.functionstests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * {@code perdure start} with the example, as a process. Closing kills it, and has {@code perdure
 * audit} prove that whatever it leaves in its hub will be woken when it is started again.
 *
 * @param data where it keeps what it has
 * @param port the port for HTTP
 * @param log what it writes, line by line
 */
record HostProcess(Process process, Path data, int port, BlockingQueue<String> log)
    implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("HTTP on port (\\d+)");

  /**
   * Starts it and waits until it is ready.
   *
   * @param data where it keeps what it has
   * @param settings the settings that differ from those in the example's files
   */
  static HostProcess start(Path data, Map<String, String> settings) throws Exception {
    return start(ExampleAppTest.EXAMPLE, data, settings);
  }

  /** The same with another app. */
  static HostProcess start(Path app, Path data, Map<String, String> settings) throws Exception {
    ProcessBuilder builder =
        perdure(
            "start", app.toString(), "--port", "0", "--grpc-port", "0", "--data", data.toString());
    builder.environment().putAll(settings);
    Process process = builder.start();
    BlockingQueue<String> log = new LinkedBlockingQueue<>();
    Thread.ofVirtual().start(() -> read(process.inputReader(), log));
    HostProcess host = new HostProcess(process, data, 0, log);
    try {
      Matcher ready = READY.matcher(host.line(READY));
      if (!ready.find()) {
        throw new IllegalStateException();
      }
      return new HostProcess(process, data, Integer.parseInt(ready.group(1)), log);
    } catch (AssertionError e) {
      host.kill();
      throw e;
    }
  }

  private static ProcessBuilder perdure(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-jar",
                System.getProperty("perdure.jar")));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true);
  }

  private static void read(BufferedReader reader, BlockingQueue<String> log) {
    try (reader) {
      reader.lines().forEach(log::add);
    } catch (IOException | java.io.UncheckedIOException e) {
      log.add("(the end: " + e + ")");
    }
  }

  /** The next line that a pattern is found in; those before it are skipped. */
  String line(Pattern pattern) throws InterruptedException {
    List<String> seen = new ArrayList<>();
    while (true) {
      String line = log.poll(2, TimeUnit.MINUTES);
      if (line == null) {
        throw new AssertionError("There is no line with '%s' in %s".formatted(pattern, seen));
      }
      seen.add(line);
      if (pattern.matcher(line).find()) {
        return line;
      }
    }
  }

  private void kill() throws InterruptedException {
    int unused = process.destroyForcibly().waitFor();
  }

  private void audit() throws IOException, InterruptedException {
    List<Path> hubs;
    try (Stream<Path> entries = Files.list(data)) {
      hubs = entries.filter(entry -> Files.exists(entry.resolve("FORMAT"))).toList();
    }
    assertThat(hubs).as("hubs in " + data).hasSize(1);
    Process audit = perdure("audit", hubs.getFirst().toString()).start();
    String report = new String(audit.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(audit.waitFor()).as("perdure audit says:%n%s", report).isZero();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    kill();
    audit();
  }
}
