package dev.perdure.engine.http;

import java.net.URI;
import java.util.Optional;

/** Addresses that servers name, and addresses as messages may show them. */
final class Addresses {
  private Addresses() {}

  /**
   * What a Location header means, by RFC 3986, section 5.2; empty if it is not an http or https
   * address.
   */
  static Optional<URI> resolve(URI base, String location) {
    try {
      URI resolved = withoutDots(base.resolve(withPath(base, location.strip())));
      return isHttp(resolved) && resolved.getHost() != null
          ? Optional.of(resolved)
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The JDK follows RFC 2396, in which a reference without a path is one to the directory. */
  private static String withPath(URI base, String reference) {
    String path = base.getRawPath().isEmpty() ? "/" : base.getRawPath();
    if (reference.startsWith("?")) {
      return path + reference;
    }
    return reference.isEmpty() || reference.startsWith("#")
        ? path + (base.getRawQuery() == null ? "" : "?" + base.getRawQuery()) + reference
        : reference;
  }

  /** The JDK leaves the dots of references that lead above the root. */
  private static URI withoutDots(URI uri) {
    String path = uri.getRawPath();
    if (path == null || !(path.startsWith("/../") || path.equals("/.."))) {
      return uri;
    }
    String rest = path;
    while (rest.startsWith("/../") || rest.equals("/..")) {
      rest = rest.length() == 3 ? "/" : rest.substring(3);
    }
    String text = uri.toString();
    int at = text.indexOf(path);
    return URI.create(text.substring(0, at) + rest + text.substring(at + path.length()));
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
