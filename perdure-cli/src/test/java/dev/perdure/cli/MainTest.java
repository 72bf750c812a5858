package dev.perdure.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.testing.LivenessAudit;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MainTest {
  @TempDir Path temp;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void withoutACommandItSaysThatOneIsMissing() {
    assertThat(run()).isEqualTo(2);
    assertThat(err).asString().contains("A command is missing", "perdure --help");
  }

  @Test
  void helpListsTheCommands() {
    assertThat(run("--help")).isZero();
    assertThat(out).asString().contains("demo", "bench", "Exit codes:");
  }

  @Test
  void everyCommandHasHelp() {
    assertThat(run("demo", "--help")).isZero();
    assertThat(run("bench", "--help")).isZero();
    assertThat(out).asString().contains("--interactive", "--quick", "WORKLOAD");
  }

  @Test
  void anUnknownOptionIsAUsageErrorWithASuggestion() {
    assertThat(run("bench", "--quik")).isEqualTo(2);
    assertThat(err).asString().contains("--quik", "--quick", "perdure bench --help");
  }

  @Test
  void anUnknownCommandIsNamedAndASimilarOneSuggested() {
    assertThat(run("foo")).isEqualTo(2);
    assertThat(err.toString().lines())
        .containsExactly("perdure: There is no command 'foo'.", "Try 'perdure --help'.");
    assertThat(run("dmeo", "--quick")).isEqualTo(2);
    assertThat(err).asString().contains("There is no command 'dmeo'. Did you mean 'demo'?");
    assertThat(run("instances", "lst")).isEqualTo(2);
    assertThat(err)
        .asString()
        .contains("There is no command 'lst'. Did you mean 'list'?", "perdure instances --help");
  }

  @Test
  void anUnknownOptionIsNamedWithoutItsValue() {
    String told = "perdure: There is no option '--hbu'. Did you mean '--hub'?";
    assertThat(run("audit", "--hbu", "orders")).isEqualTo(2);
    assertThat(err.toString().lines()).first().isEqualTo(told);
    err.getBuffer().setLength(0);
    assertThat(run("audit", "--hbu=orders")).isEqualTo(2);
    assertThat(err.toString().lines()).first().isEqualTo(told);
    assertThat(run("audit", "-x")).isEqualTo(2);
    assertThat(err.toString().lines()).contains("perdure: There is no option '-x'.");
  }

  /** It is not the name of a file with further arguments. */
  @Test
  void anArgumentMayBeginWithAnAt() throws IOException {
    String argument = "@" + Files.writeString(temp.resolve("entity"), "--help");
    assertThat(run("bench", argument)).isEqualTo(2);
    assertThat(err).asString().contains("There is no workload '" + argument + "'");
  }

  @Test
  void benchListsItsWorkloads() {
    assertThat(run("bench", "--list")).isZero();
    assertThat(out).asString().contains("hello5-strict", "sleepers", "purge");
  }

  @Test
  void anUnknownWorkloadIsAUsageErrorThatNamesThoseThereAre() {
    assertThat(run("bench", "hello6")).isEqualTo(2);
    assertThat(err)
        .asString()
        .contains("There is no workload 'hello6'", "hello5-strict", "perdure bench --help");
  }

  @Test
  void aHubThatIsInUseIsReportedInOneMessageWithoutAStackTrace() {
    Path hub = temp.resolve("hub");
    try (Perdure inUse = Perdure.embedded(hub).orchestrator("any", ctx -> null).start();
        LivenessAudit livenessOfInuse = LivenessAudit.of(inUse.client())) {
      assertThat(inUse.client().status("none")).isEmpty();

      assertThat(run("demo", "--data", hub.toString())).isEqualTo(1);
    }
    assertThat(err).asString().startsWith("perdure: PD-").contains(hub.toString());
    assertThat(err).asString().doesNotContain("\tat ");
  }

  @Test
  void aStackTraceIsShownOnRequest() throws Exception {
    Path file = Files.writeString(temp.resolve("file"), "not a directory");

    assertThat(run("demo", "--stacktrace", "--data", file.toString())).isEqualTo(1);
    assertThat(err).asString().contains("\tat ");
  }

  @Test
  void aFileForResultsThatCannotBeWrittenIsReportedBeforeAnythingIsMeasured() {
    Path json = temp.resolve("missing").resolve("results.jsonl");

    assertThat(run("bench", "--json", json.toString(), "--data", temp.resolve("d").toString()))
        .isEqualTo(1);
    assertThat(err).asString().contains(json + ": no such file");
  }

  @Test
  void aPortThatIsNoneIsAUsageError() {
    assertThat(run("start", "--port", "70000", temp.toString())).isEqualTo(2);
    assertThat(err).asString().contains("--port is 70000; use 0 to 65535.");
    assertThat(run("iothub", "--mqtt-port", "5000", "--amqp-port", "5000")).isEqualTo(2);
    assertThat(err).asString().contains("5000 is both for MQTT and for AMQP");
  }

  /** What Java makes of arguments that are not in the encoding of the environment. */
  @Test
  void anArgumentThatCouldNotBeReadIsRefused() {
    assertThat(run("instances", "start", "Approval", "--input", "\"Z\uFFFD\uFFFDrich\""))
        .isEqualTo(2);
    assertThat(err).asString().contains("could not be read", "LC_ALL");
  }

  @Test
  void outputThatCannotBeWrittenIsKnownAfterwards() {
    StandardOutput full = new StandardOutput(failing("No space left on device"));
    new PrintStream(full, true, UTF_8).println("history");
    assertThat(full.failure()).hasMessage("No space left on device");
    StandardOutput closed = new StandardOutput(failing("Broken pipe"));
    new PrintStream(closed, true, UTF_8).println("history");
    assertThat(closed.failure()).as("who reads it has seen enough").isNull();
  }

  private static OutputStream failing(String message) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw new IOException(message);
      }
    };
  }

  private int run(String... arguments) {
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }
}
