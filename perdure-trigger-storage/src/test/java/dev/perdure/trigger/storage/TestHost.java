package dev.perdure.trigger.storage;

import dev.perdure.functions.definition.AnnotationScan;
import dev.perdure.functions.definition.AppDefinition;
import dev.perdure.functions.host.App;
import dev.perdure.functions.host.FunctionsHost;
import dev.perdure.functions.host.HostOptions;
import dev.perdure.functions.settings.HostJson;
import dev.perdure.functions.settings.Settings;
import dev.perdure.testing.LivenessAudit;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A host of functions that are written in the classes of tests, on free ports. */
final class TestHost implements AutoCloseable {
  final FunctionsHost host;
  private final HttpClient http = HttpClient.newHttpClient();

  private TestHost(FunctionsHost host) {
    this.host = host;
  }

  /**
   * Starts a host.
   *
   * @param home where the app is; its host.json is read if there is one
   */
  static TestHost start(Path home, Map<String, String> settings, Class<?>... functions) {
    Map<String, String> all = new HashMap<>(settings);
    all.putIfAbsent("AZURE_FUNCTIONS_ENVIRONMENT", "Development");
    all.putIfAbsent("AzureWebJobsScriptRoot", home.toString());
    Settings known = Settings.of(all);
    App app =
        new App(
            "TestApp",
            definition(home, functions),
            TestHost.class.getClassLoader(),
            known,
            HostJson.read(home, known));
    return new TestHost(
        FunctionsHost.start(app, HostOptions.of(home.resolve("data")).withPorts(0, 0, true)));
  }

  /** Writes the host.json of an app. */
  static void hostJson(Path home, String extensions) {
    try {
      Files.writeString(
          home.resolve("host.json"),
          "{\"version\": \"2.0\", \"extensions\": %s}".formatted(extensions));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static AppDefinition definition(Path home, Class<?>... functions) {
    Path classes = home.resolve("classes");
    try {
      for (Class<?> type : functions) {
        Path file = classes.resolve(type.getName().replace('.', '/') + ".class");
        Files.createDirectories(file.getParent());
        try (InputStream in =
            type.getResourceAsStream(
                type.getName().substring(type.getPackageName().length() + 1) + ".class")) {
          Files.write(file, in.readAllBytes());
        }
      }
      Path annotations =
          Path.of(
              com.microsoft.azure.functions.annotation.FunctionName.class
                  .getProtectionDomain()
                  .getCodeSource()
                  .getLocation()
                  .toURI());
      return AnnotationScan.scan(List.of(classes), List.of(annotations));
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs a function by hand. */
  HttpResponse<String> run(String function, String input) {
    return post(
        "/admin/functions/" + function, new com.google.gson.Gson().toJson(Map.of("input", input)));
  }

  /** Sends something. */
  HttpResponse<String> post(String path, String body) {
    try {
      return http.send(
          HttpRequest.newBuilder(URI.create("http://localhost:" + host.httpPort() + path))
              .POST(BodyPublishers.ofString(body))
              .build(),
          BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Closes the host; whatever is left in its hub must have something that will wake it. */
  @Override
  public void close() {
    try {
      LivenessAudit.check(host.client());
    } finally {
      host.close();
      http.close();
    }
  }
}
