package dev.perdure.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a {@link DurableHttpRequest}.
 *
 * @param statusCode the HTTP status
 * @param headers header names in lower case, and their values
 * @param body the body as text; null if there was none
 */
public record DurableHttpResponse(
    int statusCode, Map<String, List<String>> headers, @Nullable String body) {

  /** Copies the headers, with their names in lower case. */
  public DurableHttpResponse {
    headers = DurableHttpRequest.copy(inLowerCase(headers));
  }

  private static Map<String, List<String>> inLowerCase(Map<String, List<String>> headers) {
    Map<String, List<String>> lower = new TreeMap<>();
    headers.forEach(
        (name, values) ->
            lower
                .computeIfAbsent(name.toLowerCase(Locale.ROOT), absent -> new ArrayList<>())
                .addAll(values));
    return lower;
  }

  /** The first value of a header, whatever its case. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)))
        .filter(values -> !values.isEmpty())
        .map(List::getFirst);
  }
}
