package dev.perdure.functions.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.azure.functions.HttpMethod;
import com.microsoft.azure.functions.HttpRequestMessage;
import com.microsoft.azure.functions.annotation.AuthorizationLevel;
import com.microsoft.azure.functions.annotation.BindingName;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import dev.perdure.api.Activity;
import dev.perdure.api.Entity;
import dev.perdure.api.EntityId;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.PerdureClient;
import dev.perdure.functions.definition.AppDefinition;
import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.Direction;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.settings.Settings;
import dev.perdure.testing.LivenessAudit;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Durable functions of Perdure's own kind in an app with triggers of Azure Functions. */
class OwnFunctionsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** What the durable library reads of an answer. */
  record Fetched(int statusCode, Map<String, String> headers, String content) {}

  /** An app. */
  public static class Shop {
    @FunctionName("Order")
    public String order(
        @HttpTrigger(
                name = "request",
                methods = {HttpMethod.POST},
                route = "orders/{customer}",
                authLevel = AuthorizationLevel.ANONYMOUS)
            HttpRequestMessage<Optional<String>> request,
        @BindingName("customer") String customer,
        PerdureClient client) {
      return client.startNew("fulfil", customer + ": " + request.getBody().orElse("nothing"));
    }

    @Orchestrator
    String fulfil(OrchestrationContext context, String order) {
      String packed = context.callActivity("pack", order, String.class).await();
      int count = context.callEntity(EntityId.of("Orders", "all"), "add", 1, Integer.class).await();
      return packed + " (" + count + ")";
    }

    /** As the durable library asks for it. */
    @Orchestrator
    Fetched fetch(OrchestrationContext context, String address) {
      return context
          .callActivity(
              "BuiltIn::HttpActivity",
              List.of(Map.of("method", "GET", "uri", address)),
              Fetched.class)
          .await();
    }

    @Activity
    String pack(String order) {
      return "packed " + order;
    }
  }

  /** How many orders there were. */
  @Entity
  public static class Orders {
    int count;

    int add(int n) {
      return count += n;
    }
  }

  @TempDir Path data;
  private FunctionsHost host;

  @BeforeEach
  void start() {
    FunctionDefinition order =
        new FunctionDefinition(
            "Order",
            Shop.class.getName(),
            "order",
            List.of(
                new Binding(
                    "httpTrigger",
                    Direction.IN,
                    "request",
                    Map.of(
                        "methods",
                        List.of("POST"),
                        "route",
                        "orders/{customer}",
                        "authLevel",
                        "ANONYMOUS")),
                new Binding("http", Direction.OUT, Binding.RETURN, Map.of())),
            null);
    App app =
        new App(
            "shop",
            new AppDefinition(
                List.of(order), List.of(Shop.class.getName(), Orders.class.getName()), List.of()),
            OwnFunctionsTest.class.getClassLoader(),
            Settings.NONE,
            HostSettings.DEFAULTS);
    host = FunctionsHost.start(app, HostOptions.of(data).withPorts(0, 0, true));
  }

  @AfterEach
  void close() {
    LivenessAudit.of(host.client()).close();
    host.close();
  }

  private String post(String path, String body) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://localhost:" + host.httpPort() + path))
                .POST(BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString())
        .body();
  }

  @Test
  void aTriggeredFunctionGetsTheClientAndStartsAnOrchestration() throws Exception {
    assertThat(host.notices()).isEmpty();
    String id = post("/api/orders/ada", "tea");
    assertThat(host.client().waitForCompletion(id, PATIENCE).output(String.class))
        .isEqualTo("packed ada: tea (1)");
  }

  @Test
  void theHttpApiKnowsThemToo() throws Exception {
    String started =
        post("/runtime/webhooks/durabletask/orchestrators/FULFIL/by-http", "\"bob: jam\"");
    assertThat(started).contains("by-http");
    assertThat(host.client().waitForCompletion("by-http", PATIENCE).output(String.class))
        .isEqualTo("packed bob: jam (1)");
    assertThat(post("/runtime/webhooks/durabletask/orchestrators/Nobody", "1"))
        .contains("Nobody")
        .contains("fulfil");
  }

  @Test
  void httpCallsOfTheDurableLibraryAreMadeByTheHost() {
    String id = host.client().startNew("fetch", "http://localhost:" + host.httpPort() + "/nowhere");
    Fetched answer = host.client().waitForCompletion(id, PATIENCE).output(Fetched.class);
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.headers()).containsKey("Date");
    assertThat(answer.content()).isNotNull();
  }
}
