package dev.perdure.functions;

import dev.perdure.functions.definition.AppDefinition;
import dev.perdure.functions.host.App;
import dev.perdure.functions.host.FunctionsHost;
import dev.perdure.functions.host.HostOptions;
import dev.perdure.functions.settings.HostJson;
import dev.perdure.functions.settings.Settings;
import dev.perdure.testing.LivenessAudit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A host of functions that are written in the classes of tests, and a caller of it. */
public final class TestHost implements AutoCloseable {
  /** The host. */
  public final FunctionsHost host;

  private final HttpClient client = HttpClient.newHttpClient();
  private boolean closed;

  private TestHost(FunctionsHost host) {
    this.host = host;
  }

  /** Starts a host on free ports. */
  public static TestHost start(Path data, Class<?>... functions) {
    return start(data, Map.of(), options -> options, TestFunctions.of(functions));
  }

  /**
   * Starts a host.
   *
   * @param settings of the app, those that override host.json among them
   * @param options changes how the host is run
   */
  public static TestHost start(
      Path data,
      Map<String, String> settings,
      UnaryOperator<HostOptions> options,
      AppDefinition definition) {
    Settings all = Settings.of(settings);
    App app =
        new App(
            "TestApp", definition, TestHost.class.getClassLoader(), all, HostJson.read(data, all));
    return new TestHost(
        FunctionsHost.start(
            app, options.apply(HostOptions.of(data.resolve("data")).withPorts(0, 0, true))));
  }

  /** Asks for something. */
  public HttpResponse<String> get(String path, String... headers) {
    return send("GET", path, null, headers);
  }

  /** Sends something. */
  public HttpResponse<String> post(String path, String body, String... headers) {
    return send("POST", path, body, headers);
  }

  /** Sends a request; null for no body. */
  public HttpResponse<String> send(String method, String path, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + host.httpPort() + path))
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  /** Sends a request. */
  public HttpResponse<String> send(HttpRequest request) {
    try {
      return client.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Closes the host, once; whatever is left in its hub must have something that will wake it. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      LivenessAudit.check(host.client());
    } finally {
      host.close();
      client.close();
    }
  }
}
