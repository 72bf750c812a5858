package dev.perdure.functionstests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.functions.host.AppLoader;
import dev.perdure.functions.host.FunctionsHost;
import dev.perdure.functions.host.HostOptions;
import dev.perdure.functions.host.HostedFunction;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example app, which knows nothing of Perdure, in a host in this process. */
class ExampleAppTest {
  private static final Path EXAMPLE = Path.of(System.getProperty("perdure.example"));

  @TempDir Path data;
  private AppLoader.Loaded app;
  private FunctionsHost host;
  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeEach
  void start() {
    app = AppLoader.load(EXAMPLE, true, null, Map.of(), note -> {});
    host = FunctionsHost.start(app.app(), HostOptions.of(data).withPorts(0, 0, true));
  }

  @AfterEach
  void close() {
    host.close();
    app.close();
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://localhost:" + host.httpPort() + path))
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  @Test
  void allFunctionsAreThere() {
    assertThat(host.functions())
        .extracting(HostedFunction::name)
        .contains("BlobJobActivity1", "BlobJobOrchestrator", "http_start");
  }

  @Test
  void anOrchestrationIsStartedOverHttpAndEnds() throws Exception {
    HttpResponse<String> started = post("/api/orchestrators/BlobJobOrchestrator", "hello");
    assertThat(started.statusCode()).as(started.body()).isEqualTo(202);
    String location = started.headers().firstValue("Location").orElseThrow();
    String id = location.replaceAll(".*/instances/([^?]+).*", "$1");
    assertThat(
            host.client().waitForCompletion(id, Duration.ofSeconds(30)).serializedOutput().text())
        .isEqualTo("\"BlobJobActivity1: hello\"");
    HttpResponse<String> status =
        client.send(HttpRequest.newBuilder(URI.create(location)).build(), BodyHandlers.ofString());
    assertThat(status.statusCode()).isEqualTo(200);
    assertThat(status.body()).contains("Completed").contains("BlobJobActivity1: hello");
  }

  @Test
  void otherNamesAreRefused() throws Exception {
    HttpResponse<String> refused = post("/api/orchestrators/Unknown", "hello");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).isEqualTo("Invalid function name");
  }
}
