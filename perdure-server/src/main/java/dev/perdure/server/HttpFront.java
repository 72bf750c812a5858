package dev.perdure.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.perdure.grpc.ServerStartException;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/**
 * Health and metrics over HTTP: {@code /health/live} says that the process works, {@code
 * /health/ready} that it takes calls, {@code /metrics} gives figures in the format of Prometheus.
 * None of it tells anything of payloads.
 */
final class HttpFront implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService executor;

  private HttpFront(HttpServer server, ExecutorService executor) {
    this.server = server;
    this.executor = executor;
  }

  @FunctionalInterface
  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  static HttpFront start(
      String host, int port, BooleanSupplier ready, PrometheusMeterRegistry registry) {
    HttpServer server;
    try {
      server = HttpServer.create(new InetSocketAddress(host, port), 0);
    } catch (IOException | IllegalArgumentException e) {
      throw new ServerStartException(
          ServerStartException.ADDRESS,
          "The server cannot listen for HTTP on %s, port %d: %s. Another program may use the port; choose another with --http-port, or none with --http-port none."
              .formatted(host, port, e.getMessage()),
          e);
    }
    ExecutorService executor =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("perdure-http-", 0).factory());
    server.setExecutor(executor);
    get(server, "/health/live", exchange -> text(exchange, 200, "live\n"));
    get(
        server,
        "/health/ready",
        exchange -> {
          if (ready.getAsBoolean()) {
            text(exchange, 200, "ready\n");
          } else {
            text(exchange, 503, "not ready\n");
          }
        });
    get(server, "/metrics", exchange -> text(exchange, 200, registry.scrape()));
    get(
        server,
        "/",
        exchange ->
            text(exchange, 404, "There are /health/live, /health/ready and /metrics here.\n"));
    server.start();
    return new HttpFront(server, executor);
  }

  private static void get(HttpServer server, String path, Answer answer) {
    server.createContext(
        path,
        exchange -> {
          try (exchange) {
            boolean exact = exchange.getRequestURI().getPath().equals(path) || path.equals("/");
            if (!exchange.getRequestMethod().equals("GET")
                && !exchange.getRequestMethod().equals("HEAD")) {
              exchange.getResponseHeaders().set("Allow", "GET, HEAD");
              text(exchange, 405, "Only GET and HEAD are allowed here.\n");
            } else if (exact) {
              answer.to(exchange);
            } else {
              text(exchange, 404, "There is nothing at this address.\n");
            }
          }
        });
  }

  private static void text(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head ? -1 : bytes.length);
    if (!head) {
      exchange.getResponseBody().write(bytes);
    }
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
