package dev.perdure.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class CorsTest {
  private static final Request GET = Request.of("GET", "/api/hello");
  private static final Handler HELLO =
      request -> CompletableFuture.completedFuture(Response.text(200, "hello"));

  private final Cors app = new Cors(List.of("https://app.example/"), false);

  private static Response answer(Cors cors, Request request) {
    return cors.around(HELLO).handle(request).toCompletableFuture().join();
  }

  private static Request preflight(String origin) {
    return Request.of("OPTIONS", "/api/hello")
        .withHeader("Origin", origin)
        .withHeader("Access-Control-Request-Method", "PUT")
        .withHeader("Access-Control-Request-Headers", "x-functions-key, content-type");
  }

  @Test
  void listedOriginsAreAllowed() {
    Response response = answer(app, GET.withHeader("Origin", "https://app.example"));

    assertThat(response.body().text()).isEqualTo("hello");
    assertThat(response.headers().first("Access-Control-Allow-Origin"))
        .isEqualTo("https://app.example");
    assertThat(response.headers().first("Access-Control-Allow-Credentials")).isNull();
    assertThat(response.headers().first("Vary")).isEqualTo("Origin");
  }

  @Test
  void othersAreAnsweredWithoutLeaveToSeeIt() {
    Response response = answer(app, GET.withHeader("Origin", "https://evil.example"));

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.headers().first("Access-Control-Allow-Origin")).isNull();
    assertThat(answer(app, GET).headers().first("Access-Control-Allow-Origin")).isNull();
    assertThat(answer(app, GET).headers().first("Vary")).isEqualTo("Origin");
  }

  @Test
  void whatBrowsersAskInAdvanceIsAnswered() {
    Response response = answer(app, preflight("https://app.example"));

    assertThat(response.status()).isEqualTo(204);
    assertThat(response.headers().first("Access-Control-Allow-Origin"))
        .isEqualTo("https://app.example");
    assertThat(response.headers().first("Access-Control-Allow-Methods")).isEqualTo("PUT");
    assertThat(response.headers().first("Access-Control-Allow-Headers"))
        .isEqualTo("x-functions-key, content-type");
    Response refused = answer(app, preflight("https://evil.example"));
    assertThat(refused.status()).isEqualTo(204);
    assertThat(refused.headers().fields()).containsExactly(new Headers.Field("Vary", "Origin"));
  }

  @Test
  void otherRequestsWithTheMethodOptionsGoOn() {
    Request options = Request.of("OPTIONS", "/").withHeader("Origin", "https://app.example");

    assertThat(answer(app, options).body().text()).isEqualTo("hello");
  }

  @Test
  void allMayBeAllowedButNeverWithCredentials() {
    Response response =
        answer(new Cors(List.of("*"), true), GET.withHeader("Origin", "https://any.example"));

    assertThat(response.headers().first("Access-Control-Allow-Origin")).isEqualTo("*");
    assertThat(response.headers().first("Access-Control-Allow-Credentials")).isNull();
    assertThat(response.headers().first("Vary")).isNull();
  }

  @Test
  void credentialsAreForListedOrigins() {
    Cors cors = new Cors(List.of("https://app.example"), true);

    assertThat(
            answer(cors, GET.withHeader("Origin", "https://app.example"))
                .headers()
                .first("Access-Control-Allow-Credentials"))
        .isEqualTo("true");
    assertThat(
            answer(cors, GET.withHeader("Origin", "https://evil.example"))
                .headers()
                .first("Access-Control-Allow-Credentials"))
        .isNull();
  }

  @Test
  void withoutOriginsNothingIsAdded() {
    Response response = answer(Cors.NONE, preflight("https://app.example"));

    assertThat(response.body().text()).isEqualTo("hello");
    assertThat(response.headers().first("Vary")).isNull();
  }
}
