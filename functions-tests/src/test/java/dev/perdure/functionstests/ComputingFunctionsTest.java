package dev.perdure.functionstests;

import static java.util.concurrent.CompletableFuture.supplyAsync;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code perdure start} with an app whose functions compute, on more processors than there are. */
class ComputingFunctionsTest {
  private static final int BUSY = 2 * Runtime.getRuntime().availableProcessors();
  private static final Pattern COMPUTES = Pattern.compile("It computes");
  private static final String HTTP =
      """
      { "type": "httpTrigger", "direction": "in", "name": "req",
        "authLevel": "ANONYMOUS", "methods": ["GET"] },
      { "type": "http", "direction": "out", "name": "$return" }
      """;

  @TempDir Path app;
  @TempDir Path data;
  @TempDir Path signals;

  @Test
  void othersAreServedMeanwhile() throws Exception {
    String type = ComputingApp.class.getName();
    Path classes =
        Path.of(ComputingApp.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    StagedApp.begin(app, classes, file -> file.endsWith("ComputingApp.class"))
        .function("hello", type + ".hello", HTTP)
        .function("busy", type + ".busy", HTTP);
    Path enough = signals.resolve("enough");
    try (HostProcess host = HostProcess.start(app, data, Map.of());
        ExecutorService callers = Executors.newFixedThreadPool(BUSY)) {
      Http http = new Http(host.port());
      List<CompletableFuture<HttpResponse<String>>> busy = new ArrayList<>();
      for (int i = 0; i < BUSY; i++) {
        busy.add(supplyAsync(() -> http.get("/api/busy?until=" + enough), callers));
        assertThat(host.line(COMPUTES)).isNotEmpty();
      }

      assertThat(http.get("/api/hello").body()).isEqualTo("hello");
      assertThat(http.get("/health/live").statusCode()).isEqualTo(200);

      assertThat(busy).noneMatch(CompletableFuture::isDone);
      Files.createFile(enough);
      assertThat(busy).allMatch(call -> call.join().body().equals("enough"));
    }
  }
}
