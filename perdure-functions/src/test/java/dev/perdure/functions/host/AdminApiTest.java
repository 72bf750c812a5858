package dev.perdure.functions.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.microsoft.azure.functions.ExecutionContext;
import com.microsoft.azure.functions.annotation.AuthorizationLevel;
import com.microsoft.azure.functions.annotation.BlobTrigger;
import com.microsoft.azure.functions.annotation.CustomBinding;
import com.microsoft.azure.functions.annotation.EventHubTrigger;
import com.microsoft.azure.functions.annotation.FixedDelayRetry;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import com.microsoft.azure.functions.annotation.QueueTrigger;
import com.microsoft.azure.functions.annotation.TimerTrigger;
import dev.perdure.functions.TestFunctions;
import dev.perdure.functions.TestHost;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What administrators can do with a host that demands no keys. */
class AdminApiTest {
  private static final BlockingQueue<String> RAN = new LinkedBlockingQueue<>();
  private static TestHost host;

  /** The app. */
  public static class Functions {
    private static final CountDownLatch HELD = new CountDownLatch(1);

    /** An HTTP function. */
    @FunctionName("Hello")
    public String hello(
        @HttpTrigger(name = "req", authLevel = AuthorizationLevel.ANONYMOUS, route = "Hi/{name}")
            String body) {
      return "hello";
    }

    /** A timer that is not due. */
    @FunctionName("Nightly")
    @FixedDelayRetry(maxRetryCount = 1, delayInterval = "00:00:05")
    public void nightly(@TimerTrigger(name = "timer", schedule = "0 0 0 1 1 *") String timer) {
      RAN.add(timer);
    }

    /** A queue, which this host does not read. */
    @FunctionName("OnMessage")
    public void onMessage(
        @QueueTrigger(name = "message", queueName = "in", connection = "Q") String message,
        ExecutionContext context) {
      RAN.add(context.getFunctionName() + " " + message);
    }

    /** A queue with numbers. */
    @FunctionName("OnNumber")
    public void onNumber(
        @QueueTrigger(name = "message", queueName = "in", connection = "Q") int number) {
      RAN.add("number " + (number + 1));
    }

    /** Batches of events. */
    @FunctionName("OnEvents")
    public void onEvents(
        @EventHubTrigger(name = "events", eventHubName = "h", connection = "C")
            List<String> events) {
      RAN.add("events " + events);
    }

    /** Batches of texts. */
    @FunctionName("OnTexts")
    public void onTexts(
        @EventHubTrigger(name = "events", eventHubName = "h", connection = "C", dataType = "string")
            List<String> events) {
      RAN.add("texts " + events);
    }

    /** Bytes. */
    @FunctionName("OnBlob")
    public void onBlob(
        @BlobTrigger(name = "blob", path = "in/x", connection = "C", dataType = "binary")
            byte[] bytes) {
      RAN.add("bytes " + bytes.length);
    }

    /** One that takes its time. */
    @FunctionName("Slow")
    public void slow(
        @QueueTrigger(name = "message", queueName = "in", connection = "Q") String message)
        throws InterruptedException {
      HELD.await();
    }

    /** One that a setting switches off. */
    @FunctionName("Off")
    public void off(
        @TimerTrigger(name = "timer", schedule = "0 0 0 1 1 *") String timer,
        ExecutionContext context) {
      RAN.add("off");
    }

    /** An HTTP function that a setting switches off. */
    @FunctionName("OffHttp")
    public String offHttp(@HttpTrigger(name = "req") String body) {
      return "";
    }

    /** An activity. */
    @FunctionName("Shout")
    public String shout(
        @CustomBinding(direction = "in", name = "text", type = "activityTrigger") String text) {
      RAN.add("activity " + text);
      return "";
    }

    /** An orchestrator. */
    @FunctionName("Flow")
    public String flow(
        @CustomBinding(direction = "in", name = "c", type = "orchestrationTrigger") String c) {
      return "";
    }

    /** An entity. */
    @FunctionName("Counter")
    public String counter(
        @CustomBinding(direction = "in", name = "c", type = "entityTrigger") String c) {
      return "";
    }

    /** Which of the two is it. */
    @FunctionName("Broken")
    public void broken(
        @QueueTrigger(name = "message", queueName = "in", connection = "Q") String message) {}

    /** The other. */
    public void broken() {}

    /** With a trigger too much. */
    @FunctionName("Wrong")
    public void wrong(
        @QueueTrigger(name = "message", queueName = "in", connection = "Q") String message,
        @TimerTrigger(name = "timer", schedule = "0 0 0 1 1 *") String timer) {}
  }

  @BeforeAll
  static void start(@TempDir Path directory) {
    host =
        TestHost.start(
            directory,
            Map.of("AzureWebJobs.Off.Disabled", "true", "AzureWebJobs.OffHttp.Disabled", "1"),
            options -> options,
            TestFunctions.of(Functions.class));
  }

  @AfterAll
  static void close() {
    Functions.HELD.countDown();
    host.close();
  }

  @BeforeEach
  void clear() {
    RAN.clear();
  }

  private static HttpResponse<String> run(String function, String body) {
    return host.post("/admin/functions/" + function, body);
  }

  private static JsonElement json(HttpResponse<String> response) {
    assertThat(response.headers().firstValue("Content-Type"))
        .contains("application/json; charset=utf-8");
    return JsonParser.parseString(response.body());
  }

  @ParameterizedTest
  @CsvSource({
    "OnMessage, hello, OnMessage hello",
    "onmessage, '', 'OnMessage '",
    "OnNumber, 41, number 42",
    "OnEvents, one, events [one]",
    "OnEvents, '[\\\"one\\\", \\\"two\\\"]', 'events [one, two]'",
    "OnEvents, '{\\\"n\\\": 1}', 'events [{\"n\":1}]'",
    "OnTexts, '[1]', 'texts [[1]]'",
    "OnBlob, four, bytes 4",
    "Shout, Tokyo, activity Tokyo",
    "Off, x, off"
  })
  void aFunctionIsRunByHand(String function, String input, String ran) throws Exception {
    HttpResponse<String> answer = run(function, "{\"input\":\"" + input + "\"}");

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    assertThat(answer.body()).isEmpty();
    assertThat(RAN.poll(10, TimeUnit.SECONDS)).isEqualTo(ran);
  }

  @Test
  void aTimerGetsWhatTimersGet() throws Exception {
    assertThat(run("Nightly", "{}").statusCode()).isEqualTo(202);
    assertThat(RAN.poll(10, TimeUnit.SECONDS)).contains("\"IsPastDue\":false");
  }

  @Test
  void nobodyWaitsForTheEnd() {
    assertThat(run("Slow", "{\"input\":\"x\"}").statusCode()).isEqualTo(202);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''         | The body is missing. It has to be JSON, such as {\"input\":\"TEXT\"}.",
        "hello {    | The body is not JSON. It has to be such as {\"input\":\"TEXT\"}.",
        "[1]        | The body is JSON, but not an object. It has to be such as {\"input\":\"TEXT\"}.",
        "{\"input\":{\"a\":1}} | The property 'input' has to be a text. Put quotes around the JSON, and a backslash before each quote in it."
      })
  void aBodyThatCannotBeIsRefused(String body, String message) {
    HttpResponse<String> answer = run("OnMessage", body);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo(message + "\n");
    assertThat(RAN).isEmpty();
  }

  @Test
  void whatIsRunInAnotherWayIsRefusedWithAHint() {
    String base = "http://localhost:" + host.host.httpPort();
    assertThat(run("Hello", "{}").statusCode()).isEqualTo(400);
    assertThat(run("Hello", "{}").body())
        .isEqualTo(
            "Function 'Hello' answers HTTP requests; send one to %s/api/Hi/{name} instead.\n"
                .formatted(base));
    assertThat(run("OffHttp", "{}").body())
        .isEqualTo("Function 'OffHttp' answers HTTP requests; it is disabled.\n");
    assertThat(run("Flow", "{}").body())
        .isEqualTo(
            "Function 'Flow' is an orchestrator; start an instance of it with POST %s/runtime/webhooks/durabletask/orchestrators/Flow instead.\n"
                .formatted(base));
    assertThat(run("Counter", "{}").statusCode()).isEqualTo(400);
    assertThat(run("Counter", "{}").body())
        .contains(
            "is an entity; send it a signal with POST "
                + base
                + "/runtime/webhooks/durabletask/entities/counter/KEY?op=OPERATION instead");
  }

  @Test
  void whatDoesNotRunSaysWhy() {
    assertThat(run("Broken", "{}").statusCode()).isEqualTo(409);
    assertThat(run("Broken", "{}").body())
        .startsWith("Function 'Broken' does not run: ")
        .contains("2 public methods 'broken'");
    assertThat(run("Wrong", "{}").statusCode()).isEqualTo(409);
    assertThat(run("Wrong", "{}").body()).startsWith("Function 'Wrong' does not run: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/admin/functions/Helo", "/admin/functions/Helo/status"})
  void whatIsUnknownIsNotFound(String path) {
    assertThat(host.get(path).statusCode()).isEqualTo(404);
    assertThat(host.get(path).body())
        .isEqualTo("There is no function 'Helo'. Did you mean 'Hello'?\n");
    assertThat(run("Helo", "{}").statusCode()).isEqualTo(404);
    assertThat(host.get("/admin/other").statusCode()).isEqualTo(404);
    assertThat(host.send("DELETE", "/admin/functions/Hello", null).statusCode()).isEqualTo(405);
  }

  @Test
  void functionsAreListed() {
    JsonArray all = json(host.get("/admin/functions")).getAsJsonArray();

    assertThat(all)
        .extracting(function -> function.getAsJsonObject().get("name").getAsString())
        .contains("Hello", "Nightly", "OnMessage", "Off", "Broken")
        .doesNotContain("Wrong");
  }

  @Test
  void oneIsShown() {
    JsonObject hello = json(host.get("/admin/functions/hello")).getAsJsonObject();

    String base = "http://localhost:" + host.host.httpPort();
    assertThat(hello.get("name").getAsString()).isEqualTo("Hello");
    assertThat(hello.get("href").getAsString()).isEqualTo(base + "/admin/functions/Hello");
    assertThat(hello.get("invoke_url_template").getAsString()).isEqualTo(base + "/api/hi/{name}");
    assertThat(hello.get("language").getAsString()).isEqualTo("java");
    assertThat(hello.get("isDisabled").getAsBoolean()).isFalse();
    assertThat(hello.get("config").toString())
        .contains(
            "{\"type\":\"httpTrigger\",\"direction\":\"in\",\"name\":\"req\",\"authLevel\":\"ANONYMOUS\",\"route\":\"Hi/{name}\"}");
    JsonObject off = json(host.get("/admin/functions/Off")).getAsJsonObject();
    assertThat(off.get("isDisabled").getAsBoolean()).isTrue();
    assertThat(off.get("invoke_url_template").isJsonNull()).isTrue();
    assertThat(json(host.get("/admin/functions/Nightly")).toString())
        .contains(
            "\"retry\":{\"strategy\":\"fixedDelay\",\"maxRetryCount\":1,\"delayInterval\":\"00:00:05\"}");
  }

  @Test
  void theStatusTellsWhatIsWrong() {
    assertThat(host.get("/admin/functions/Hello/status").body()).isEqualTo("{}");
    assertThat(host.get("/admin/functions/Off/status").body()).isEqualTo("{}");
    assertThat(host.get("/admin/functions/Broken/status").body())
        .startsWith("{\"errors\":[\"")
        .contains("public methods 'broken'");
    assertThat(host.get("/admin/functions/Wrong/status").body()).startsWith("{\"errors\":[\"");
    assertThat(host.get("/admin/functions/OnMessage/status").body())
        .contains("its trigger, queueTrigger, is not available in this host");
  }

  @Test
  void theHostTellsHowItIs() {
    assertThat(host.get("/admin/host/ping").statusCode()).isEqualTo(200);
    assertThat(host.post("/admin/host/ping", "").statusCode()).isEqualTo(200);
    assertThat(host.post("/admin/host/ping", "").body()).isEmpty();
    assertThat(host.get("/admin/host/ping").headers().firstValue("Cache-Control"))
        .as("nobody on the way answers in its place")
        .contains("no-store, no-cache");
    JsonObject status = json(host.get("/admin/host/status")).getAsJsonObject();
    assertThat(status.get("state").getAsString()).isEqualTo("Running");
    assertThat(status.get("id").getAsString()).isEqualTo("testapp");
    assertThat(status.get("processUptime").getAsLong()).isPositive();
    assertThat(host.get("/health/live").body()).isEqualTo("live\n");
    assertThat(host.get("/health/ready").body()).isEqualTo("ready\n");
  }

  @Test
  void aPageListsTheFunctions() {
    HttpResponse<String> page = host.get("/");

    assertThat(page.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
    assertThat(page.body())
        .contains("<h1>TestApp</h1>")
        .contains("/api/Hi/{name}")
        .contains("<td>Nightly</td><td>timerTrigger</td><td>runs</td>")
        .contains("<td>Off</td><td>timerTrigger</td><td>disabled</td>")
        .contains("does not run: Class")
        .contains("&#39;broken&#39;")
        .doesNotContain("<script");
  }

  @Test
  void instancesAreExplained() {
    host.post("/runtime/webhooks/durabletask/orchestrators/Flow/i-1", "1");

    assertThat(host.get("/hubs/default/explain/i-1").body()).contains("i-1");
    assertThat(host.get("/hubs/testhubname/explain/i-1").body()).contains("i-1");
    assertThat(host.get("/hubs/other/explain/i-1").statusCode()).isEqualTo(404);
    assertThat(host.get("/hubs/default/explain/i-2").statusCode()).isEqualTo(404);
    assertThat(host.get("/hubs/default/audit").body()).contains("entities");
  }

  @Test
  void pagesFromElsewhereCanDoNothing() {
    assertThat(
            host.post("/admin/functions/OnMessage", "{}", "Origin", "https://evil.example")
                .statusCode())
        .isEqualTo(403);
    assertThat(host.get("/admin/host/keys", "Origin", "https://evil.example").statusCode())
        .isEqualTo(403);
    assertThat(host.get("/", "Origin", "https://evil.example").body()).doesNotContain("Nightly");
  }

  // ---- figures --------------------------------------------------------------------------------

  @Test
  void theFiguresOfTheHubAreForPrometheus() {
    HttpResponse<String> figures = host.get("/metrics");
    assertThat(figures.statusCode()).isEqualTo(200);
    assertThat(figures.headers().firstValue("content-type").orElseThrow()).startsWith("text/plain");
    assertThat(figures.body())
        .contains(
            "perdure_audit_findings_total{hub=\"TestHubName\"} 0.0\n",
            "perdure_audit_notes_total{hub=\"TestHubName\"} 0.0\n",
            "perdure_commits_total{hub=\"TestHubName\"} ",
            "perdure_workers_connected{hub=\"TestHubName\"} 1.0\n",
            "jvm_memory_used_bytes{");
  }

  @Test
  void pagesFromElsewhereGetNoFigures() {
    assertThat(host.get("/metrics", "Origin", "https://elsewhere.example").statusCode())
        .isEqualTo(403);
  }
}
