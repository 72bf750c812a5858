package dev.perdure.api;

import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request made durably by {@link OrchestrationContext#callHttp}. Immutable. It is part of
 * the history: do not put secrets into it.
 *
 * @param method the HTTP method, in upper case
 * @param uri an absolute http or https address
 * @param headers header names and values
 * @param body the body as text; null for none
 * @param pollOn202 whether a 202 answer with a Location header is polled until the work is done
 * @param timeout how long one request may take
 * @param retry when to try again after an I/O error or a 5xx answer; null for a single attempt
 */
public record DurableHttpRequest(
    String method,
    URI uri,
    Map<String, List<String>> headers,
    @Nullable String body,
    boolean pollOn202,
    Duration timeout,
    @Nullable RetryPolicy retry) {

  /** How long a request may take unless told otherwise. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(100);

  /** Checks the address and copies the headers. */
  public DurableHttpRequest {
    method = method.toUpperCase(Locale.ROOT);
    String scheme = uri.getScheme();
    if (!"http".equalsIgnoreCase(scheme) && !"https".equalsIgnoreCase(scheme)) {
      throw new IllegalArgumentException(
          "callHttp: '%s' is not an absolute http or https address.".formatted(describe(uri)));
    }
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException(
          "callHttp: timeout is %s; use more than zero.".formatted(timeout));
    }
    headers = copy(headers);
  }

  /** Headers that nobody can change any more, in the order of their names, whoever asks. */
  static Map<String, List<String>> copy(Map<String, List<String>> headers) {
    Map<String, List<String>> copy = new TreeMap<>();
    headers.forEach((name, values) -> copy.put(name, List.copyOf(values)));
    return Collections.unmodifiableMap(copy);
  }

  /** A GET request. */
  public static DurableHttpRequest get(URI uri) {
    return new DurableHttpRequest("GET", uri, Map.of(), null, true, DEFAULT_TIMEOUT, null);
  }

  /** A POST request with a JSON body. */
  public static DurableHttpRequest postJson(URI uri, String json) {
    return new DurableHttpRequest(
        "POST",
        uri,
        Map.of("Content-Type", List.of("application/json")),
        json,
        true,
        DEFAULT_TIMEOUT,
        null);
  }

  /** This request with a retry policy. */
  public DurableHttpRequest withRetry(RetryPolicy policy) {
    return new DurableHttpRequest(method, uri, headers, body, pollOn202, timeout, policy);
  }

  /** This request with or without polling of 202 answers. */
  public DurableHttpRequest withPolling(boolean poll) {
    return new DurableHttpRequest(method, uri, headers, body, poll, timeout, retry);
  }

  /** This request with a bound on the time of each single request. */
  public DurableHttpRequest withTimeout(Duration bound) {
    return new DurableHttpRequest(method, uri, headers, body, pollOn202, bound, retry);
  }

  /** Method and address, without user-info and query; headers and body may hold credentials too. */
  @Override
  public String toString() {
    return "DurableHttpRequest[%s %s]".formatted(method, describe(uri));
  }

  private static String describe(URI uri) {
    if (uri.isOpaque()) {
      return uri.getScheme() + ":...";
    }
    return "%s%s%s%s"
        .formatted(
            uri.getScheme() == null ? "" : uri.getScheme() + ":",
            uri.getRawAuthority() == null
                ? ""
                : "//" + (uri.getHost() == null ? "..." : uri.getHost()),
            uri.getPort() == -1 ? "" : ":" + uri.getPort(),
            uri.getRawPath());
  }
}
