package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs in examples/sdk-clients, and a server that is killed while they run. */
class ExamplesTest {
  private static final Path EXAMPLES = Path.of("..", "examples", "sdk-clients").toAbsolutePath();
  private static final int COUNT = 3;

  @TempDir Path directory;
  private ServerProcess server;

  @BeforeEach
  void startServer() throws Exception {
    server = ServerProcess.start(directory.resolve("store"));
  }

  @AfterEach
  void auditServer() throws Exception {
    server.close();
    server.audit();
  }

  @Test
  void java() throws Exception {
    Path jar = EXAMPLES.resolve("java/target/perdure-example-sdk-client.jar").normalize();
    assertThat(jar).as("the example, which Maven builds before").isRegularFile();
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Djava.util.logging.config.file=" + EXAMPLES.resolve("java/logging.properties"),
            "-jar",
            jar.toString(),
            Integer.toString(server.port()),
            Integer.toString(COUNT));

    List<String> output = runAndKillTheServer(new ProcessBuilder(command));

    assertThat(output.getLast()).endsWith("9 of 9 ended well");
    assertResults(output);
  }

  @Test
  void javaScript() throws Exception {
    Node.assumeInstalled();
    Path installed = Node.install(EXAMPLES.resolve("javascript").normalize(), "javascript-example");
    ProcessBuilder command =
        Node.command(
            installed,
            List.of("node", "index.js", Integer.toString(server.port()), Integer.toString(COUNT)));

    List<String> output = runAndKillTheServer(command);

    assertThat(output.getLast()).endsWith("all ended well");
    assertThat(output).anyMatch(line -> line.endsWith("3 of 3 have said hello"));
    assertResults(output);
  }

  private static void assertResults(List<String> output) {
    for (String result :
        List.of(
            "Hello, Tokyo! Hello, London! Hello, Seattle!",
            "the squares of 10 to 14 add up to 730",
            "the squares of 30 to 34 add up to 5130",
            "nobody decided within 2 s",
            "approved by Grace")) {
      assertThat(output).anyMatch(line -> line.endsWith(": " + result));
    }
  }

  /** Kills the server when everything has been started and nothing is done yet. */
  private List<String> runAndKillTheServer(ProcessBuilder command) throws Exception {
    Process process = command.redirectErrorStream(true).start();
    List<String> output = new ArrayList<>();
    try (BufferedReader lines = process.inputReader()) {
      String line;
      while ((line = lines.readLine()) != null) {
        output.add(line);
        if (line.endsWith("of each kind")) {
          server.killAndRestart();
        }
      }
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue())
        .as("exit code; it says:%n%s", String.join("\n", output))
        .isZero();
    return output;
  }
}
