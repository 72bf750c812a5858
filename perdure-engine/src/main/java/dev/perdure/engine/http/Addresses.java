package dev.perdure.engine.http;

import java.net.URI;
import java.util.Optional;

/** Addresses that servers name, and addresses as messages may show them. */
final class Addresses {
  private Addresses() {}

  /** What a Location header means; empty if it is not an http or https address. */
  static Optional<URI> resolve(URI base, String location) {
    try {
      URI resolved = base.resolve(location.strip());
      return isHttp(resolved) && resolved.getHost() != null
          ? Optional.of(resolved)
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  static boolean isHttps(URI uri) {
    return "https".equalsIgnoreCase(uri.getScheme());
  }

  private static boolean isHttp(URI uri) {
    return isHttps(uri) || "http".equalsIgnoreCase(uri.getScheme());
  }

  /** The address without user-info, query and fragment: they may hold credentials. */
  static String describe(URI uri) {
    return "%s://%s%s%s"
        .formatted(
            uri.getScheme(),
            uri.getHost(),
            uri.getPort() == -1 ? "" : ":" + uri.getPort(),
            uri.getRawPath() == null ? "" : uri.getRawPath());
  }
}
