package dev.perdure.engine.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.DurableHttpRequest;
import dev.perdure.api.DurableHttpResponse;
import dev.perdure.api.RetryPolicy;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpPollingTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private static final DurableHttpRequest REQUEST =
      new DurableHttpRequest(
          "POST",
          URI.create("https://api.example/v1/jobs?x=1"),
          Map.of(
              "Authorization", List.of("Bearer t"),
              "Accept", List.of("a", "b"),
              "content-type", List.of("application/json"),
              "Content-Encoding", List.of("gzip"),
              "Idempotency-Key", List.of("k")),
          "{}",
          true,
          Duration.ofSeconds(7),
          RetryPolicy.of(3, Duration.ofSeconds(1)));

  private static DurableHttpResponse accepted(String... headers) {
    return answer(202, headers);
  }

  private static DurableHttpResponse answer(int status, String... headers) {
    return new DurableHttpResponse(
        status,
        headers.length == 2
            ? Map.of(headers[0], List.of(headers[1]))
            : headers.length == 4
                ? Map.of(headers[0], List.of(headers[1]), headers[2], List.of(headers[3]))
                : Map.of(),
        null);
  }

  private static HttpPolling.Poll poll(DurableHttpResponse answer) {
    return HttpPolling.next(REQUEST, answer, NOW).orElseThrow();
  }

  @Test
  void anAcceptedRequestIsFollowedByAGetOfTheLocation() {
    DurableHttpRequest next = poll(accepted("location", "https://api.example/v1/jobs/7")).request();

    assertThat(next.method()).isEqualTo("GET");
    assertThat(next.uri()).hasToString("https://api.example/v1/jobs/7");
    assertThat(next.body()).isNull();
    assertThat(next.pollOn202()).isTrue();
    assertThat(next.timeout()).isEqualTo(REQUEST.timeout());
    assertThat(next.retry()).isEqualTo(REQUEST.retry());
  }

  @Test
  void headersGoAlongExceptThoseAboutTheBodyAndTheKeyOfTheOperation() {
    assertThat(poll(accepted("location", "/v1/jobs/7")).request().headers())
        .isEqualTo(Map.of("Authorization", List.of("Bearer t"), "Accept", List.of("a", "b")));
  }

  @ParameterizedTest
  @CsvSource({
    "/done, https://api.example/done",
    "jobs/7, https://api.example/v1/jobs/7",
    "?id=7, https://api.example/v1/jobs?id=7",
    "../../up?id=8, https://api.example/up?id=8",
    "./x/../y, https://api.example/v1/y",
    "'', https://api.example/v1/jobs?x=1",
    "//other.example/x, https://other.example/x",
    "' /spaces ', https://api.example/spaces"
  })
  void aRelativeLocationIsResolved(String location, String resolved) {
    assertThat(poll(accepted("location", location)).request().uri()).hasToString(resolved);
  }

  @ParameterizedTest
  @CsvSource({
    "https://api.example/x, true",
    "https://API.example:443/x, true",
    "https://api.example:8443/x, false",
    "http://api.example/x, false",
    "https://other.example/x, false"
  })
  void credentialsGoToTheSameServerOnly(String location, boolean kept) {
    assertThat(
            poll(accepted("location", location)).request().headers().containsKey("Authorization"))
        .isEqualTo(kept);
    assertThat(poll(accepted("location", location)).request().headers()).containsKey("Accept");
  }

  @Test
  void otherAnswersAreTheResult() {
    assertThat(HttpPolling.next(REQUEST, answer(200, "location", "/x"), NOW)).isEmpty();
    assertThat(HttpPolling.next(REQUEST, answer(201, "location", "/x"), NOW)).isEmpty();
    assertThat(HttpPolling.next(REQUEST, answer(303, "location", "/x"), NOW)).isEmpty();
  }

  @Test
  void whoDoesNotWantPollingGetsThe202() {
    assertThat(HttpPolling.next(REQUEST.withPolling(false), accepted("location", "/x"), NOW))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://api.example/x", "mailto:a@b.example", "ht tp://", "http:///x"})
  void a202WithoutAnAddressThatCanBeAskedIsTheResult(String location) {
    assertThat(HttpPolling.next(REQUEST, accepted(), NOW)).isEqualTo(Optional.empty());
    assertThat(HttpPolling.next(REQUEST, accepted("location", location), NOW)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "5, PT5S",
    "0, PT0S",
    "' 7 ', PT7S",
    "86400, PT24H",
    "86401, PT24H",
    "99999999999999999999999, PT24H",
    "'Fri, 02 Jan 2026 03:04:35 GMT', PT30S",
    "'Fri, 02 Jan 2026 03:00:00 GMT', PT0S",
    "'Sat, 02 Jan 2027 03:00:00 GMT', PT24H",
    "-3, PT1S",
    "1.5, PT1S",
    "soon, PT1S",
    "'', PT1S"
  })
  void theServerSaysHowLongToWaitUpToADay(String retryAfter, Duration delay) {
    assertThat(poll(accepted("location", "/x", "retry-after", retryAfter)).delay())
        .isEqualTo(delay);
  }

  @Test
  void aServerThatDoesNotSayIsAskedAgainAfterASecond() {
    assertThat(poll(accepted("location", "/x")).delay()).isEqualTo(Duration.ofSeconds(1));
  }
}
