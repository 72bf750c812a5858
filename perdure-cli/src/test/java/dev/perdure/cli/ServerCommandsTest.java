package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the command line asks of a server that runs, and how it refuses to start one. */
class ServerCommandsTest {
  @TempDir Path temp;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(args);
  }

  private AuditedServer server() {
    return AuditedServer.start(temp.resolve("hubs"));
  }

  private static void start(AuditedServer server, String orchestrator, String id) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(
                      URI.create(
                          "%s/runtime/webhooks/durabletask/orchestrators/%s/%s"
                              .formatted(server.url(), orchestrator, id)))
                  .POST(HttpRequest.BodyPublishers.noBody())
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
    }
  }

  @Test
  void explainSaysThatNoWorkerIsThereForAnOrchestration() throws Exception {
    try (AuditedServer server = server()) {
      start(server, "Approve", "o-17");
      assertThat(run("explain", "--server", server.url(), "o-17")).as(err.toString()).isZero();
      assertThat(out)
          .asString()
          .contains(
              "o-17", "Approve", "waits for a worker to take its step", "no worker is connected");
    }
  }

  @Test
  void explainOfSomethingThatIsNotThereSaysSo() {
    try (AuditedServer server = server()) {
      assertThat(run("explain", "--server", server.url(), "nobody")).isEqualTo(1);
      assertThat(err).asString().contains("There is no instance 'nobody'");
      assertThat(run("explain", "--server", server.url(), "--hub", "other", "nobody")).isEqualTo(1);
      assertThat(err).asString().contains("There is no task hub 'other' here");
    }
  }

  @Test
  void explainWithoutAServerToAskSaysSo() {
    assertThat(run("explain", "--server", "http://127.0.0.1:1", "o-17")).isEqualTo(1);
    assertThat(err).asString().contains("There is no server at http://127.0.0.1:1");
  }

  @Test
  void explainNeedsADirectoryOrAServer() {
    assertThat(run("explain", "o-17")).isEqualTo(2);
    assertThat(err).asString().contains("The hub's directory and an instance are needed");
    assertThat(run("explain", "--server", "http://127.0.0.1:1", "hub", "o-17")).isEqualTo(2);
    assertThat(err).asString().contains("With --server there is one argument");
  }

  @Test
  void aServerNeedsADirectory() {
    assertThat(run("server")).isEqualTo(2);
    assertThat(err).asString().contains("--store");
  }

  @Test
  void aServerDoesNotListenBeyondThisMachineWithoutProtection() {
    String store = temp.resolve("open").toString();
    assertThat(run("server", "--store", store, "--port", "0", "--host", "0.0.0.0")).isEqualTo(1);
    assertThat(err)
        .asString()
        .contains("PD-3001", "without TLS", "without authentication")
        .contains("--tls-certificate", "--tls-key", "--allow-plaintext")
        .contains("--tokens", "--api-keys", "--tls-clients", "--allow-unauthenticated")
        .doesNotContain("allowPlaintext", "allowUnauthenticated");
    assertThat(Path.of(store)).doesNotExist();
  }

  @Test
  void onlyTheProtectionThatIsMissingIsAskedFor() {
    String store = temp.resolve("half").toString();
    assertThat(run("server", "--store", store, "--host", "0.0.0.0", "--allow-plaintext"))
        .isEqualTo(1);
    assertThat(err).asString().contains("PD-3001", "--tokens").doesNotContain("TLS");
  }

  @Test
  void aDirectoryThatCannotBeUsedIsToldWithTheReason() throws Exception {
    Path file = Files.writeString(temp.resolve("file"), "");
    assertThat(run("server", "--store", file.toString(), "--port", "0", "--http-port", "0"))
        .isEqualTo(1);
    assertThat(err)
        .asString()
        .startsWith("perdure: PD-2005: The directory for hubs, " + file)
        .contains("FileAlreadyExists", "Check the path");
  }

  @Test
  void aPortThatIsNoneIsAUsageError() {
    String store = temp.resolve("none").toString();
    assertThat(run("server", "--store", store, "--port", "70000")).isEqualTo(2);
    assertThat(err).asString().contains("--port is 70000; use a number from 0 to 65535.");
    assertThat(run("server", "--store", store, "--port", "0,-1")).isEqualTo(2);
    assertThat(err).asString().contains("--port is -1;");
    assertThat(temp.resolve("none")).doesNotExist();
  }

  @Test
  void aServerThatMayHaveNoHubIsAUsageError() {
    String store = temp.resolve("none").toString();
    assertThat(run("server", "--store", store, "--max-hubs", "0")).isEqualTo(2);
    assertThat(err).asString().contains("--max-hubs is 0; use 1 or more");
  }

  @Test
  void aFormThatIsNoneIsAUsageError() {
    String store = temp.resolve("none").toString();
    assertThat(run("server", "--store", store, "--entity-form", "V3")).isEqualTo(2);
    assertThat(err).asString().contains("--entity-form", "V3", "V1, V2");
  }

  @Test
  void halfOfTlsIsAUsageError() {
    String store = temp.resolve("half").toString();
    assertThat(run("server", "--store", store, "--tls-key", "key.pem")).isEqualTo(2);
    assertThat(err).asString().contains("both --tls-certificate and --tls-key are needed");
  }

  @Test
  void aFileOfSecretsWithoutAnyIsRefused() throws Exception {
    Path tokens = Files.writeString(temp.resolve("tokens"), "\n \n");
    String store = temp.resolve("none").toString();
    assertThat(run("server", "--store", store, "--tokens", tokens.toString())).isEqualTo(1);
    assertThat(err).asString().contains("holds no secret");
  }

  @Test
  void aSecondServerOnADirectoryDoesNotStart() {
    try (AuditedServer server = server()) {
      assertThat(server.grpcPort()).isPositive();
      String store = temp.resolve("hubs").toString();
      assertThat(run("server", "--store", store, "--port", "0", "--http-port", "none"))
          .isEqualTo(1);
      assertThat(err).asString().contains("PD-2001");
    }
  }

  @Test
  void aPortThatIsInUseIsTold() {
    try (AuditedServer server = server()) {
      String store = temp.resolve("second").toString();
      String port = String.valueOf(server.grpcPort());
      assertThat(run("server", "--store", store, "--port", port, "--http-port", "none"))
          .isEqualTo(1);
      assertThat(err).asString().contains("PD-3002", port);
      assertThat(Path.of(store))
          .as("nothing is made for a server that cannot start")
          .doesNotExist();

      assertThat(run("server", "--store", store, "--port", "0", "--http-port", port)).isEqualTo(1);
      assertThat(err).asString().contains("PD-3002", "port " + port, "--http-port none");
      assertThat(Path.of(store)).doesNotExist();
    }
  }

  @Test
  void gRpcAndHttpNeedPortsOfTheirOwn() {
    String store = temp.resolve("none").toString();
    assertThat(run("server", "--store", store, "--port", "4001", "--http-port", "4001"))
        .isEqualTo(1);
    assertThat(err).asString().contains("PD-3002", "port 4001 for both gRPC and HTTP");
    assertThat(Path.of(store)).doesNotExist();
  }
}
