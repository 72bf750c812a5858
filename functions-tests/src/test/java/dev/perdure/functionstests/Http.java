package dev.perdure.functionstests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Calls a host over HTTP. */
final class Http {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final HttpClient client = HttpClient.newHttpClient();
  private final String base;

  Http(int port) {
    this.base = "http://localhost:" + port;
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return client.send(request.timeout(PATIENCE).build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static URI uri(String base, String address) {
    return URI.create(address.startsWith("http") ? address : base + address);
  }

  HttpResponse<String> get(String address) {
    return send(HttpRequest.newBuilder(uri(base, address)));
  }

  /** A page of a list; the first if there is no token. */
  HttpResponse<String> getPage(String address, String token) {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(base, address));
    return send(token == null ? request : request.header("x-ms-continuation-token", token));
  }

  HttpResponse<String> post(String address, String body) {
    return send(HttpRequest.newBuilder(uri(base, address)).POST(BodyPublishers.ofString(body)));
  }

  HttpResponse<String> postJson(String address, String json) {
    return send(
        HttpRequest.newBuilder(uri(base, address))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json)));
  }

  HttpResponse<String> delete(String address) {
    return send(HttpRequest.newBuilder(uri(base, address)).DELETE());
  }

  /** Starts an orchestration as callers of the app do; gives its id. */
  String start(String orchestrator, String input) {
    HttpResponse<String> started = post("/api/orchestrators/" + orchestrator, input);
    if (started.statusCode() != 202) {
      throw new AssertionError(started.statusCode() + ": " + started.body());
    }
    return location(started).replaceAll(".*/instances/([^?]+).*", "$1");
  }

  /** Asks again until the answer has a text; gives the answer. */
  String await(String address, String text) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      String body = get(address).body();
      if (body.contains(text)) {
        return body;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("There is no '%s' in %s".formatted(text, body));
      }
      Thread.sleep(20); // between two questions
    }
  }

  static String location(HttpResponse<String> response) {
    return response.headers().firstValue("Location").orElseThrow();
  }

  /** The address of an instance below the durable API. */
  static String instance(String id) {
    return "/runtime/webhooks/durabletask/instances/" + id;
  }
}
