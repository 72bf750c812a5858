package dev.perdure.http;

import dev.perdure.api.Payload;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * Serves a {@link Handler} over HTTP/1.1. Requests are handled on virtual threads, which may block;
 * one whose answer comes later occupies none. Safe from any thread.
 */
public final class HttpServerFront implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.perdure.http");
  private static final int HEADER_BYTES_MAX = 32 << 10;

  /** Bodies of so many bytes or fewer wait for no room: the number of connections bounds them. */
  static final int SMALL_BYTES_MAX = 16 << 10;

  /** How much of a larger body is read before there has to be room for it. */
  private static final int PIECE_BYTES = 64 << 10;

  /** How long a connection without a request stays open when the server is closed. */
  private static final int SHUTDOWN_IDLE_MILLIS = 50;

  /** How much of a body that is too large is read and thrown away, so that the caller gets 413. */
  private static final long DISCARDED_BYTES_MAX = 1L << 30;

  /** Those that do not run handlers. */
  private static final int PLATFORM_THREADS_MAX = 32;

  private final Handler handler;
  private final int bodyBytesMax;
  private final BodyRoom bodyRoom;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("perdure-http-", 0).factory());
  private final Server server;
  private final ServerConnector connector;
  private final Closing closing = new Closing();

  private HttpServerFront(HttpServerOptions options, Handler handler) {
    this.handler = handler;
    this.bodyBytesMax = options.bodies().bytesMax();
    this.bodyRoom = new BodyRoom(options.bodies().togetherMax(), options.bodies().patience());
    QueuedThreadPool pool = new QueuedThreadPool(PLATFORM_THREADS_MAX);
    pool.setName("perdure-http");
    pool.setVirtualThreadsExecutor(threads);
    server = new Server(pool);
    connector = new ServerConnector(server, 1, 1, connections(options));
    connector.setHost(options.host());
    connector.setPort(options.port());
    connector.setIdleTimeout(options.idle().toMillis());
    connector.setShutdownIdleTimeout(SHUTDOWN_IDLE_MILLIS);
    server.addConnector(connector);
    server.addBean(new NetworkConnectionLimit(options.connectionsMax(), connector));
    server.setHandler(new GracefulHandler(new ToHandler()));
    server.setErrorHandler(new Plain());
    server.setStopTimeout(options.grace().toMillis());
  }

  private static ConnectionFactory[] connections(HttpServerOptions options) {
    HttpConfiguration configuration = new HttpConfiguration();
    configuration.setSendServerVersion(false);
    configuration.setRequestHeaderSize(HEADER_BYTES_MAX);
    // Links hold placeholders in braces, which callers may leave in; and ids hold encoded slashes.
    // Paths are taken as they are: nobody looks for files here.
    configuration.setUriCompliance(UriCompliance.UNSAFE);
    HttpConnectionFactory http = new HttpConnectionFactory(configuration);
    SSLContext tls = options.tls();
    if (tls == null) {
      return new ConnectionFactory[] {http};
    }
    configuration.addCustomizer(new SecureRequestCustomizer(false));
    SslContextFactory.Server ssl = new SslContextFactory.Server();
    ssl.setSslContext(tls);
    return new ConnectionFactory[] {new SslConnectionFactory(ssl, http.getProtocol()), http};
  }

  /**
   * Refuses an address that is taken at this moment, so that nothing need be made for a server that
   * does not start.
   *
   * @throws IOException as {@link #start} does
   */
  public static void check(HttpServerOptions options) throws IOException {
    new ServerSocket(options.port(), 0, InetAddress.getByName(options.host())).close();
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
    } catch (IOException e) {
      front.close();
      Throwable cause = e.getCause();
      throw new IOException(cause == null ? e.getMessage() : cause.getMessage(), e);
    } catch (Exception e) {
      front.close();
      throw new IOException("The HTTP server cannot be started: " + e.getMessage(), e);
    }
    return front;
  }

  /** Hands requests to our handler, and answers to the caller. */
  private final class ToHandler extends org.eclipse.jetty.server.Handler.Abstract {
    @Override
    public boolean handle(
        org.eclipse.jetty.server.Request in,
        org.eclipse.jetty.server.Response out,
        Callback callback)
        throws IOException {
      Request head = request(in, Payload.EMPTY);
      Response refusal = refusal(head);
      if (refusal != null) {
        discard(in, Content.Source.asInputStream(in));
        send(refusal, out, callback);
        return true;
      }
      CompletionStage<Response> answer;
      try (BodyRoom.Share share = bodyRoom.share()) {
        answer =
            switch (body(in, share)) {
              case Body.Refused(Response why) -> CompletableFuture.completedFuture(why);
              case Body.Read(Payload bytes) -> {
                in.addIdleTimeoutListener(silence -> false); // an answer may take its time
                yield handler.handle(head.withBody(bytes));
              }
            };
      } catch (RuntimeException e) {
        answer = CompletableFuture.failedFuture(e);
      }
      CompletionStage<Response> unused =
          answer.whenComplete(
              (response, thrown) ->
                  send(thrown == null ? response : failure(head, thrown), out, callback));
      return true;
    }

    private @Nullable Response refusal(Request head) {
      try {
        return handler.refusal(head);
      } catch (RuntimeException e) {
        return failure(head, e);
      }
    }
  }

  /** What becomes of the body of a request. */
  private sealed interface Body {
    /** It is here. */
    record Read(Payload bytes) implements Body {}

    /** It is not taken. */
    record Refused(Response why) implements Body {}
  }

  private Body body(org.eclipse.jetty.server.Request in, BodyRoom.Share share) throws IOException {
    long length = in.getLength();
    if (length == 0) {
      return new Body.Read(Payload.EMPTY);
    }
    // Not closed before its end: that would fail what is still to come.
    InputStream stream = Content.Source.asInputStream(in);
    List<byte[]> pieces = new ArrayList<>(1);
    Response refusal = length > bodyBytesMax ? tooLarge() : null;
    int wanted = SMALL_BYTES_MAX;
    for (long come = 0; refusal == null; wanted = PIECE_BYTES) {
      byte[] piece = stream.readNBytes(wanted);
      come += piece.length;
      pieces.add(piece);
      if (come > bodyBytesMax) {
        refusal = tooLarge();
      } else if (come > SMALL_BYTES_MAX && !share.growTo(come)) {
        refusal = noRoom();
      } else if (piece.length < wanted) {
        return new Body.Read(Payload.of(joined(pieces)));
      }
    }
    pieces.clear();
    share.close();
    discard(in, stream);
    return new Body.Refused(refusal);
  }

  private static byte[] joined(List<byte[]> pieces) {
    if (pieces.size() == 1) {
      return pieces.getFirst();
    }
    ByteBuffer all = ByteBuffer.allocate(pieces.stream().mapToInt(piece -> piece.length).sum());
    pieces.forEach(all::put);
    return all.array();
  }

  /**
   * Reads what is still to come. A connection that is closed with unread data is reset, and a
   * caller that is still sending would see that instead of the answer. One that waits to be told to
   * go on ({@code Expect: 100-continue}) has sent nothing.
   */
  private static void discard(org.eclipse.jetty.server.Request in, InputStream stream)
      throws IOException {
    if (in.getHeaders().contains(HttpHeader.EXPECT)) {
      return;
    }
    byte[] buffer = new byte[64 << 10];
    long left = DISCARDED_BYTES_MAX;
    for (int count = 0; count >= 0 && left > 0; left -= count) {
      count = stream.read(buffer);
    }
  }

  private Response tooLarge() {
    return Response.json(
            413,
            Payload.of(
                "{\"Message\":\"The body of the request is larger than %d bytes, which is the most that is taken. Keep large data elsewhere and send a reference to it.\"}"
                    .formatted(bodyBytesMax)))
        .withHeader("Connection", "close"); // what is left of the body is not read
  }

  private static Response noRoom() {
    return Response.json(
            503,
            Payload.of(
                "{\"Message\":\"The server has as many large bodies of requests in memory as it may, and that did not change for a while. Try again later, send fewer at once, or give the server more memory.\"}"))
        .withHeader("Retry-After", "5")
        .withHeader("Connection", "close");
  }

  private Request request(org.eclipse.jetty.server.Request in, Payload body) {
    List<Headers.Field> fields = new ArrayList<>(in.getHeaders().size());
    for (HttpField field : in.getHeaders()) {
      String value = field.getValue();
      fields.add(new Headers.Field(field.getName(), value == null ? "" : value));
    }
    String path = in.getHttpURI().getPath();
    return new Request(
        in.getMethod(),
        path == null ? "/" : path,
        in.getHttpURI().getQuery(),
        Headers.of(fields),
        body,
        in.isSecure(),
        Map.of(),
        closing);
  }

  private static Response failure(Request request, Throwable thrown) {
    Throwable cause = thrown;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String id = UUID.randomUUID().toString();
    LOG.log(System.Logger.Level.ERROR, request + " failed unexpectedly, error " + id, cause);
    return Response.json(
        500,
        Payload.of(
            "{\"Message\":\"The server failed in a way that it should not. Its log tells more under error %s.\"}"
                .formatted(id)));
  }

  private static void send(
      Response response, org.eclipse.jetty.server.Response out, Callback callback) {
    try {
      out.setStatus(response.status());
      for (Headers.Field field : response.headers().fields()) {
        if (!field.name().equalsIgnoreCase("Content-Length")) { // it is what it is
          out.getHeaders().add(field.name(), field.value());
        }
      }
      byte[] body = response.body().bytes();
      if (response.status() != 204 && response.status() != 304) {
        out.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
      }
      out.write(true, ByteBuffer.wrap(body), callback);
    } catch (RuntimeException e) {
      callback.failed(e); // or the caller would wait for ever
    }
  }

  /** What Jetty answers by itself, such as to what is not HTTP: a line of text. */
  private static final class Plain extends ErrorHandler {
    @Override
    public boolean handle(
        org.eclipse.jetty.server.Request in,
        org.eclipse.jetty.server.Response out,
        Callback callback) {
      out.getHeaders().put(HttpHeader.CONTENT_TYPE, Response.TEXT);
      String text =
          switch (out.getStatus()) {
            case 400 -> "The request is not one of HTTP/1.1.\n";
            case 414, 431 -> "The address or the headers of the request are too long.\n";
            case 503 -> "The server is being closed.\n";
            default -> "The request cannot be answered.\n";
          };
      out.write(true, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), callback);
      return true;
    }
  }

  /** The port that it listens on. */
  public int port() {
    return connector.getLocalPort();
  }

  /** Takes no more connections, waits a little for requests that are under way, and ends. */
  @Override
  public void close() {
    closing.begin();
    try {
      server.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Some HTTP requests were still under way: {0}",
          e.toString());
    } finally {
      threads.shutdownNow();
    }
  }
}
