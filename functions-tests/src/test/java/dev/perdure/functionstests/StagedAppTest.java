package dev.perdure.functionstests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.functions.app.AppLayout;
import dev.perdure.functions.app.AppSource;
import dev.perdure.functions.host.AppLoader;
import dev.perdure.functions.host.FunctionsHost;
import dev.perdure.functions.host.HostOptions;
import dev.perdure.functions.host.HostedFunction;
import dev.perdure.testing.LivenessAudit;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
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
    AppLayout layout = AppSource.find(ExampleAppTest.EXAMPLE, true, note -> {});
    Files.copy(ExampleAppTest.EXAMPLE.resolve("host.json"), staged.resolve("host.json"));
    Files.createDirectory(staged.resolve("lib"));
    for (Path library : layout.libraries()) {
      Files.copy(library, staged.resolve("lib").resolve(library.getFileName()));
    }
    jar(layout.own().getFirst(), staged.resolve("app-1.0.0.jar"));
    function(
        "http_start",
        "HttpStart.start",
        """
        {"type":"httpTrigger","direction":"in","name":"request","methods":["POST"],
         "authLevel":"FUNCTION","route":"orchestrators/{functionName}"},
        {"type":"durableClient","direction":"in","name":"durableContext"},
        {"type":"http","direction":"out","name":"$return"}
        """);
    function(
        "BlobJobOrchestrator",
        "BlobJob.orchestrate",
        """
        {"type":"orchestrationTrigger","direction":"in","name":"context"}
        """);
    function(
        "BlobJobActivity1",
        "BlobJob.work",
        """
        {"type":"activityTrigger","direction":"in","name":"message"},
        {"type":"blob","direction":"out","name":"stored","path":"job-results/{instanceId}.txt",
         "connection":"AzureWebJobsStorage"}
        """);
  }

  private static void jar(Path classes, Path jar) throws IOException {
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file);
        Stream<Path> all = Files.walk(classes)) {
      for (Path each : all.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new JarEntry(classes.relativize(each).toString().replace('\\', '/')));
        Files.copy(each, out);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void function(String name, String method, String bindings) throws IOException {
    Path directory = Files.createDirectory(staged.resolve(name));
    Files.writeString(
        directory.resolve("function.json"),
        """
        {
          "scriptFile" : "../app-1.0.0.jar",
          "entryPoint" : "com.example.functions.%s",
          "bindings" : [ %s ]
        }
        """
            .formatted(method, bindings));
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
