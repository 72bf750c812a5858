package dev.perdure.http;

import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How a server listens. Immutable; start from {@link #at}.
 *
 * @param host the address to listen on
 * @param port the port; 0 picks a free one
 * @param bodyBytesMax the largest body of a request; what is larger is answered with 413
 * @param connectionsMax how many connections may be open at once
 * @param idle how long a connection may be silent
 * @param grace how long closing waits for requests that are under way
 * @param tls the server's identity; null for no TLS
 */
public record HttpServerOptions(
    String host,
    int port,
    int bodyBytesMax,
    int connectionsMax,
    Duration idle,
    Duration grace,
    @Nullable SSLContext tls) {
  private static final int BODY_BYTES_MAX = 64 << 20;
  private static final int CONNECTIONS_MAX = 10_000;

  /** An address, and otherwise what suits most. */
  public static HttpServerOptions at(String host, int port) {
    return new HttpServerOptions(
        host,
        port,
        BODY_BYTES_MAX,
        CONNECTIONS_MAX,
        Duration.ofMinutes(2),
        Duration.ofSeconds(5),
        null);
  }

  /** These options with another limit for bodies. */
  public HttpServerOptions withBodyBytesMax(int bytes) {
    return new HttpServerOptions(host, port, bytes, connectionsMax, idle, grace, tls);
  }

  /** These options with another time that a connection may be silent. */
  public HttpServerOptions withIdle(Duration chosen) {
    return new HttpServerOptions(host, port, bodyBytesMax, connectionsMax, chosen, grace, tls);
  }

  /** These options with another time to let requests end. */
  public HttpServerOptions withGrace(Duration chosen) {
    return new HttpServerOptions(host, port, bodyBytesMax, connectionsMax, idle, chosen, tls);
  }

  /** These options with TLS. */
  public HttpServerOptions withTls(@Nullable SSLContext context) {
    return new HttpServerOptions(host, port, bodyBytesMax, connectionsMax, idle, grace, context);
  }
}
