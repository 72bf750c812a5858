package dev.perdure.engine.http;

import dev.perdure.api.DurableHttpRequest;
import dev.perdure.api.DurableHttpResponse;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What follows from an answer that says "not done yet, look there". Pure. */
public final class HttpPolling {
  /** The wait where the server does not say how long. */
  static final Duration DELAY_DEFAULT = Duration.ofSeconds(1);

  /** A server that asks for more is asked again after this. */
  static final Duration DELAY_MAX = Duration.ofDays(1);

  /** More digits are more than a day in any case, and may not fit a long. */
  private static final int SECONDS_DIGITS_MAX = 10;

  private HttpPolling() {}

  /**
   * The next look at an operation that goes on.
   *
   * @param request a GET of the address to look at
   * @param delay how long to wait before
   */
  public record Poll(DurableHttpRequest request, Duration delay) {}

  /**
   * Decides whether to look again, and where.
   *
   * @param answered the request that the answer is for: the user's own, or the previous poll
   * @param now the orchestration's time, for answers that name a time
   * @return empty if the answer is the result: its status is not 202, polling is off, or it names
   *     no address
   */
  public static Optional<Poll> next(
      DurableHttpRequest answered, DurableHttpResponse answer, Instant now) {
    if (answer.statusCode() != 202 || !answered.pollOn202()) {
      return Optional.empty();
    }
    return answer
        .header("location")
        .flatMap(location -> Addresses.resolve(answered.uri(), location))
        .map(address -> new Poll(get(answered, address), delay(answer, now)));
  }

  private static DurableHttpRequest get(DurableHttpRequest answered, URI address) {
    Map<String, List<String>> headers = HeaderRules.withoutBody(answered.headers());
    // The key was for the operation that has been accepted; a look at it is another request.
    headers = HeaderRules.without(headers, "idempotency-key"::equals);
    headers = HeaderRules.forAddress(headers, answered.uri(), address);
    return new DurableHttpRequest(
        "GET", address, headers, null, true, answered.timeout(), answered.retry());
  }

  private static Duration delay(DurableHttpResponse answer, Instant now) {
    Duration asked =
        answer.header("retry-after").map(text -> parse(text, now)).orElse(DELAY_DEFAULT);
    if (asked.isNegative()) {
      return Duration.ZERO;
    }
    return asked.compareTo(DELAY_MAX) > 0 ? DELAY_MAX : asked;
  }

  /** Seconds, or a date as HTTP writes it; the default if it is neither. */
  private static Duration parse(String header, Instant now) {
    String text = header.strip();
    if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return text.length() > SECONDS_DIGITS_MAX
          ? DELAY_MAX
          : Duration.ofSeconds(Long.parseLong(text));
    }
    try {
      Instant at = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return Duration.between(now, at);
    } catch (DateTimeException e) {
      return DELAY_DEFAULT;
    }
  }
}
