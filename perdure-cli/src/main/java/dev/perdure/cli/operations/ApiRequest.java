package dev.perdure.cli.operations;

import dev.perdure.api.Payload;
import dev.perdure.http.PercentCoding;
import dev.perdure.http.Request;
import dev.perdure.http.durable.DurableHttpApi;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A request to the API while it is put together. Not thread-safe. */
final class ApiRequest {
  private final String method;
  private final String path;
  private final StringBuilder query = new StringBuilder();
  private String token = "";
  private @Nullable String json;

  private ApiRequest(String method, String path) {
    this.method = method;
    this.path = path;
  }

  /** A request for what is below the API's own path; the segments are encoded here. */
  static ApiRequest of(String method, String... segments) {
    return new ApiRequest(
        method,
        DurableHttpApi.PATH
            + Arrays.stream(segments)
                .map(segment -> "/" + PercentCoding.encode(segment))
                .collect(Collectors.joining()));
  }

  /** Adds a parameter; none for null. */
  ApiRequest with(String name, @Nullable Object value) {
    if (value != null) {
      query
          .append(query.isEmpty() ? "?" : "&")
          .append(name)
          .append('=')
          .append(PercentCoding.encode(value.toString()));
    }
    return this;
  }

  /** Begins where the page before ended; empty for the first page. */
  ApiRequest from(String continuationToken) {
    token = continuationToken;
    return this;
  }

  /** Adds a body; none for null. */
  ApiRequest body(@Nullable String jsonText) {
    json = jsonText;
    return this;
  }

  Request build() {
    Request request = Request.of(method, path + query);
    if (!token.isEmpty()) {
      request = request.withHeader(Management.TOKEN_HEADER, token);
    }
    return json == null
        ? request
        : request.withHeader("Content-Type", "application/json").withBody(Payload.of(json));
  }
}
