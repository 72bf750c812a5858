package dev.perdure.engine.http;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Which headers of a request may go along when the next one goes somewhere else. */
final class HeaderRules {
  /** What tells a server who is asking; another server must not learn it. */
  private static final Set<String> CREDENTIALS =
      Set.of(
          "authorization",
          "proxy-authorization",
          "cookie",
          "api-key",
          "x-api-key",
          "x-functions-key");

  /** Besides {@code Content-*}, what describes a body that the next request does not have. */
  private static final Set<String> ABOUT_THE_BODY =
      Set.of("transfer-encoding", "trailer", "expect", "digest");

  private HeaderRules() {}

  /** The headers without those that describe a body. */
  static Map<String, List<String>> withoutBody(Map<String, List<String>> headers) {
    return without(headers, name -> name.startsWith("content-") || ABOUT_THE_BODY.contains(name));
  }

  /**
   * The headers that may be sent to another address: to another server neither credentials nor the
   * name of the first one, which a request has if the JVM was told to let it choose one.
   */
  static Map<String, List<String>> forAddress(Map<String, List<String>> headers, URI from, URI to) {
    return isSameOrigin(from, to)
        ? headers
        : without(headers, name -> CREDENTIALS.contains(name) || name.equals("host"));
  }

  static Map<String, List<String>> without(
      Map<String, List<String>> headers, Predicate<String> lowerCaseName) {
    Map<String, List<String>> kept = new TreeMap<>(headers);
    kept.keySet().removeIf(name -> lowerCaseName.test(name.toLowerCase(Locale.ROOT)));
    return kept;
  }

  private static boolean isSameOrigin(URI a, URI b) {
    return a.getScheme().equalsIgnoreCase(b.getScheme())
        && String.valueOf(a.getHost()).equalsIgnoreCase(b.getHost())
        && portOf(a) == portOf(b);
  }

  private static int portOf(URI uri) {
    if (uri.getPort() != -1) {
      return uri.getPort();
    }
    return "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
  }
}
