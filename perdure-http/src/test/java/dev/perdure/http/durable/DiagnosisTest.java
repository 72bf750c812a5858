package dev.perdure.http.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.AuditReport;
import dev.perdure.api.AuditReport.Finding;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.http.durable.ApiFixture.Answer;
import dev.perdure.json.HistoryJson;
import java.net.http.HttpRequest;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Explanations and audits of a hub that is in use. */
class DiagnosisTest {
  private final ApiFixture api = new ApiFixture();

  @BeforeEach
  void startSomething() {
    api.start("Family", "parent", "null");
    api.begun("parent");
    api.begun("parent-child");
  }

  @AfterEach
  void close() {
    api.close();
  }

  private HttpRequest.Builder to(String path) {
    return api.to(api.base().replace(DurableHttpApi.PATH, "/hubs/" + path));
  }

  private Answer text(String path) {
    return api.send(to(path));
  }

  private Answer json(String path) {
    return api.send(to(path).header("Accept", "application/json"));
  }

  @Test
  void peopleGetText() {
    assertThat(text("myhub/explain/parent-child").body())
        .startsWith("Orchestration 'parent-child' (Wait) waits for external event 'go'");
    assertThat(text("MyHub/audit").body())
        .startsWith("2 orchestrations that have not ended, 0 entities: everything will be woken.");
    assertThat(text("MyHub/audit").header("content-type")).startsWith("text/plain");
  }

  @Test
  void aHubThatIsBeingClosedIsNotAvailable() {
    api.closeHub();
    for (String question : List.of("explain/parent", "history/parent", "audit")) {
      Answer answer = text("myhub/" + question);
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.header("retry-after")).isEqualTo("1");
      assertThat(answer.body()).contains("PD-1011");
    }
  }

  @Test
  void programsGetAnExplanationAsJson() {
    JsonNode child = json("MyHub/explain/parent-child").json();
    assertThat(child.propertyNames())
        .containsExactly(
            "instanceId",
            "status",
            "summary",
            "waits",
            "codeLocation",
            "codeHint",
            "lastFailure",
            "problem",
            "parent");
    assertThat(child.at("/status").asString()).isEqualTo("RUNNING");
    assertThat(child.at("/waits/0/kind").asString()).isEqualTo("event");
    assertThat(child.at("/waits/0/on")).isEmpty();
    assertThat(child.at("/parent").asString()).isEqualTo("parent");
    assertThat(child.at("/problem").isNull()).isTrue();
    JsonNode parent = json("MyHub/explain/parent").json();
    assertThat(parent.at("/waits/0/kind").asString()).isEqualTo("sub-orchestration");
    assertThat(parent.at("/waits/0/on/0").asString()).isEqualTo("parent-child");
    assertThat(parent.at("/parent").isNull()).isTrue();
  }

  @Test
  void programsGetAnAuditAsJson() {
    JsonNode audit = json("MyHub/audit").json();
    assertThat(audit.at("/orchestrations").asInt()).isEqualTo(2);
    assertThat(audit.at("/entities").asInt()).isZero();
    assertThat(audit.at("/findings").isArray()).isTrue();
    assertThat(audit.at("/findings")).isEmpty();
    assertThat(audit.at("/notes")).isEmpty();
    api.post("instances/parent-child/suspend");
    JsonNode note = json("MyHub/audit").json().at("/notes/0");
    assertThat(note.at("/instanceId").asString()).isEqualTo("parent-child");
    assertThat(note.at("/kind").asString()).isEqualTo("suspended");
  }

  @Test
  void aHistoryIsADocumentWithAllThatTheInstanceWorkedWith() {
    api.postJson("instances/parent-child/raiseEvent/early", "\"a secret\"");

    for (Answer answer :
        List.of(text("MyHub/history/parent-child"), json("MyHub/history/parent-child"))) {
      assertThat(answer.header("content-type")).startsWith("application/json");
      HistoryJson.Document document = HistoryJson.read(answer.body());
      assertThat(document.instanceId()).isEqualTo("parent-child");
      assertThat(document.events()).hasAtLeastOneElementOfType(ExecutionStarted.class);
      assertThat(document.events()).hasAtLeastOneElementOfType(EventRaised.class);
      assertThat(answer.body()).contains("a secret");
    }
    assertThat(text("MyHub/history/nobody").status()).isEqualTo(404);
    assertThat(text("MyHub/history/nobody").body()).contains("There is no instance 'nobody'");
  }

  @Test
  void findingsAreWrittenWithAllTheyHave() {
    Instant noon = Instant.parse("2030-01-01T12:00:00Z");
    AuditReport report =
        new AuditReport(3, 1, List.of(new Finding("x", "timer", "is not set", noon)), List.of());
    assertThat(DiagnosisJson.of(report).text())
        .isEqualTo(
            "{\"orchestrations\":3,\"entities\":1,\"findings\":[{\"instanceId\":\"x\","
                + "\"kind\":\"timer\",\"description\":\"is not set\","
                + "\"since\":\"2030-01-01T12:00:00Z\",\"others\":0}],\"notes\":[]}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"application/json", "text/html, Application/JSON;q=0.5", "application/json ;a=b"})
  void whoNamesJsonGetsIt(String accept) {
    assertThat(api.send(to("MyHub/audit").header("Accept", accept)).header("content-type"))
        .isEqualTo("application/json; charset=utf-8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"*/*", "text/html,application/xml;q=0.9,*/*;q=0.8", "application/jsonl"})
  void whoTakesAnythingGetsText(String accept) {
    assertThat(api.send(to("MyHub/audit").header("Accept", accept)).header("content-type"))
        .startsWith("text/plain");
  }

  @Test
  void whatIsNotThereIsToldInTextToEverybody() {
    assertThat(json("MyHub/explain/nobody").status()).isEqualTo(404);
    assertThat(json("MyHub/explain/nobody").body()).contains("There is no instance 'nobody'");
    assertThat(json("other/audit").status()).isEqualTo(404);
    assertThat(json("other/audit").body()).isEqualTo("There is no task hub 'other' here.\n");
  }
}
