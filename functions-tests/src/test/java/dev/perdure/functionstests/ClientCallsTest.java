package dev.perdure.functionstests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.functions.host.AppLoader;
import dev.perdure.functions.host.FunctionsHost;
import dev.perdure.functions.host.HostOptions;
import dev.perdure.testing.LivenessAudit;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an app can ask the client of the Azure library for, with the library itself. */
class ClientCallsTest {
  @TempDir Path staged;
  @TempDir Path data;
  private AppLoader.Loaded app;
  private FunctionsHost host;
  private Http http;

  @BeforeEach
  void start() throws Exception {
    String type = ClientApp.class.getName();
    Path classes =
        Path.of(ClientApp.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    StagedApp unused =
        StagedApp.begin(staged, classes, file -> file.endsWith("ClientApp.class"))
            .function(
                "Waits",
                type + ".orchestrate",
                """
                { "type": "orchestrationTrigger", "direction": "in", "name": "context" }
                """)
            .function(
                "call",
                type + ".call",
                """
                { "type": "httpTrigger", "direction": "in", "name": "req", "route": "{what}",
                  "authLevel": "ANONYMOUS", "methods": ["GET"] },
                { "type": "durableClient", "direction": "in", "name": "durable" },
                { "type": "http", "direction": "out", "name": "$return" }
                """);
    app = AppLoader.load(staged, true, null, Map.of(), note -> {});
    host = FunctionsHost.start(app.app(), HostOptions.of(data).withPorts(0, 0, true));
    http = new Http(host.httpPort());
  }

  @AfterEach
  void close() {
    LivenessAudit.of(host.client()).close();
    host.close();
    app.close();
  }

  private HttpResponse<String> answer(String what, String id, String text) {
    return http.get(
        "/api/%s?id=%s&text=%s"
            .formatted(what, id, URLEncoder.encode(text, StandardCharsets.UTF_8)));
  }

  private String call(String what, String id, String text) {
    HttpResponse<String> answer = answer(what, id, text);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  private String call(String what, String id) {
    return call(what, id, "");
  }

  private void startWaiting(String id) throws InterruptedException {
    assertThat(call("start", id, "hello")).isEqualTo(id);
    assertThat(call("begun", id)).startsWith("Waits RUNNING in=\"hello\" out= ");
    String unused = http.await(Http.instance(id), "\"customStatus\":\"waits\"");
  }

  private String ended(String id) {
    HttpResponse<String> answer = http.get("/api/wait?for=PT30S&id=" + id);
    assertThat(answer.headers().firstValue("Location")).as(answer.body()).isEmpty();
    return answer.body();
  }

  @Test
  void anInstanceIsStartedAskedAboutAndToldOfAnEvent() throws Exception {
    assertThat(call("status", "a")).isEqualTo("none");
    startWaiting("a");
    assertThat(call("status", "a")).isEqualTo("Waits RUNNING in=\"hello\" out= custom=waits");

    assertThat(call("raise", "a", "now")).isEqualTo("done");

    assertThat(ended("a")).isEqualTo("\"hello now\"");
    assertThat(call("status", "a"))
        .isEqualTo("Waits COMPLETED in=\"hello\" out=\"hello now\" custom=waits");
  }

  @Test
  void whoWaitsTooShortIsToldWhereToAsk() throws Exception {
    startWaiting("a");

    HttpResponse<String> later = http.get("/api/wait?for=PT0.1S&id=a");

    assertThat(later.statusCode()).isEqualTo(http.get("/api/check?id=a").statusCode());
    assertThat(http.get(Http.location(later)).body()).contains("\"runtimeStatus\":\"Running\"");
    assertThat(field(later.body(), "statusQueryGetUri")).isEqualTo(Http.location(later));
  }

  private static String field(String payload, String name) {
    Matcher found = Pattern.compile("\"" + name + "\": ?\"([^\"]+)\"").matcher(payload);
    assertThat(found.find()).as(name + " in " + payload).isTrue();
    return found.group(1);
  }

  @Test
  void theAddressesThatTheLibraryMakesWork() throws Exception {
    startWaiting("a");
    String payload = call("payload", "a");
    assertThat(field(payload, "id")).isEqualTo("a");

    String raise = field(payload, "sendEventPostUri").replace("{eventName}", "go");
    assertThat(http.postJson(raise, "\"by HTTP\"").statusCode()).isEqualTo(202);
    assertThat(ended("a")).isEqualTo("\"hello by HTTP\"");
    assertThat(http.get(field(payload, "statusQueryGetUri")).statusCode()).isEqualTo(200);

    HttpResponse<String> again = http.post(field(payload, "restartPostUri"), "");
    assertThat(again.statusCode()).isEqualTo(202);
    String other = field(again.body(), "id");
    assertThat(other).isNotEqualTo("a");
    String unused = http.await(Http.instance(other), "\"customStatus\":\"waits\"");
    String terminate =
        field(call("payload", other), "terminatePostUri").replace("{text}", "enough");
    assertThat(http.post(terminate, "").statusCode()).isEqualTo(202);
    assertThat(http.await(Http.instance(other), "Terminated")).contains("\"output\":\"enough\"");

    assertThat(http.delete(field(payload, "purgeHistoryDeleteUri")).body())
        .contains("\"instancesDeleted\":1");
    assertThat(call("status", "a")).isEqualTo("none");
  }

  @Test
  void aSuspendedInstanceWaitsUntilItIsResumed() throws Exception {
    startWaiting("a");
    assertThat(call("suspend", "a", "lunch")).isEqualTo("done");
    String unused = http.await(Http.instance("a"), "\"runtimeStatus\":\"Suspended\"");
    assertThat(call("status", "a")).startsWith("Waits SUSPENDED");
    assertThat(call("raise", "a", "early")).isEqualTo("done");

    assertThat(call("resume", "a", "back")).isEqualTo("done");

    assertThat(ended("a")).isEqualTo("\"hello early\"");
  }

  @Test
  void aTerminatedInstanceIsRestartedUnderItsIdOrAnother() throws Exception {
    startWaiting("a");
    assertThat(call("terminate", "a", "enough")).isEqualTo("done");
    assertThat(ended("a")).isEqualTo("\"enough\"");
    assertThat(call("status", "a")).startsWith("Waits TERMINATED");

    assertThat(call("restart", "a", "false")).isEqualTo("a");
    assertThat(call("raise", "a", "again")).isEqualTo("done");
    assertThat(ended("a")).isEqualTo("\"hello again\"");

    String other = call("restart", "a", "true");
    assertThat(other).isNotEqualTo("a");
    assertThat(call("raise", other, "once more")).isEqualTo("done");
    assertThat(ended(other)).isEqualTo("\"hello once more\"");
  }

  @Test
  void instancesAreListedAndPurged() throws Exception {
    for (String id : new String[] {"x-1", "x-2", "y-1"}) {
      startWaiting(id);
    }
    assertThat(call("terminate", "x-2", "enough")).isEqualTo("done");
    assertThat(ended("x-2")).isEqualTo("\"enough\"");
    assertThat(call("list", "", "x-")).isEqualTo("x-1 RUNNING, x-2 TERMINATED");

    assertThat(call("purge", "x-1")).as("it has not ended").isEqualTo("0");
    assertThat(call("purgeTerminated", "")).isEqualTo("1");
    assertThat(call("purge", "x-2")).as("it is gone").isEqualTo("0");

    assertThat(call("raise", "y-1", "now")).isEqualTo("done");
    assertThat(ended("y-1")).isEqualTo("\"hello now\"");
    assertThat(call("purge", "y-1")).isEqualTo("1");
    assertThat(call("list", "", "")).isEqualTo("x-1 RUNNING");
  }

  @Test
  void theTaskHubIsTheOneOfTheHost() {
    assertThat(call("hub", "")).isEqualTo("DocumentJobs"); // as host.json of the example says
  }

  @Test
  void whatIsNotThereFailsTheFunctionThatAsks() {
    assertThat(answer("suspend", "nobody", "").statusCode()).isEqualTo(500);
    assertThat(answer("terminate", "nobody", "").statusCode()).isEqualTo(500);
    assertThat(answer("restart", "nobody", "false").statusCode()).isEqualTo(500);
    assertThat(answer("raise", "nobody", "now").statusCode()).isEqualTo(500);
  }
}
