package dev.perdure.http;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where callers reach a server, as far as a request tells: what links begin with.
 *
 * @param scheme {@code http} or {@code https}
 * @param authority the host, with the port if it is not the usual one
 * @param prefix a path that a proxy puts in front of all paths; empty for none, else beginning with
 *     a slash
 */
public record Origin(String scheme, String authority, String prefix) {
  private static final Pattern AUTHORITY = Pattern.compile("[A-Za-z0-9._~:\\[\\]-]{1,255}");
  private static final Pattern PREFIX = Pattern.compile("(/[A-Za-z0-9._~-]+)+");

  /**
   * Reads it from a request.
   *
   * @param trustForwarded whether to believe what a proxy says in {@code Forwarded}, or else in
   *     {@code X-Forwarded-Host}, {@code X-Forwarded-Proto} and {@code X-Forwarded-Prefix}. Both
   *     scheme and host must be there
   */
  public static Origin of(Request request, boolean trustForwarded) {
    Origin forwarded = trustForwarded ? forwarded(request.headers()) : null;
    if (forwarded != null) {
      return forwarded;
    }
    String host = request.headers().first("Host");
    return new Origin(
        request.secure() ? "https" : "http",
        host == null || !AUTHORITY.matcher(host).matches() ? "localhost" : host,
        "");
  }

  private static @Nullable Origin forwarded(Headers headers) {
    String standard = headers.first("Forwarded");
    Origin origin =
        standard == null
            ? null
            : checked(part(first(standard), "proto"), part(first(standard), "host"), null);
    return origin != null
        ? origin
        : checked(
            first(headers.first("X-Forwarded-Proto")),
            first(headers.first("X-Forwarded-Host")),
            first(headers.first("X-Forwarded-Prefix")));
  }

  private static @Nullable Origin checked(
      @Nullable String scheme, @Nullable String host, @Nullable String prefix) {
    if (scheme == null || host == null || !AUTHORITY.matcher(host).matches()) {
      return null;
    }
    String folded = scheme.toLowerCase(Locale.ROOT);
    if (!folded.equals("http") && !folded.equals("https")) {
      return null;
    }
    String path = prefix == null ? "" : prefix.replaceAll("/+$", "");
    return new Origin(folded, host, PREFIX.matcher(path).matches() ? path : "");
  }

  /** The first of several values: what the proxy that is nearest to the caller has seen. */
  private static @Nullable String first(@Nullable String values) {
    if (values == null) {
      return null;
    }
    int comma = values.indexOf(',');
    return (comma < 0 ? values : values.substring(0, comma)).strip();
  }

  private static @Nullable String part(@Nullable String forwarded, String name) {
    if (forwarded == null) {
      return null;
    }
    for (String pair : forwarded.split(";", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0 && pair.substring(0, equals).strip().equalsIgnoreCase(name)) {
        String value = pair.substring(equals + 1).strip();
        return value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")
            ? value.substring(1, value.length() - 1)
            : value;
      }
    }
    return null;
  }

  /** An address of the server. */
  public String address(String pathAndQuery) {
    return scheme + "://" + authority + prefix + pathAndQuery;
  }
}
