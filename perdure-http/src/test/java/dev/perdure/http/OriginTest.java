package dev.perdure.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Links lead to where the caller is, also through a proxy. */
class OriginTest {
  private static final Request DIRECT =
      Request.of("GET", "/x").withHeader("Host", "localhost:7071");

  private static String seen(Request request) {
    return Origin.of(request, true).address("/p");
  }

  @Test
  void withoutAProxyItIsTheHostOfTheRequest() {
    assertThat(seen(DIRECT)).isEqualTo("http://localhost:7071/p");
    assertThat(Origin.of(Request.of("GET", "/x"), true).authority()).isEqualTo("localhost");
  }

  @Test
  void aProxySaysItInItsOwnHeaders() {
    assertThat(
            seen(
                DIRECT
                    .withHeader("X-Forwarded-Host", "flows.example, inner")
                    .withHeader("X-Forwarded-Proto", "https, http")
                    .withHeader("X-Forwarded-Prefix", "/jobs/")))
        .isEqualTo("https://flows.example/jobs/p");
  }

  @Test
  void theStandardHeaderGoesFirst() {
    assertThat(
            seen(
                DIRECT
                    .withHeader(
                        "Forwarded", "for=1.2.3.4;Proto=https;host=\"a.example:8443\", for=b")
                    .withHeader("X-Forwarded-Host", "other")
                    .withHeader("X-Forwarded-Proto", "http")))
        .isEqualTo("https://a.example:8443/p");
  }

  @Test
  void halfOfItIsNotEnough() {
    assertThat(seen(DIRECT.withHeader("X-Forwarded-Host", "a"))).startsWith("http://localhost");
    assertThat(seen(DIRECT.withHeader("X-Forwarded-Proto", "https")))
        .startsWith("http://localhost");
    assertThat(seen(DIRECT.withHeader("Forwarded", "for=1.2.3.4"))).startsWith("http://localhost");
  }

  @Test
  void nonsenseIsPassedOver() {
    Request proxied = DIRECT.withHeader("X-Forwarded-Proto", "https");
    assertThat(seen(proxied.withHeader("X-Forwarded-Host", "a/b"))).startsWith("http://localhost");
    assertThat(
            seen(
                DIRECT
                    .withHeader("X-Forwarded-Host", "a")
                    .withHeader("X-Forwarded-Proto", "javascript")))
        .startsWith("http://localhost");
    assertThat(
            seen(
                proxied
                    .withHeader("X-Forwarded-Host", "a")
                    .withHeader("X-Forwarded-Prefix", "//evil\"")))
        .isEqualTo("https://a/p");
  }

  @Test
  void nobodyIsBelievedUnlessToldTo() {
    Request proxied =
        DIRECT.withHeader("X-Forwarded-Host", "a").withHeader("X-Forwarded-Proto", "https");
    assertThat(Origin.of(proxied, false).address("/p")).isEqualTo("http://localhost:7071/p");
  }
}
