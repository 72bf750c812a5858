package dev.perdure.functionstests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.functions.host.AppLoader;
import dev.perdure.functions.host.FunctionsHost;
import dev.perdure.functions.host.HostOptions;
import dev.perdure.functions.host.HostedFunction;
import dev.perdure.testing.LivenessAudit;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An app laid out by hand as the build plugin for Azure does it. */
class StagedAppTest {
  @TempDir Path staged;
  @TempDir Path data;

  private static final Map<String, String> SETTINGS =
      Map.of("AzureWebJobsStorage", "UseDevelopmentStorage=true");

  @BeforeEach
  void stage() throws IOException {
    StagedApp app = StagedApp.begin(staged, StagedApp.example().own().getFirst(), file -> true);
    app.function(
        "http_start",
        "com.example.functions.HttpStart.start",
        """
        {"type":"httpTrigger","direction":"in","name":"request","methods":["POST"],
         "authLevel":"FUNCTION","route":"orchestrators/{functionName}"},
        {"type":"durableClient","direction":"in","name":"durableContext"},
        {"type":"http","direction":"out","name":"$return"}
        """);
    app.function(
        "BlobJobOrchestrator",
        "com.example.functions.BlobJob.orchestrate",
        """
        {"type":"orchestrationTrigger","direction":"in","name":"context"}
        """);
    app.function(
        "BlobJobActivity1",
        "com.example.functions.BlobJob.work",
        """
        {"type":"activityTrigger","direction":"in","name":"message"},
        {"type":"blob","direction":"out","name":"stored","path":"job-results/{instanceId}.txt",
         "connection":"AzureWebJobsStorage"}
        """);
  }

  @Test
  void runsUnchangedWithTheFunctionsThatItsFilesName() {
    try (AppLoader.Loaded app = AppLoader.load(staged, true, null, SETTINGS, note -> {});
        FunctionsHost host =
            FunctionsHost.start(app.app(), HostOptions.of(data).withPorts(0, 0, true));
        LivenessAudit audit = LivenessAudit.of(host.client())) {
      assertThat(host.functions())
          .extracting(HostedFunction::name)
          .containsExactly("BlobJobActivity1", "BlobJobOrchestrator", "http_start");
      String id = new Http(host.httpPort()).start("BlobJobOrchestrator", "hello");
      assertThat(
              host.client().waitForCompletion(id, Duration.ofSeconds(60)).serializedOutput().text())
          .isEqualTo("\"BlobJobActivity1: hello\"");
    }
  }
}
