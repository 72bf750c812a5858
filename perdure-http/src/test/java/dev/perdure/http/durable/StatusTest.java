package dev.perdure.http.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.http.durable.ApiFixture.Answer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class StatusTest {
  private final ApiFixture api = new ApiFixture();

  @AfterEach
  void close() {
    api.close();
  }

  @Test
  void anInstanceThatRunsIsAnsweredWith202AndToldToComeAgain() {
    api.postJson("orchestrators/Wait/a%20b", "{\"x\":1}");
    api.begun("a b");
    Answer answer = api.get("instances/a%20b?taskHub=myhub&connection=");
    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.header("location"))
        .isEqualTo(api.base() + "/instances/a%20b?taskHub=myhub&connection=");
    assertThat(answer.header("retry-after")).isEqualTo("5");
    assertThat(answer.json().propertyNames())
        .containsExactly(
            "name",
            "instanceId",
            "runtimeStatus",
            "input",
            "customStatus",
            "output",
            "createdTime",
            "lastUpdatedTime");
    assertThat(answer.json().get("name").asString()).isEqualTo("Wait");
    assertThat(answer.json().get("runtimeStatus").asString()).isEqualTo("Running");
    assertThat(answer.json().get("input").toString()).isEqualTo("{\"x\":1}");
    assertThat(answer.json().get("customStatus").asString()).isEqualTo("waiting");
    assertThat(answer.json().get("output").isNull()).isTrue();
  }

  /** Libraries of Durable Functions make links as forms are written; theirs for a plus is %2B. */
  @Test
  void aPlusInAPathIsASpace() {
    api.postJson("orchestrators/Wait/a%20b", "1");
    api.begun("a b");
    assertThat(api.get("instances/a+b").status()).isEqualTo(202);
    assertThat(api.get("instances/a%2Bb").status()).isEqualTo(404);
    api.postJson("orchestrators/Wait/c%2Bd", "1");
    api.begun("c+d");
    assertThat(api.get("instances/c%2Bd").header("location")).contains("instances/c%2Bd");
  }

  @Test
  void timesAreInWholeSeconds() {
    api.start("Echo", "x", "1");
    OrchestrationMetadata instance = api.ended("x");
    assertThat(api.get("instances/x").json().get("createdTime").asString())
        .isEqualTo(instance.createdAt().truncatedTo(ChronoUnit.SECONDS).toString());
  }

  @Test
  void anInstanceThatHasEndedIsAnsweredWith200() {
    api.start("Echo", "x", "\"2026-01-01T00:00:00+01:00\"");
    api.ended("x");
    Answer answer = api.get("instances/x");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("location")).isNull();
    assertThat(answer.json().get("output").asString()).isEqualTo("2026-01-01T00:00:00+01:00");
  }

  @Test
  void aFailureIsAnsweredWith200UnlessThatIsAskedFor() {
    api.start("Fail", "x", "1");
    api.ended("x");
    assertThat(api.get("instances/x").status()).isEqualTo(200);
    Answer answer = api.get("instances/x?returnInternalServerErrorOnFailure=true");
    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.json().get("runtimeStatus").asString()).isEqualTo("Failed");
    assertThat(answer.json().get("output").asString())
        .isEqualTo("java.lang.IllegalStateException: on purpose");
  }

  @Test
  void whatDoesNotExistIsNotFound() {
    api.get("instances/none").isEmpty(404);
    api.get("instances/%40counter%40none").isEmpty(404);
  }

  @Test
  void theInputCanBeLeftOut() {
    api.start("Echo", "x", "1");
    api.ended("x");
    assertThat(api.get("instances/x?showInput=False").json().get("input").isNull()).isTrue();
    assertThat(api.get("instances/x?showinput=maybe").json().get("input").asInt()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "stop%20now, `\"stop now\"`",
        "42, 42",
        "%7B%22a%22:1%7D, `{\"a\":1}`",
        "%20, `\"\"`",
        "%7Bbroken, `\"{broken\"`"
      })
  void aReasonIsShownAsJsonIfItIs(String reason, String shown) {
    api.start("Wait", "x", "1");
    api.post("instances/x/terminate?reason=" + reason).isEmpty(202);
    api.ended("x");
    assertThat(api.get("instances/x").body()).contains("\"output\":" + shown);
  }

  @Test
  void suspendedAndPendingAreNamedSo() {
    api.start("Wait", "s", "1");
    api.post("instances/s/suspend?reason=lunch").isEmpty(202);
    Answer answer = api.get("instances/s");
    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.json().get("runtimeStatus").asString()).isEqualTo("Suspended");
  }

  @Test
  void anEntityIsShownUnderItsId() {
    api.postJson("entities/Counter/a?op=add", "3").isEmpty(202);
    Answer answer = api.get("instances/@counter@a");
    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.json().get("name").asString()).isEqualTo("@counter");
    assertThat(answer.json().get("runtimeStatus").asString()).isEqualTo("Running");
  }

  // ---- history ------------------------------------------------------------------------------

  private JsonNode history(String id, String query) {
    return api.get("instances/" + id + "?showHistory=true" + query).json().get("historyEvents");
  }

  private static List<String> types(JsonNode history) {
    List<String> types = new ArrayList<>();
    history.forEach(event -> types.add(event.get("EventType").asString()));
    return types;
  }

  @Test
  void whatIsPendingHasNoHistory() {
    api.post("orchestrators/Echo/later?scheduledTime=" + Instant.now().plusSeconds(10_000));
    assertThat(history("later", "").isEmpty()).isTrue();
  }

  @Test
  void theHistoryIsShownIfThatIsAskedFor() {
    api.start("Cities", "x", "1");
    api.ended("x");
    assertThat(api.get("instances/x").json().has("historyEvents")).isFalse();
    JsonNode history = history("x", "&showHistoryOutput=true");
    assertThat(types(history))
        .containsExactly(
            "ExecutionStarted", "TaskCompleted", "TaskCompleted", "ExecutionCompleted");
    assertThat(history.get(0).get("FunctionName").asString()).isEqualTo("Cities");
    assertThat(history.get(0).get("Timestamp").asString())
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{7}Z");
    JsonNode task = history.get(1);
    assertThat(task.propertyNames())
        .containsExactly(
            "EventType", "Timestamp", "ScheduledTime", "FunctionName", "Input", "Result");
    assertThat(task.get("FunctionName").asString()).isEqualTo("Shout");
    assertThat(task.get("Input").asString()).isEqualTo("Tokyo");
    assertThat(task.get("Result").asString()).isEqualTo("TOKYO");
    assertThat(history.get(3).get("OrchestrationStatus").asString()).isEqualTo("Completed");
    assertThat(history.get(3).get("Result").toString()).isEqualTo("[\"TOKYO\",\"LONDON\"]");
  }

  @Test
  void resultsAndInputsAreShownOnlyWhereWanted() {
    api.start("Cities", "x", "1");
    api.ended("x");
    assertThat(history("x", "").toString()).contains("Input").doesNotContain("Result");
    assertThat(history("x", "&showInput=false&showHistoryOutput=true").toString())
        .contains("Result")
        .doesNotContain("Input");
  }

  @Test
  void whatIsUnderWayIsShownAsSuch() {
    api.start("Family", "x", "1");
    api.engine().requests().await("x-child", false).join();
    JsonNode history = history("x", "");
    assertThat(types(history))
        .containsExactly("ExecutionStarted", "SubOrchestrationInstanceCreated");
    assertThat(history.get(1).get("Name").asString()).isEqualTo("Wait");
    assertThat(history.get(1).get("InstanceId").asString()).isEqualTo("x-child");
    api.postJson("instances/x-child/raiseEvent/go", "1").isEmpty(202);
    api.ended("x");
    assertThat(types(history("x", "")))
        .containsExactly(
            "ExecutionStarted", "SubOrchestrationInstanceCompleted", "ExecutionCompleted");
    JsonNode child = history("x-child", "");
    assertThat(types(child))
        .containsExactly("ExecutionStarted", "EventRaised", "ExecutionCompleted");
    assertThat(child.get(1).get("Name").asString()).isEqualTo("go");
  }

  @Test
  void failuresAreShownWithoutStackTraces() {
    api.start("Fragile", "x", "1");
    api.ended("x");
    JsonNode history = history("x", "");
    assertThat(types(history))
        .containsExactly("ExecutionStarted", "TaskFailed", "ExecutionCompleted");
    assertThat(history.get(1).get("Reason").asString()).isEqualTo("broken");
    assertThat(history.get(1).get("FailureDetails").get("ErrorType").asString())
        .isEqualTo("java.lang.IllegalStateException");
    assertThat(history.toString()).doesNotContain("StackTrace").doesNotContain("ApiFixture");
  }

  @Test
  void timersAreShownWithTheirTime() {
    api.start("Sleep", "x", "1");
    api.ended("x");
    JsonNode history = history("x", "");
    assertThat(types(history))
        .containsExactly("ExecutionStarted", "TimerCreated", "TimerFired", "ExecutionCompleted");
    assertThat(history.get(1).get("FireAt")).isEqualTo(history.get(2).get("FireAt"));
  }

  @Test
  void whatOperatorsDoIsShown() {
    api.start("Wait", "x", "1");
    api.begun("x");
    api.post("instances/x/suspend?reason=lunch");
    api.post("instances/x/resume?reason=back");
    api.post("instances/x/terminate?reason=enough");
    api.ended("x");
    JsonNode history = history("x", "");
    assertThat(types(history))
        .containsExactly(
            "ExecutionStarted",
            "ExecutionSuspended",
            "ExecutionResumed",
            "ExecutionTerminated",
            "ExecutionCompleted");
    assertThat(history.get(1).get("Reason").asString()).isEqualTo("lunch");
    assertThat(history.get(3).get("Input").asString()).isEqualTo("enough");
    assertThat(history.get(4).get("OrchestrationStatus").asString()).isEqualTo("Terminated");
  }
}
