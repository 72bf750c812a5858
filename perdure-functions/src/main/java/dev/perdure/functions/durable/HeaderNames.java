package dev.perdure.functions.durable;

import java.util.List;
import java.util.TreeMap;

/**
 * How the names of headers are usually spelled. Code that looks for {@code Location} in a map finds
 * it whatever the server wrote, as with the reference host; HTTP/2 has lower case only.
 */
final class HeaderNames {
  private static final TreeMap<String, String> USUAL = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  static {
    for (String name :
        List.of(
            "Accept-Ranges",
            "Access-Control-Allow-Credentials",
            "Access-Control-Allow-Headers",
            "Access-Control-Allow-Methods",
            "Access-Control-Allow-Origin",
            "Access-Control-Expose-Headers",
            "Access-Control-Max-Age",
            "Age",
            "Allow",
            "Alt-Svc",
            "Cache-Control",
            "Connection",
            "Content-Disposition",
            "Content-Encoding",
            "Content-Language",
            "Content-Length",
            "Content-Location",
            "Content-MD5",
            "Content-Range",
            "Content-Security-Policy",
            "Content-Type",
            "Date",
            "ETag",
            "Expires",
            "Keep-Alive",
            "Last-Modified",
            "Link",
            "Location",
            "Pragma",
            "Proxy-Authenticate",
            "Referrer-Policy",
            "Retry-After",
            "Server",
            "Set-Cookie",
            "Strict-Transport-Security",
            "Trailer",
            "Transfer-Encoding",
            "Upgrade",
            "Vary",
            "Via",
            "Warning",
            "WWW-Authenticate",
            "X-Content-Type-Options",
            "X-Frame-Options",
            "X-Powered-By",
            "X-Request-ID",
            "X-XSS-Protection")) {
      USUAL.put(name, name);
    }
  }

  private HeaderNames() {}

  /** The usual spelling of a name; the name itself if it is not a well-known one. */
  static String usual(String name) {
    return USUAL.getOrDefault(name, name);
  }
}
