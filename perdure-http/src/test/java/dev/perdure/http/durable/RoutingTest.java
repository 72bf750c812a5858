package dev.perdure.http.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.http.Access;
import dev.perdure.http.Request;
import dev.perdure.http.Response;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which requests are of the API, which hub they are for, and who is let in. */
class RoutingTest {
  private ApiFixture api = new ApiFixture();

  @AfterEach
  void close() {
    api.close();
  }

  @ParameterizedTest
  @CsvSource({
    "GET, orchestrators/Echo",
    "POST, orchestrators",
    "POST, orchestrators/Echo/x/y",
    "POST, instances",
    "PUT, instances/x",
    "GET, instances/x/terminate",
    "POST, instances/x/nothing",
    "POST, instances/x/raiseEvent",
    "POST, instances/x/terminate/now",
    "PUT, entities/a/b",
    "GET, entities/a/b/c",
    "POST, entities",
    "DELETE, entities/a/b/c",
    "GET, nothing",
    "OPTIONS, instances",
    "POST, makeprimary/x",
  })
  void whatIsNotOfTheApiIsNotFound(String method, String path) {
    api.send(api.to(path).method(method, BodyPublishers.noBody())).isEmpty(404);
  }

  @Test
  void nothingIsAtTheBase() {
    api.get("").isEmpty(404);
  }

  @Test
  void slashesAroundThePathDoNotCount() {
    assertThat(api.get("/instances/").status()).isEqualTo(200);
  }

  @Test
  void thereIsNoLeaseToTakeOver() {
    api.post("MakePrimary").isBrief(400, "no app lease");
  }

  @Test
  void theHubIsChosenByItsName() {
    assertThat(api.get("instances?taskHub=MYHUB").status()).isEqualTo(200);
    assertThat(api.get("instances?taskhub=").status()).isEqualTo(200);
    api.get("instances?taskHub=other").isBrief(404, "There is no task hub 'other'");
  }

  @Test
  void aHubThatIsClosedIsNotAvailable() {
    api.closeHub();
    ApiFixture.Answer answer = api.get("instances/x");
    answer.isFull(503, "Not available", "closed");
    assertThat(answer.header("retry-after")).isEqualTo("1");
  }

  @Test
  void theApiIsAFunctionThatNeedsNoServer() {
    DurableHttpApi pure =
        new DurableHttpApi(
            TaskHubs.of(api.hub), DurableHttpOptions.of(Access.byKey("a-key"), "a-key"));
    Response refused =
        pure.handle(Request.of("POST", DurableHttpApi.PATH + "/orchestrators/Echo/x"))
            .toCompletableFuture()
            .join();
    assertThat(refused.status()).isEqualTo(401);
    Response started =
        pure.handle(
                Request.of("POST", DurableHttpApi.PATH + "/orchestrators/Echo/x?code=a-key")
                    .withHeader("Host", "a.example"))
            .toCompletableFuture()
            .join();
    assertThat(started.status()).isEqualTo(202);
    assertThat(started.headers().first("Location"))
        .isEqualTo(
            "http://a.example/runtime/webhooks/durabletask/instances/x"
                + "?taskHub=MyHub&connection=Storage&code=a-key");
  }

  @Test
  void whatSurprisesIsToldByItsNumberOnly() {
    DurableHttpApi broken =
        new DurableHttpApi(
            name -> {
              throw new IllegalStateException("secret " + Objects.toString(name));
            },
            DurableHttpOptions.of(Access.local(), null));
    Response response =
        broken
            .handle(Request.of("GET", DurableHttpApi.PATH + "/instances"))
            .toCompletableFuture()
            .join();
    assertThat(response.status()).isEqualTo(500);
    assertThat(response.body().text()).contains("under error").doesNotContain("secret");
  }

  // ---- keys and proxies ---------------------------------------------------------------------

  private void restart(DurableHttpOptions options) {
    api.close();
    api = new ApiFixture(options);
  }

  @Test
  void aKeyIsDemandedIfThereIsOneAndLinksCarryIt() {
    restart(DurableHttpOptions.of(Access.byKey("system+key", "master"), "system+key"));
    api.get("instances").isEmpty(401);
    api.get("nothing").isEmpty(401);
    api.get("instances?code=wrong").isEmpty(401);
    api.send(api.to("instances").header("x-functions-key", "wrong")).isEmpty(401);
    assertThat(api.get("instances?code=master").status()).isEqualTo(200);
    assertThat(api.send(api.to("instances").header("x-functions-key", "system+key")).status())
        .isEqualTo(200);
    ApiFixture.Answer started = api.post("orchestrators/Wait?code=master");
    String link = started.json().get("statusQueryGetUri").asString();
    assertThat(link).endsWith("&code=system%2Bkey");
    assertThat(api.get(link).status()).isEqualTo(202);
  }

  @Test
  void withoutAKeyPagesFromElsewhereAreKeptOut() {
    assertThat(api.send(api.to("instances").header("Origin", "https://evil.example")).status())
        .isEqualTo(403);
  }

  @Test
  void linksFollowAProxyIfItIsTrusted() {
    restart(DurableHttpOptions.of(Access.local(), null).withTrustForwarded(true));
    ApiFixture.Answer started =
        api.send(
            api.to("orchestrators/Wait/x")
                .header("X-Forwarded-Host", "flows.example")
                .header("X-Forwarded-Proto", "https")
                .POST(BodyPublishers.noBody()));
    assertThat(started.header("location"))
        .isEqualTo(
            "https://flows.example/runtime/webhooks/durabletask/instances/x"
                + "?taskHub=MyHub&connection=Storage");
    ApiFixture.Answer status =
        api.send(
            api.to("instances/x?showInput=false")
                .header("Forwarded", "proto=https;host=other.example"));
    assertThat(status.header("location"))
        .isEqualTo(
            "https://other.example/runtime/webhooks/durabletask/instances/x?showInput=false");
  }

  @Test
  void aProxyIsPassedOverIfItIsNot() {
    ApiFixture.Answer started =
        api.send(
            api.to("orchestrators/Wait/x")
                .header("X-Forwarded-Host", "flows.example")
                .header("X-Forwarded-Proto", "https")
                .POST(BodyPublishers.noBody()));
    assertThat(started.header("location")).startsWith("http://localhost:");
  }

  @Test
  void linksForProgramsHaveAllOperations() {
    LinkBase base = new LinkBase("https://a.example/x", "hub", "k");
    assertThat(base.instance("i").byName(true))
        .containsEntry(
            "rewindPostUri",
            "https://a.example/x/instances/i/rewind?reason={text}&taskHub=hub&connection=Storage&code=k")
        .hasSize(9);
    assertThat(base.toString()).doesNotContain("k]");
  }
}
