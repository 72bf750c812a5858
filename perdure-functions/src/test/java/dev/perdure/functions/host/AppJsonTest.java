package dev.perdure.functions.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.functions.TestApp;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an app with Gson among its libraries makes of JSON. */
class AppJsonTest {
  @TempDir Path directory;

  @Test
  void annotationsAndTreesOfGsonMeanTheSameToTheHost() throws Exception {
    Path app =
        TestApp.compile(
            directory.resolve("app"),
            TestApp.IMPORTS
                + """
                import com.google.gson.*;
                import com.google.gson.annotations.SerializedName;
                public class Functions {
                  public static class Order {
                    @SerializedName("order_no") int number;
                  }
                  @FunctionName("Next")
                  public Order next(@HttpTrigger(name = "order") Order order) {
                    order.number++;
                    return order;
                  }
                  @FunctionName("Mark")
                  public HttpResponseMessage mark(
                      @HttpTrigger(name = "request") HttpRequestMessage<JsonObject> request) {
                    JsonObject marked = request.getBody();
                    marked.addProperty("marked", true);
                    return request.createResponseBuilder(HttpStatus.OK).body(marked).build();
                  }
                }
                """);
    TestApp.write(app.resolve("host.json"), "{ \"version\": \"2.0\" }");
    library(app, TestApp.annotations());
    library(app, TestApp.home("com.google.gson.Gson"));

    try (AppLoader.Loaded loaded = AppLoader.load(app, false, null, Map.of(), note -> {});
        FunctionsHost host =
            FunctionsHost.start(
                loaded.app(), HostOptions.of(directory.resolve("data")).withPorts(0, 0, true))) {
      assertThat(post(host, "Next", "{\"order_no\":7}")).isEqualTo("{\n  \"order_no\": 8\n}");
      assertThat(post(host, "Mark", "{\"a\":[1]}"))
          .isEqualTo("{\n  \"a\": [\n    1\n  ],\n  \"marked\": true\n}");
    }
  }

  private static void library(Path app, Path jar) throws IOException {
    Path lib = Files.createDirectories(app.resolve("lib"));
    Files.copy(jar, lib.resolve(String.valueOf(jar.getFileName())));
  }

  private static String post(FunctionsHost host, String function, String body) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI address = URI.create("http://localhost:%d/api/%s".formatted(host.httpPort(), function));
      return client
          .send(
              HttpRequest.newBuilder(address).POST(BodyPublishers.ofString(body)).build(),
              BodyHandlers.ofString())
          .body();
    }
  }
}
