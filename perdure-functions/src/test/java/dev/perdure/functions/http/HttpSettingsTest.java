package dev.perdure.functions.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.azure.functions.HttpRequestMessage;
import com.microsoft.azure.functions.annotation.AuthorizationLevel;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import dev.perdure.api.StartOptions;
import dev.perdure.functions.TestApp;
import dev.perdure.functions.TestFunctions;
import dev.perdure.functions.TestHost;
import dev.perdure.functions.host.HostOptions;
import dev.perdure.functions.host.HostedFunction;
import dev.perdure.http.Cors;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What settings change for HTTP functions. */
class HttpSettingsTest {
  private static final String HTTP = "AzureFunctionsJobHost__extensions__http__";

  @TempDir Path directory;

  /** Functions with routes of the same form. */
  public static class Clashing {
    /** The first by its name. */
    @FunctionName("A")
    public static String first(
        @HttpTrigger(name = "req", authLevel = AuthorizationLevel.ANONYMOUS, route = "x/{id}")
            String body) {
      return "a";
    }

    /** Never gets a request. */
    @FunctionName("B")
    public static String second(
        @HttpTrigger(name = "req", authLevel = AuthorizationLevel.ANONYMOUS, route = "X/{name}")
            String body) {
      return "b";
    }
  }

  /** A function whose end is decided elsewhere. */
  public static class Held {
    static final CountDownLatch BEGUN = new CountDownLatch(1);
    static final CountDownLatch END = new CountDownLatch(1);

    /** Waits. */
    @FunctionName("Hold")
    public static String hold(@HttpTrigger(name = "req") String body) throws InterruptedException {
      BEGUN.countDown();
      END.await();
      return "held";
    }

    /** Does not wait. */
    @FunctionName("Hello")
    public static String hello(@HttpTrigger(name = "req") String body) {
      return "hello";
    }
  }

  /** A function that tells of the query. */
  public static class Seeing {
    /** Tells. */
    @FunctionName("See")
    public static String see(@HttpTrigger(name = "req") HttpRequestMessage<String> request) {
      return new TreeMap<>(request.getQueryParameters()).toString();
    }
  }

  /** Functions that take too long. */
  public static class Slow {
    /** Waits. */
    @FunctionName("Sleep")
    public static String sleep(@HttpTrigger(name = "req") String body) throws InterruptedException {
      Thread.sleep(60_000);
      return "";
    }
  }

  /** Functions at routes that belong to the host. */
  public static class Reserved {
    /** Below admin. */
    @FunctionName("Mine")
    public static String mine(@HttpTrigger(name = "req", route = "Admin/mine") String body) {
      return "";
    }

    /** Everything. */
    @FunctionName("Rest")
    public static String rest(
        @HttpTrigger(name = "req", authLevel = AuthorizationLevel.ANONYMOUS, route = "{*path}")
            String body) {
      return "rest";
    }
  }

  private TestHost start(Map<String, String> settings, Class<?> functions) {
    return start(settings, options -> options, functions);
  }

  private TestHost start(
      Map<String, String> settings, UnaryOperator<HostOptions> options, Class<?> functions) {
    return TestHost.start(directory, settings, options, TestFunctions.of(functions));
  }

  @Test
  void theFirstByNameGetsTheRequestsOfARouteThatTwoHave() {
    try (TestHost host = start(Map.of(), Clashing.class)) {
      assertThat(host.get("/api/x/1").body()).isEqualTo("a");
      assertThat(host.host.notices())
          .anySatisfy(
              notice ->
                  assertThat(notice)
                      .startsWith("The functions 'A' and 'B' have the same route, /api/X/{name}."));
    }
  }

  @Test
  void emptyParametersAreSeenIfASettingSaysSo() {
    String setting = "FUNCTIONS_WORKER_NULLABLE_VALUES_ENABLED";
    try (TestHost host = start(Map.of(setting, "1"), Seeing.class)) {
      assertThat(host.get("/api/See?a=&b&c=1&c=2").body()).isEqualTo("{a=, b=, c=1,2}");
    }
    try (TestHost host = start(Map.of(setting, "false"), Seeing.class)) {
      assertThat(host.get("/api/See?a=&b&c=1&c=2").body()).isEqualTo("{c=1,2}");
    }
  }

  @Test
  void thePageOfTheHostCanBeSwitchedOff() {
    try (TestHost host = start(Map.of("AzureWebJobsDisableHomepage", "true"), Seeing.class)) {
      assertThat(host.get("/").statusCode()).isEqualTo(204);
      assertThat(host.get("/").body()).isEmpty();
    }
    try (TestHost host = start(Map.of("AzureWebJobsDisableHomepage", "false"), Seeing.class)) {
      assertThat(host.get("/").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void thePrefixMayBeAnother() {
    try (TestHost host = start(Map.of(HTTP + "routePrefix", "v1/app"), Clashing.class)) {
      assertThat(host.get("/v1/app/x/1").statusCode()).isEqualTo(200);
      assertThat(host.get("/api/x/1").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void withoutAPrefixTheHostKeepsItsOwnPathsOnly() {
    try (TestHost host = start(Map.of(HTTP + "routePrefix", ""), Reserved.class)) {
      assertThat(host.get("/some/path").body()).isEqualTo("rest");
      assertThat(host.get("/").body()).isEqualTo("rest");
      assertThat(host.get("/admin/functions/Rest").body()).contains("\"name\":\"Rest\"");
      assertThat(host.get("/admin/mine").statusCode()).isEqualTo(404);
      HostedFunction mine = host.host.functions().getFirst();
      assertThat(mine.state()).isEqualTo(HostedFunction.State.BROKEN);
      assertThat(mine.notice())
          .isEqualTo(
              "The route 'Admin/mine' cannot be: what begins with admin or runtime belongs to the host.");
    }
  }

  @Test
  void requestsBeyondTheLimitAreRefused() throws Exception {
    try (TestHost host = start(Map.of(HTTP + "maxOutstandingRequests", "1"), Held.class)) {
      CompletableFuture<HttpResponse<String>> held =
          CompletableFuture.supplyAsync(() -> host.get("/api/Hold"));
      Held.BEGUN.await();

      assertThat(host.get("/api/Hello").statusCode()).isEqualTo(429);
      assertThat(host.get("/admin/host/status").statusCode()).isEqualTo(200);
      Held.END.countDown();
      assertThat(held.get().body()).isEqualTo("held");
      assertThat(host.get("/api/Hello").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void customHeadersAreOnEveryAnswer() {
    TestApp.write(
        directory.resolve("host.json"),
        """
        {"version": "2.0", "extensions": {"http": {"customHeaders": {"X-Frame-Options": "DENY"}}}}
        """);
    try (TestHost host = start(Map.of(), Held.class)) {
      assertThat(host.get("/api/Hello").headers().firstValue("X-Frame-Options")).contains("DENY");
    }
  }

  @Test
  void aFunctionThatTakesTooLongFails() {
    try (TestHost host =
        start(Map.of("AzureFunctionsJobHost__functionTimeout", "00:00:01"), Slow.class)) {
      assertThat(host.get("/api/Sleep").statusCode()).isEqualTo(500);
    }
  }

  @Test
  void pagesFromElsewhereAreAllowedIfTheyAreListed() {
    Cors cors = new Cors(List.of("https://app.example"), false);
    try (TestHost host = start(Map.of(), options -> options.withCors(cors), Held.class)) {
      HttpResponse<String> allowed = host.get("/api/Hello", "Origin", "https://app.example");
      assertThat(allowed.body()).isEqualTo("hello");
      assertThat(allowed.headers().firstValue("Access-Control-Allow-Origin"))
          .contains("https://app.example");
      HttpResponse<String> asked =
          host.send(
              "OPTIONS",
              "/api/Hello",
              null,
              "Origin",
              "https://app.example",
              "Access-Control-Request-Method",
              "POST");
      assertThat(asked.statusCode()).isEqualTo(204);
      assertThat(host.get("/api/Hello", "Origin", "https://evil.example").statusCode())
          .isEqualTo(403);
      assertThat(host.get("/admin/host/keys", "Origin", "https://app.example").statusCode())
          .isEqualTo(403);
    }
  }

  @Test
  void beyondThisMachineKeysAreDemanded() {
    try (TestHost host = start(Map.of(), options -> options.withAddress("0.0.0.0"), Held.class)) {
      assertThat(host.get("/api/Hello").statusCode()).isEqualTo(401);
      assertThat(host.get("/admin/functions").statusCode()).isEqualTo(401);
      assertThat(host.get("/admin/host/ping").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void behindAProxyFunctionsSeeTheAddressOfCallers() {
    try (TestHost host =
        start(Map.of(), options -> options.withAccess(false, true), Clashing.class)) {
      assertThat(
              host.get(
                      "/admin/functions/A",
                      "X-Forwarded-Proto",
                      "https",
                      "X-Forwarded-Host",
                      "app.example")
                  .body())
          .contains("\"invoke_url_template\":\"https://app.example/api/x/{id}\"");
    }
  }

  @Test
  void linksOfTheDurableApiFollowAProxyIfHostJsonSaysSo() {
    for (String says : List.of("true", "false")) {
      try (TestHost host =
          start(
              Map.of(
                  "AzureFunctionsJobHost__extensions__durableTask__httpSettings__useForwardedHost",
                  says),
              options -> options,
              Held.class)) {
        host.host.client().startNew("Nobody", null, StartOptions.id("one"));
        assertThat(
                host.get(
                        "/runtime/webhooks/durabletask/instances/one",
                        "X-Forwarded-Proto",
                        "https",
                        "X-Forwarded-Host",
                        "app.example")
                    .headers()
                    .firstValue("Location")
                    .orElseThrow())
            .startsWith(says.equals("true") ? "https://app.example/" : "http://localhost:");
        host.host.client().terminate("one", null);
      }
    }
  }
}
