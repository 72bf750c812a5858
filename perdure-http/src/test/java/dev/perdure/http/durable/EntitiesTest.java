package dev.perdure.http.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.http.durable.ApiFixture.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntitiesTest {
  private static final String TOKEN = "x-ms-continuation-token";

  private final ApiFixture api = new ApiFixture();

  @AfterEach
  void close() {
    api.close();
  }

  /** Waits for a state; each question is answered by the engine, in order. */
  private void awaitState(String key, String state) {
    String at = "entities/Counter/" + key;
    Answer answer = api.get(at);
    while (answer.status() != 200 || !answer.body().equals(state)) {
      answer = api.get(at);
    }
  }

  private void add(String key, int n) {
    api.postJson("entities/Counter/" + key + "?op=add", "" + n).isEmpty(202);
  }

  @Test
  void aSignalChangesTheState() {
    add("a", 3);
    add("a", 4);
    awaitState("a", "{\"value\":7}");
    Answer answer = api.get("Entities/cOUNTER/a");
    assertThat(answer.json().toString()).isEqualTo("{\"value\":7}");
    api.get("entities/Counter/A").isEmpty(404); // keys have a case
  }

  @Test
  void whatIsNoJsonIsSentAsAText() {
    api.send(
            api.to("entities/Counter/a?op=fromText")
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString("12")))
        .isEmpty(202);
    awaitState("a", "{\"value\":12}");
  }

  @Test
  void theKeyMayBeEmpty() {
    api.postJson("entities/Counter?op=add", "5").isEmpty(202);
    awaitState("$", "{\"value\":5}");
  }

  @Test
  void anEntityCanBeDeleted() {
    add("a", 1);
    awaitState("a", "{\"value\":1}");
    api.delete("entities/Counter/a").isEmpty(202);
    while (api.get("entities/Counter/a").status() == 200) {
      Thread.onSpinWait();
    }
    api.get("entities/Counter/a").isEmpty(404);
    assertThat(api.get("entities").json()).isEmpty();
  }

  @Test
  void aSignalCanBePutOff() {
    Instant later = Instant.now().plusSeconds(10_000);
    api.postJson("entities/Counter/a?op=add&scheduledTime=" + later, "1").isEmpty(202);
    api.get("entities/Counter/a").isEmpty(404);
    assertThat(api.get("instances/@counter@a").json().get("customStatus").get("queueSize").asInt())
        .isEqualTo(1);
  }

  // ---- purging ------------------------------------------------------------------------------

  @Test
  void anEntityForWhichNothingWaitsIsPurged() {
    add("a", 1);
    awaitState("a", "{\"value\":1}");
    assertThat(api.delete("instances/@counter@a").body()).isEqualTo("{\"instancesDeleted\":1}");
    api.get("entities/Counter/a").isEmpty(404);
    api.delete("instances/@counter@a").isEmpty(404);
  }

  @Test
  void oneForWhichOperationsWaitIsLeftAloneAsAnOrchestrationThatGoesOn() {
    Instant later = Instant.now().plusSeconds(10_000);
    api.postJson("entities/Counter/a?op=add&scheduledTime=" + later, "1").isEmpty(202);
    assertThat(api.delete("instances/@counter@a").body()).isEqualTo("{\"instancesDeleted\":0}");
    assertThat(api.get("instances/@counter@a").json().get("customStatus").get("queueSize").asInt())
        .isEqualTo(1);
  }

  // ---- what cannot be -----------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "entities/Unknown/a?op=add, There is no entity 'unknown'",
    "entities/Counter/a%2Fb?op=add, characters / \\ # ?",
    "entities/Counter/a%0Ab?op=add, control character",
    "entities/%20/a?op=add, name is empty",
    "entities/Counter/a, name of the operation is empty",
    "entities/Counter/a?op=add&scheduledTime=2099-02-31, scheduledTime",
  })
  void whatCannotBeSignalledIsRefused(String path, String why) {
    api.postJson(path, "1").isBrief(400, why);
  }

  @Test
  void jsonThatIsNoneIsRefused() {
    api.postJson("entities/Counter/a?op=add", "{").isBrief(400, "Could not parse JSON content:");
  }

  @Test
  void anEmptyBodyIsNoInputWhateverItsType() {
    api.postJson("entities/Counter/a?op=delete", "").isEmpty(202);
  }

  // ---- lists --------------------------------------------------------------------------------

  private List<String> keys(Answer answer) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    List<String> keys = new ArrayList<>();
    answer.json().forEach(one -> keys.add(one.get("entityId").get("key").asString()));
    return keys;
  }

  private void three() {
    for (String key : List.of("a", "b", "c")) {
      add(key, 1);
      awaitState(key, "{\"value\":1}");
    }
  }

  @Test
  void entitiesAreListed() {
    three();
    Answer answer = api.get("entities/COUNTER");
    assertThat(keys(answer)).containsExactly("a", "b", "c");
    assertThat(answer.header(TOKEN)).isEmpty();
    assertThat(answer.json().get(0).propertyNames())
        .containsExactly("entityId", "lastOperationTime", "state");
    assertThat(answer.json().get(0).get("entityId").get("name").asString()).isEqualTo("counter");
    assertThat(answer.json().get(0).get("lastOperationTime").asString())
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{7}Z");
    assertThat(answer.json().get(0).get("state").isNull()).isTrue();
    assertThat(keys(api.get("entities/other"))).isEmpty();
  }

  @Test
  void statesAreShownIfTheyAreAskedFor() {
    three();
    assertThat(api.get("entities?fetchState=true").json().get(0).get("state").toString())
        .isEqualTo("{\"value\":1}");
  }

  @Test
  void pagesFollowEachOther() {
    three();
    Answer first = api.get("entities?top=2");
    assertThat(keys(first)).containsExactly("a", "b");
    Answer second = api.send(api.to("entities?top=2").header(TOKEN, first.header(TOKEN)));
    assertThat(keys(second)).containsExactly("c");
    assertThat(second.header(TOKEN)).isEmpty();
    api.send(api.to("entities").header(TOKEN, "nonsense")).isBrief(400, "continuation token");
  }

  @ParameterizedTest
  @ValueSource(strings = {"lastOperationTimeFrom=2999-01-01", "lastOperationTimeTo=2020-01-01"})
  void theTimesCount(String query) {
    three();
    assertThat(keys(api.get("entities?" + query))).isEmpty();
  }
}
