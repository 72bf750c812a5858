package dev.perdure.http;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Decides who is let in. Safe from any thread. */
public final class Access {
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|.+\\.localhost|127\\.\\d+\\.\\d+\\.\\d+|\\[::1]");

  private final List<byte[]> hashes;

  private Access(List<byte[]> hashes) {
    this.hashes = hashes;
  }

  /**
   * Lets in whoever has one of some keys, in the header {@code x-functions-key} or, without that
   * header, in the query parameter {@code code}.
   */
  public static Access byKey(String... keys) {
    if (keys.length == 0) {
      throw new IllegalArgumentException("There is no key, so nobody could be let in. Give one.");
    }
    return new Access(Stream.of(keys).map(Access::hash).toList());
  }

  /**
   * Lets in everybody on this machine, for servers that listen on loopback only. Web pages from
   * elsewhere are kept out, which a browser on this machine might show: requests must name this
   * machine as their host and, if they name an origin, as that too.
   */
  public static Access local() {
    return new Access(List.of());
  }

  private static byte[] hash(String key) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java runtime has SHA-256", e);
    }
  }

  /** The answer to a request that is not let in; null if it is. */
  public @Nullable Response refusal(Request request) {
    return hashes.isEmpty() ? strangerRefusal(request) : keyRefusal(request);
  }

  private @Nullable Response keyRefusal(Request request) {
    String header = request.headers().first("x-functions-key");
    String key = header == null ? request.query().first("code") : header;
    if (key == null) {
      return Response.empty(401);
    }
    byte[] hash = hash(key);
    boolean known = false;
    for (byte[] one : hashes) {
      known |= MessageDigest.isEqual(one, hash); // all are compared, in constant time
    }
    return known ? null : Response.empty(401);
  }

  private static @Nullable Response strangerRefusal(Request request) {
    String host = request.headers().first("Host");
    String origin = request.headers().first("Origin");
    if ((host == null || isLoopback(withoutPort(host)))
        && (origin == null || isLoopback(hostOf(origin)))) {
      return null;
    }
    return Response.text(
        403,
        "This server can be used without a key from this machine only, and this request names"
            + " another host or comes from a web page of one. Call it as localhost, or have it"
            + " demand a key.\n");
  }

  private static String withoutPort(String host) {
    int colon = host.lastIndexOf(':');
    return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
  }

  private static String hostOf(String origin) {
    try {
      String host = URI.create(origin).getHost();
      return host == null ? origin : host;
    } catch (IllegalArgumentException e) {
      return origin;
    }
  }

  private static boolean isLoopback(String host) {
    return LOOPBACK.matcher(host.toLowerCase(Locale.ROOT)).matches();
  }
}
