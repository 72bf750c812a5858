package dev.perdure.http;

import dev.perdure.api.Payload;
import io.helidon.common.tls.Tls;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Serves a {@link Handler} over HTTP/1.1. Each connection has a virtual thread of its own, on which
 * its requests are answered one after the other. Safe from any thread.
 */
public final class HttpServerFront implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.perdure.http");
  private static final int PROLOGUE_BYTES_MAX = 16 << 10;
  private static final int HEADERS_BYTES_MAX = 32 << 10;
  private static final Header CLOSE = HeaderValues.CONNECTION_CLOSE;

  private final Handler handler;
  private final int bodyBytesMax;
  private final WebServer server;

  private HttpServerFront(HttpServerOptions options, Handler handler) {
    this.handler = handler;
    this.bodyBytesMax = options.bodyBytesMax();
    WebServerConfig.Builder builder =
        WebServer.builder()
            .shutdownHook(false)
            .host(options.host())
            .port(options.port())
            .maxTcpConnections(options.connectionsMax())
            .idleConnectionTimeout(options.idle())
            .shutdownGracePeriod(options.grace())
            .protocolsDiscoverServices(false)
            .addProtocol(
                Http1Config.builder()
                    .maxPrologueLength(PROLOGUE_BYTES_MAX)
                    .maxHeadersSize(HEADERS_BYTES_MAX)
                    // Links hold placeholders in braces, which callers may leave in.
                    .validatePrologue(false)
                    .validatePath(false)
                    .build())
            .routing(routing -> routing.any(this::serve));
    SSLContext tls = options.tls();
    if (tls != null) {
      builder.tls(Tls.builder().sslContext(tls).build());
    }
    this.server = builder.build();
  }

  /**
   * Starts a server.
   *
   * @throws IOException if it cannot listen there
   */
  public static HttpServerFront start(HttpServerOptions options, Handler handler)
      throws IOException {
    HttpServerFront front = new HttpServerFront(options, handler);
    try {
      front.server.start();
    } catch (RuntimeException e) {
      front.server.stop();
      for (Throwable at = e; at != null; at = at.getCause()) {
        if (at instanceof BindException || at instanceof IOException) {
          throw new IOException(at.getMessage(), e);
        }
      }
      throw e;
    }
    return front;
  }

  private void serve(ServerRequest in, ServerResponse out) {
    Response response;
    Request request = null;
    try {
      Payload body = body(in);
      if (body == null) {
        out.header(CLOSE); // what is left of the body is not read
        response = tooLarge();
      } else {
        request = request(in, body);
        response = handler.handle(request).toCompletableFuture().get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      response = Response.text(503, "The server is being closed.\n");
    } catch (ExecutionException | CompletionException e) {
      response = failure(request, e.getCause() == null ? e : e.getCause());
    } catch (UncheckedIOException e) {
      throw e; // the connection is gone
    } catch (RuntimeException e) {
      response = failure(request, e);
    }
    send(in, response, out);
  }

  private Response tooLarge() {
    return Response.json(
        413,
        Payload.of(
            "{\"Message\":\"The body of the request is larger than %d bytes, which is the most that is taken. Keep large data elsewhere and send a reference to it.\"}"
                .formatted(bodyBytesMax)));
  }

  /** The body; null if it is too large. */
  private @Nullable Payload body(ServerRequest in) {
    if (!in.content().hasEntity()) {
      return Payload.EMPTY;
    }
    if (in.headers().contentLength().orElse(0) > bodyBytesMax) {
      return null;
    }
    try (InputStream stream = in.content().inputStream()) {
      byte[] bytes = stream.readNBytes(bodyBytesMax);
      return bytes.length == bodyBytesMax && stream.read() >= 0 ? null : Payload.of(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Request request(ServerRequest in, Payload body) {
    List<Headers.Field> fields = new ArrayList<>(in.headers().size());
    for (Header header : in.headers()) {
      for (String value : header.allValues()) {
        fields.add(new Headers.Field(header.name(), value));
      }
    }
    String query = in.prologue().query().rawValue();
    return new Request(
        in.prologue().method().text(),
        in.path().absolute().rawPath(),
        query.isEmpty() ? null : query,
        Headers.of(fields),
        body,
        in.isSecure(),
        Map.of());
  }

  private static Response failure(@Nullable Request request, Throwable thrown) {
    String id = UUID.randomUUID().toString();
    LOG.log(System.Logger.Level.ERROR, request + " failed unexpectedly, error " + id, thrown);
    return Response.json(
        500,
        Payload.of(
            "{\"Message\":\"The server failed in a way that it should not. Its log tells more under error %s.\"}"
                .formatted(id)));
  }

  private static void send(ServerRequest in, Response response, ServerResponse out) {
    out.status(Status.create(response.status()));
    for (Headers.Field field : response.headers().fields()) {
      out.headers().add(HeaderValues.create(HeaderNames.create(field.name()), field.value()));
    }
    byte[] body = response.body().bytes();
    if (body.length == 0) {
      out.send();
    } else if (in.prologue().method().equals(Method.HEAD)) {
      out.contentLength(body.length);
      out.send();
    } else {
      out.send(body);
    }
  }

  /** The port that it listens on. */
  public int port() {
    return server.port();
  }

  /** Takes no more connections, waits a little for requests that are under way, and ends. */
  @Override
  public void close() {
    server.stop();
  }
}
