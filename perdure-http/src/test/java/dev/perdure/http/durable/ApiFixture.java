package dev.perdure.http.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.Entity;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.TaskOptions;
import dev.perdure.engine.Engine;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.http.Access;
import dev.perdure.http.HttpServerFront;
import dev.perdure.http.HttpServerOptions;
import dev.perdure.http.HttpServerOptions.Bodies;
import dev.perdure.http.Router;
import dev.perdure.json.HistoryJson;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.Store;
import dev.perdure.store.memory.MemoryStore;
import dev.perdure.testing.LivenessAudit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server of one hub in memory whose functions are in this process, and a client of it. */
final class ApiFixture implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(30);
  static final int BODY_BYTES_MAX = 5_000_000;

  private static final JsonMapper MAPPER = new JsonMapper();

  final AtomicBoolean broken = new AtomicBoolean(true);
  final TaskHub hub;
  private final Store store = new MemoryStore(4);
  private final Engine engine;
  private final LivenessAudit audit;
  private final HttpServerFront server;
  private final HttpClient client = HttpClient.newHttpClient();

  @Entity
  static class Counter {
    int value;

    void add(int n) {
      value += n;
    }

    void fromText(String number) {
      value += Integer.parseInt(number);
    }
  }

  ApiFixture() {
    this(DurableHttpOptions.of(Access.local(), null));
  }

  ApiFixture(DurableHttpOptions options) {
    FunctionRegistry functions = functions();
    engine =
        Engine.start(
            store,
            functions,
            new JacksonDataConverter(),
            EngineOptions.DEFAULTS.withShutdownGrace(Duration.ofSeconds(2)));
    audit = LivenessAudit.of(engine.client());
    hub = new TaskHub("MyHub", engine, KnownFunctions.of(functions));
    try {
      server =
          HttpServerFront.start(
              HttpServerOptions.at("127.0.0.1", 0)
                  .withBodies(Bodies.DEFAULTS.withBytesMax(BODY_BYTES_MAX)),
              new Diagnosis(TaskHubs.of(hub), options.access(), HistoryJson::write)
                  .addTo(Router.builder())
                  .below(DurableHttpApi.PATH, new DurableHttpApi(TaskHubs.of(hub), options))
                  .build());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private FunctionRegistry functions() {
    return FunctionRegistry.builder()
        .orchestrator("Echo", Object.class, (ctx, x) -> x)
        .orchestrator("Version", "2", ctx -> "two")
        .orchestrator(
            "Wait",
            Object.class,
            (ctx, x) -> {
              ctx.setCustomStatus("waiting");
              return ctx.waitForExternalEvent("go", Object.class).await();
            })
        .orchestrator(
            "Fail",
            ctx -> {
              throw new IllegalStateException("on purpose");
            })
        .orchestrator("Fragile", ctx -> ctx.callActivity("Break", null, String.class).await())
        .orchestrator(
            "Cities",
            ctx ->
                List.of(
                    ctx.callActivity("Shout", "Tokyo", String.class).await(),
                    ctx.callActivity("Shout", "London", String.class).await()))
        .orchestrator(
            "Family",
            ctx ->
                ctx.callSubOrchestrator(
                        "Wait",
                        "child input",
                        TaskOptions.NONE.withInstanceId(ctx.instanceId() + "-child"),
                        Object.class)
                    .await())
        .orchestrator(
            "Sleep",
            ctx -> {
              ctx.createTimer(Duration.ofMillis(1)).await();
              return null;
            })
        .activity("Shout", String.class, (ctx, city) -> city.toUpperCase(java.util.Locale.ROOT))
        .activity(
            "Break",
            () -> {
              if (broken.get()) {
                throw new IllegalStateException("broken");
              }
              return "whole";
            })
        .entity(Counter.class)
        .build();
  }

  Engine engine() {
    return engine;
  }

  String base() {
    return "http://localhost:" + server.port() + DurableHttpApi.PATH;
  }

  /** A request to a path below the API's. */
  HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(
        URI.create(
            path.startsWith("http")
                ? path.replace("{", "%7B").replace("}", "%7D")
                : base() + "/" + path));
  }

  Answer send(HttpRequest.Builder request) {
    try {
      return new Answer(client.send(request.timeout(PATIENCE).build(), BodyHandlers.ofString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  Answer get(String path) {
    return send(to(path));
  }

  Answer delete(String path) {
    return send(to(path).DELETE());
  }

  Answer post(String path) {
    return send(to(path).POST(BodyPublishers.noBody()));
  }

  Answer postJson(String path, String json) {
    return send(
        to(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)));
  }

  /** Starts an orchestration that must start. */
  String start(String function, String id, String json) {
    Answer answer = postJson("orchestrators/" + function + "/" + id, json);
    assertThat(answer.status()).as(answer.body()).isEqualTo(202);
    return id;
  }

  OrchestrationMetadata ended(String id) {
    return engine.client().waitForCompletion(id, PATIENCE);
  }

  String begun(String id) {
    engine.client().waitForStart(id, PATIENCE);
    return id;
  }

  /** What came back. */
  record Answer(HttpResponse<String> response) {
    int status() {
      return response.statusCode();
    }

    String body() {
      return response.body();
    }

    JsonNode json() {
      assertThat(header("content-type")).isEqualTo("application/json; charset=utf-8");
      return MAPPER.readTree(body());
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse(null);
    }

    /** The status alone. */
    void isEmpty(int status) {
      assertThat(status()).as(body()).isEqualTo(status);
      assertThat(body()).isEmpty();
      assertThat(header("content-type")).isNull();
    }

    /** An error in one sentence. */
    void isBrief(int status, String message) {
      assertThat(status()).as(body()).isEqualTo(status);
      assertThat(json().propertyNames()).containsExactly("Message");
      assertThat(json().get("Message").asString()).contains(message);
    }

    /** An error with its details; never with a stack trace. */
    void isFull(int status, String message, String detail) {
      assertThat(status()).as(body()).isEqualTo(status);
      assertThat(json().propertyNames())
          .containsExactly("Message", "ExceptionMessage", "ExceptionType");
      assertThat(json().get("Message").asString()).isEqualTo(message);
      assertThat(json().get("ExceptionMessage").asString()).contains(detail);
    }
  }

  /** Closes the hub, but not the server. */
  void closeServer() {
    server.close();
  }

  void closeHub() {
    audit.close(); // what a test leaves must have something to wake it
    engine.close();
  }

  @Override
  public void close() {
    audit.close();
    server.close();
    engine.close();
    store.close();
  }
}
