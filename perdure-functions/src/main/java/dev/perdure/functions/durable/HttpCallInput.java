package dev.perdure.functions.durable;

import dev.perdure.api.DurableHttpRequest;
import dev.perdure.engine.http.InvalidHttpRequestException;
import dev.perdure.functions.text.TimeSpans;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A request as the durable library writes it: a list of one object with {@code method}, {@code
 * uri}, {@code headers}, {@code content}, {@code tokenSource}, {@code timeout} and {@code
 * retryOptions}. Keys are read without regard to case, others are ignored.
 *
 * @param request what to ask
 * @param failing the statuses that fail the activity; empty for all but 200 to 299, null for none
 */
record HttpCallInput(DurableHttpRequest request, @Nullable Set<Integer> failing) {

  /** Whether an answer with a status is a failure, and not a result. */
  boolean isFailure(int status) {
    if (failing == null) {
      return false;
    }
    return failing.isEmpty() ? status < 200 || status > 299 : failing.contains(status);
  }

  /**
   * Reads the input of the activity.
   *
   * @throws InvalidHttpRequestException if it is not a request; the message does not quote it
   */
  static HttpCallInput read(@Nullable Object input) {
    Object only = input instanceof List<?> list && list.size() == 1 ? list.getFirst() : input;
    Map<String, @Nullable Object> call = object(only);
    if (call == null) {
      throw wrong("is not a list of one request", "Use DurableHttp.callHttp.");
    }
    if (call.get("tokenSource") != null) {
      throw wrong(
          "asks for a token of a managed identity, which there is in Azure only",
          "Put an Authorization header into the request, from an activity that fetches a token.");
    }
    String method = text(call, "method");
    if (method == null || method.isBlank()) {
      throw wrong("has no method", "Name one, such as GET.");
    }
    String body = text(call, "content");
    try {
      return new HttpCallInput(
          new DurableHttpRequest(
              method.strip(),
              address(text(call, "uri")),
              headers(call.get("headers"), body),
              body,
              false,
              timeout(text(call, "timeout")),
              null),
          failing(call.get("retryOptions")));
    } catch (InvalidHttpRequestException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new InvalidHttpRequestException(String.valueOf(e.getMessage()));
    }
  }

  private static URI address(@Nullable String uri) {
    if (uri == null || uri.isBlank()) {
      throw wrong("has no uri", "Give it an address such as https://example.com/path.");
    }
    try {
      return new URI(uri.strip());
    } catch (URISyntaxException e) {
      throw wrong(
          "has a uri that is no address (%s at position %d)".formatted(e.getReason(), e.getIndex()),
          "Encode what HTTP does not allow there, such as %20 for a space.");
    }
  }

  private static Map<String, List<String>> headers(@Nullable Object value, @Nullable String body) {
    Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    Map<String, @Nullable Object> given = object(value);
    if (given == null && value != null) {
      throw wrong("has headers that are not an object", "Give names and their values.");
    }
    if (given != null) {
      given.forEach(
          (name, header) -> {
            if (header != null) {
              headers.put(name, texts(name, header));
            }
          });
    }
    String type = String.join(",", headers.getOrDefault("Content-Type", List.of()));
    if (type.toLowerCase(Locale.ROOT).startsWith("multipart/")) {
      throw wrong(
          "has the content type " + type.replaceFirst(";.*", ""),
          "A body in parts is not text; send it from an activity of your own.");
    }
    if (body != null && type.isEmpty()) {
      headers.put("Content-Type", List.of("text/plain; charset=utf-8"));
    }
    return headers;
  }

  private static List<String> texts(String name, Object header) {
    List<String> texts = new ArrayList<>();
    for (Object value : header instanceof List<?> list ? list : List.of(header)) {
      if (!(value instanceof String text)) {
        throw wrong(
            "has a header '%s' whose value is not a text".formatted(name),
            "Give it a text, or a list of texts.");
      }
      texts.add(text);
    }
    return texts;
  }

  private static Duration timeout(@Nullable String span) {
    try {
      return span == null ? DurableHttpRequest.DEFAULT_TIMEOUT : TimeSpans.parse(span);
    } catch (IllegalArgumentException e) {
      throw wrong("has a timeout that cannot be: " + e.getMessage());
    }
  }

  private static @Nullable Set<Integer> failing(@Nullable Object value) {
    Map<String, @Nullable Object> options = object(value);
    if (options == null) {
      return null;
    }
    Set<Integer> failing = new HashSet<>();
    if (options.get("statusCodesToRetry") instanceof List<?> codes) {
      for (Object code : codes) {
        if (!(code instanceof Number number)) {
          throw wrong(
              "has statusCodesToRetry that are not all numbers", "Use numbers, such as 503.");
        }
        failing.add(number.intValue());
      }
    }
    return failing;
  }

  private static @Nullable String text(Map<String, @Nullable Object> object, String key) {
    Object value = object.get(key);
    if (value != null && !(value instanceof String)) {
      throw wrong("has a %s that is not a text".formatted(key), "Use DurableHttp.callHttp.");
    }
    return (String) value;
  }

  /** An object whose keys are found whatever their case; null if it is none. */
  private static @Nullable Map<String, @Nullable Object> object(@Nullable Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      return null;
    }
    Map<String, @Nullable Object> object = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    map.forEach((key, member) -> object.put((String) key, member));
    return object;
  }

  private static InvalidHttpRequestException wrong(String what, String remedy) {
    return wrong(what + ". " + remedy);
  }

  private static InvalidHttpRequestException wrong(String what) {
    return new InvalidHttpRequestException(
        "callHttp: the input of '%s' %s".formatted(HttpCalls.NAME, what));
  }
}
