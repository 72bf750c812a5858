package dev.perdure.engine.http;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a redirect leads. Followed here rather than by the JDK's client, because only some of its
 * versions keep credentials from going along to another server.
 */
final class Redirects {
  /** As many as the JDK follows; more is a loop. */
  static final int FOLLOWED_MAX = 5;

  private Redirects() {}

  /** The request to make next; empty if the answer is not a redirect, or not one to follow. */
  static Optional<HttpActivity.Wire> next(
      HttpActivity.Wire answered, int status, Optional<String> location) {
    if (!isRedirect(status) || location.isEmpty()) {
      return Optional.empty();
    }
    URI from = answered.address();
    return Addresses.resolve(from, location.get())
        .filter(to -> !Addresses.isHttps(from) || Addresses.isHttps(to))
        .map(to -> follow(answered, status, from, to));
  }

  private static boolean isRedirect(int status) {
    return switch (status) {
      case 301, 302, 303, 307, 308 -> true;
      default -> false;
    };
  }

  private static HttpActivity.Wire follow(
      HttpActivity.Wire answered, int status, URI from, URI to) {
    boolean repeats = keepsMethod(answered.method(), status);
    Map<String, List<String>> headers = HeaderRules.forAddress(answered.headers(), from, to);
    return new HttpActivity.Wire(
        repeats ? answered.method() : "GET",
        to.toString(),
        repeats ? headers : HeaderRules.withoutBody(headers),
        repeats ? answered.body() : null,
        answered.timeoutMillis(),
        answered.failOn5xx());
  }

  /** As all clients have it: 301 and 302 turn a POST into a GET, 303 turns everything but HEAD. */
  private static boolean keepsMethod(String method, int status) {
    return switch (status) {
      case 301, 302 -> !method.equals("POST");
      case 303 -> method.equals("HEAD");
      default -> true;
    };
  }
}
