package dev.perdure.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.grpc.GrpcServerOptions;
import dev.perdure.grpc.GrpcServerOptions.Credentials;
import dev.perdure.grpc.ServerStartException;
import dev.perdure.server.ServerOptions.HttpAccess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The HTTP API beside health and metrics, in a server without workers. */
class HttpFrontTest {
  private static final String API = "/runtime/webhooks/durabletask";

  @TempDir Path directory;

  private final HttpClient client = HttpClient.newHttpClient();

  private ServerOptions options() {
    return ServerOptions.of(directory)
        .withGrpc(GrpcServerOptions.DEFAULTS.withPorts(0))
        .withHttp("127.0.0.1", 0);
  }

  private HttpResponse<String> send(AuditedServer server, String method, String path, String... h)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.httpPort() + path))
            .method(method, BodyPublishers.noBody());
    if (h.length > 0) {
      request.headers(h);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  @Test
  void onePortHasHealthMetricsAndTheApi() throws Exception {
    try (AuditedServer server = AuditedServer.start(options())) {
      assertThat(send(server, "GET", "/health/live").body()).isEqualTo("live\n");
      assertThat(send(server, "GET", "/health/ready").statusCode()).isEqualTo(200);
      assertThat(send(server, "GET", "/metrics").body())
          .contains(
              "perdure_commits_total{hub=\"default\"} ",
              "perdure_audit_findings_total{hub=\"default\"} 0.0\n",
              "perdure_audit_notes_total{hub=\"default\"} 0.0\n");
      assertThat(send(server, "POST", "/health/live").statusCode()).isEqualTo(405);
      assertThat(send(server, "GET", "/other").body()).contains(API);
      assertThat(send(server, "POST", API + "/orchestrators/Later/x").statusCode()).isEqualTo(202);
      assertThat(send(server, "GET", API + "/instances/x").body())
          .contains("\"runtimeStatus\":\"Pending\"");
    }
    assertThat(directory.resolve("http.keys")).doesNotExist();
  }

  @Test
  void hubsAreChosenAndNoneIsMade() throws Exception {
    try (AuditedServer server = AuditedServer.start(options())) {
      assertThat(send(server, "GET", API + "/instances?taskHub=DEFAULT").statusCode())
          .isEqualTo(200);
      assertThat(send(server, "GET", API + "/instances?taskHub=typo").statusCode()).isEqualTo(404);
      assertThat(send(server, "GET", API + "/instances?taskHub=..%2Fx").statusCode())
          .isEqualTo(400);
    }
    assertThat(directory.resolve("typo")).doesNotExist();
  }

  @Test
  void aHubIsCopiedWhileItIsInUse() throws Exception {
    Path copy;
    try (AuditedServer server = AuditedServer.start(options())) {
      send(server, "POST", API + "/orchestrators/Later/x");
      assertThat(send(server, "GET", "/hubs/default/backup").statusCode()).isEqualTo(405);
      assertThat(send(server, "POST", "/hubs/typo/backup").statusCode()).isEqualTo(404);
      copy = Path.of(send(server, "POST", "/hubs/default/backup").body().strip());
      send(server, "POST", API + "/orchestrators/Later/y");
    }
    assertThat(copy).startsWith(directory.resolve(".backups"));
    Path restored = Files.createDirectory(directory.resolve("restored"));
    Files.move(copy, restored.resolve("default"));
    try (AuditedServer server =
        AuditedServer.start(
            ServerOptions.of(restored)
                .withGrpc(GrpcServerOptions.DEFAULTS.withPorts(0))
                .withHttp("127.0.0.1", 0))) {
      assertThat(send(server, "GET", API + "/instances/x").statusCode()).isEqualTo(202);
      assertThat(send(server, "GET", API + "/instances/y").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void aKeyIsMadeAndDemandedIfThatIsAskedFor() throws Exception {
    ServerOptions protectedOptions = options().withHttpAccess(new HttpAccess(true, false));
    try (AuditedServer server = AuditedServer.start(protectedOptions)) {
      String key =
          Files.readAllLines(directory.resolve("http.keys")).stream()
              .filter(line -> line.startsWith("system/durabletask_extension="))
              .map(line -> line.substring(line.indexOf('=') + 1))
              .findFirst()
              .orElseThrow();
      assertThat(send(server, "GET", API + "/instances").statusCode()).isEqualTo(401);
      assertThat(send(server, "POST", "/hubs/default/backup").statusCode()).isEqualTo(401);
      assertThat(send(server, "GET", API + "/instances", "x-functions-key", key).statusCode())
          .isEqualTo(200);
      HttpResponse<String> started = send(server, "POST", API + "/orchestrators/Later?code=" + key);
      assertThat(started.headers().firstValue("location").orElseThrow()).endsWith("&code=" + key);
      assertThat(send(server, "GET", "/health/live").statusCode()).isEqualTo(200);
    }
  }

  /** Who has SDKs show a secret does not mean to let everybody in by the other door. */
  @Test
  void aKeyIsDemandedWhereSdksHaveToShowASecret() throws Exception {
    ServerOptions options =
        ServerOptions.of(directory)
            .withGrpc(
                GrpcServerOptions.DEFAULTS
                    .withPorts(0)
                    .withCredentials(new Credentials(Set.of("secret"), Set.of())))
            .withHttp("127.0.0.1", 0);
    try (AuditedServer server = AuditedServer.start(options)) {
      assertThat(send(server, "GET", API + "/instances").statusCode()).isEqualTo(401);
      assertThat(send(server, "GET", "/health/ready").statusCode()).isEqualTo(200);
    }
    assertThat(directory.resolve("http.keys")).exists();
  }

  @Test
  void keysThatCannotBeReadAreSaid() throws Exception {
    Files.writeString(directory.resolve("http.keys"), "nonsense\n");
    ServerOptions protectedOptions = options().withHttpAccess(new HttpAccess(true, false));
    assertThatThrownBy(() -> PerdureServer.start(protectedOptions))
        .isInstanceOf(ServerStartException.class)
        .hasMessageContaining("PD-3004")
        .hasMessageContaining("line 1");
  }

  @Test
  void aPortThatIsInUseIsSaid() {
    try (AuditedServer server = AuditedServer.start(options())) {
      ServerOptions second =
          ServerOptions.of(directory.resolve("other"))
              .withGrpc(GrpcServerOptions.DEFAULTS.withPorts(0))
              .withHttp("127.0.0.1", server.httpPort());
      assertThatThrownBy(() -> PerdureServer.start(second))
          .isInstanceOf(ServerStartException.class)
          .hasMessageContaining("PD-3002")
          .hasMessageContaining("--http-port");
    }
  }
}
