package dev.perdure.engine.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectsTest {

  private static HttpActivity.Wire request(String method) {
    return new HttpActivity.Wire(
        method,
        "https://api.example/a",
        Map.of("Authorization", List.of("t"), "Cookie", List.of("c"), "Content-Type", List.of("x")),
        "body",
        1_000,
        true);
  }

  private static Optional<HttpActivity.Wire> next(String method, int status, String location) {
    return Redirects.next(request(method), status, Optional.of(location));
  }

  @ParameterizedTest
  @CsvSource({
    "POST, 301, GET", "POST, 302, GET", "POST, 303, GET", "POST, 307, POST", "POST, 308, POST",
    "PUT, 301, PUT", "PUT, 302, PUT", "PUT, 303, GET", "HEAD, 303, HEAD", "GET, 302, GET"
  })
  void theStatusSaysWhetherTheRequestIsRepeatedOrBecomesAGet(
      String method, int status, String next) {
    HttpActivity.Wire redirected = next(method, status, "/b").orElseThrow();
    boolean repeated = method.equals(next);
    assertThat(redirected.method()).isEqualTo(next);
    assertThat(redirected.uri()).isEqualTo("https://api.example/b");
    assertThat(redirected.body()).isEqualTo(repeated ? "body" : null);
    assertThat(redirected.headers().containsKey("Content-Type")).isEqualTo(repeated);
    assertThat(redirected.timeoutMillis()).isEqualTo(1_000);
    assertThat(redirected.failOn5xx()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization",
        "Proxy-Authorization",
        "Cookie",
        "api-key",
        "X-API-Key",
        "x-functions-key"
      })
  void credentialsDoNotGoToAnotherServer(String header) {
    HttpActivity.Wire request =
        new HttpActivity.Wire(
            "GET",
            "https://api.example/a",
            Map.of(header, List.of("secret"), "Accept", List.of("x")),
            null,
            1_000,
            true);
    assertThat(Redirects.next(request, 302, Optional.of("/b")).orElseThrow().headers())
        .containsOnlyKeys(header, "Accept");
    assertThat(
            Redirects.next(request, 302, Optional.of("https://other.example/b"))
                .orElseThrow()
                .headers())
        .containsOnlyKeys("Accept");
  }

  @Test
  void aHostThatTheJvmLetsOneChooseIsThatOfOneServer() {
    HttpActivity.Wire request =
        new HttpActivity.Wire(
            "GET",
            "https://api.example/a",
            Map.of("Host", List.of("a.example")),
            null,
            1_000,
            true);
    assertThat(Redirects.next(request, 302, Optional.of("/b")).orElseThrow().headers())
        .containsOnlyKeys("Host");
    assertThat(
            Redirects.next(request, 302, Optional.of("https://other.example/b"))
                .orElseThrow()
                .headers())
        .isEmpty();
  }

  @Test
  void nobodyIsLedFromHttpsToHttp() {
    assertThat(next("GET", 302, "http://api.example/b")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 201, 202, 300, 304, 305, 404, 500})
  void otherAnswersAreNotRedirects(int status) {
    assertThat(next("GET", status, "/b")).isEmpty();
  }

  @Test
  void anAnswerWithoutALocationIsNotFollowed() {
    assertThat(Redirects.next(request("GET"), 302, Optional.empty())).isEmpty();
  }
}
