package dev.perdure.http;

import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How a server listens. Immutable; start from {@link #at}.
 *
 * @param host the address to listen on
 * @param port the port; 0 picks a free one
 * @param bodies how large bodies of requests may be
 * @param connectionsMax how many connections may be open at once
 * @param idle how long a connection may be silent
 * @param grace how long closing waits for requests that are under way
 * @param tls the server's identity; null for no TLS
 */
public record HttpServerOptions(
    String host,
    int port,
    Bodies bodies,
    int connectionsMax,
    Duration idle,
    Duration grace,
    @Nullable SSLContext tls) {
  private static final int CONNECTIONS_MAX = 10_000;

  /**
   * How large bodies of requests may be, all of which is in memory.
   *
   * @param bytesMax of one; what is larger is answered with 413
   * @param togetherMax of all requests that are being read or handled, but for those of small
   *     bodies, and for one that may have more, so that bodies do not wait for each other in vain;
   *     a request for whose body there is no room waits
   * @param patience how long a request waits before it is answered with 503
   */
  public record Bodies(int bytesMax, long togetherMax, Duration patience) {
    private static final int BYTES_MAX = 64 << 20;

    /** 64 MiB for one, a quarter of the heap for all. */
    public static final Bodies DEFAULTS =
        new Bodies(BYTES_MAX, Runtime.getRuntime().maxMemory() / 4, Duration.ofSeconds(30));

    /** These limits with another one for each. */
    public Bodies withBytesMax(int bytes) {
      return new Bodies(bytes, togetherMax, patience);
    }
  }

  /** An address, and otherwise what suits most. */
  public static HttpServerOptions at(String host, int port) {
    return new HttpServerOptions(
        host,
        port,
        Bodies.DEFAULTS,
        CONNECTIONS_MAX,
        Duration.ofMinutes(2),
        Duration.ofSeconds(5),
        null);
  }

  /** These options with other limits for bodies. */
  public HttpServerOptions withBodies(Bodies chosen) {
    return new HttpServerOptions(host, port, chosen, connectionsMax, idle, grace, tls);
  }

  /** These options with another time that a connection may be silent. */
  public HttpServerOptions withIdle(Duration chosen) {
    return new HttpServerOptions(host, port, bodies, connectionsMax, chosen, grace, tls);
  }

  /** These options with another time to let requests end. */
  public HttpServerOptions withGrace(Duration chosen) {
    return new HttpServerOptions(host, port, bodies, connectionsMax, idle, chosen, tls);
  }

  /** These options with TLS. */
  public HttpServerOptions withTls(@Nullable SSLContext context) {
    return new HttpServerOptions(host, port, bodies, connectionsMax, idle, grace, context);
  }
}
