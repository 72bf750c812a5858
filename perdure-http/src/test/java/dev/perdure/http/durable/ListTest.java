package dev.perdure.http.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.http.durable.ApiFixture.Answer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists of instances, and purging. */
class ListTest {
  private static final String TOKEN = "x-ms-continuation-token";

  private final ApiFixture api = new ApiFixture();

  @BeforeEach
  void start() {
    for (int i = 0; i < 5; i++) {
      api.ended(api.start("Echo", "echo-" + i, "" + i));
    }
    api.ended(api.start("Fail", "fail", "1"));
    api.begun(api.start("Wait", "wait", "1"));
    for (String key : List.of("a", "b", "c")) {
      api.postJson("entities/Counter/" + key + "?op=add", "1").isEmpty(202);
      awaitState(key);
    }
  }

  /** Asks until the operation has run; each question is answered by the engine, in order. */
  private void awaitState(String key) {
    while (api.get("entities/counter/" + key).status() != 200) {
      Thread.onSpinWait();
    }
  }

  @AfterEach
  void close() {
    api.close();
  }

  private static List<String> ids(Answer answer) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    List<String> ids = new ArrayList<>();
    answer.json().forEach(one -> ids.add(one.get("instanceId").asString()));
    return ids;
  }

  private List<String> ids(String query) {
    return ids(api.get("instances?" + query));
  }

  @Test
  void allInstancesAreListedEntitiesToo() {
    Answer answer = api.get("instances");
    assertThat(ids(answer))
        .containsExactly(
            "echo-0",
            "echo-1",
            "echo-2",
            "echo-3",
            "echo-4",
            "fail",
            "wait",
            "@counter@a",
            "@counter@b",
            "@counter@c");
    assertThat(answer.header(TOKEN)).isEmpty();
    assertThat(answer.json().get(0).propertyNames())
        .containsExactly(
            "name",
            "instanceId",
            "runtimeStatus",
            "input",
            "customStatus",
            "output",
            "createdTime",
            "lastUpdatedTime");
    assertThat(answer.json().get(1).get("output").asInt()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 10, 1000})
  void pagesFollowEachOther(int size) {
    List<String> all = new ArrayList<>();
    String token = "";
    do {
      Answer page = api.send(api.to("instances?top=" + size).header(TOKEN, token));
      assertThat(ids(page)).hasSizeLessThanOrEqualTo(size);
      all.addAll(ids(page));
      token = page.header(TOKEN);
    } while (!token.isEmpty());
    assertThat(all).isEqualTo(ids(""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"nonsense", "onsense", "e!", "x"})
  void aTokenThatIsNoneIsRefused(String token) {
    api.send(api.to("instances").header(TOKEN, token))
        .isFull(400, "One or more of the arguments submitted is incorrect", "continuation token");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "runtimeStatus=Failed | fail",
        "runtimeStatus=3 | fail",
        "runtimeStatus=Failed,nonsense | fail",
        "runtimeStatus=Failed&runtimeStatus=Terminated | fail",
        "runtimeStatus=Failed,%20Completed&instanceIdPrefix=f | fail",
        "runtimeStatus=Running | wait @counter@a @counter@b @counter@c",
        "runtimeStatus=Canceled | ''",
        "runtimeStatus=ContinuedAsNew,Canceled | ''",
        "instanceIdPrefix=echo-3 | echo-3",
        "instanceIdPrefix=@counter@b | @counter@b",
        "instanceIdPrefix=none | ''",
        "createdTimeTo=2020-01-01 | ''",
        "createdTimeFrom=2999-01-01T00:00 | ''",
        "top=2 | echo-0 echo-1",
      })
  void filtersCount(String query, String expected) {
    assertThat(String.join(" ", ids(query))).isEqualTo(expected.strip());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "runtimeStatus=failed",
        "runtimeStatus=nonsense",
        "runtimeStatus=",
        "createdTimeFrom=yesterday",
        "createdTimeFrom=",
        "top=0",
        "top=many"
      })
  void aValueThatCannotBeReadCountsAsAbsent(String query) {
    assertThat(ids(query)).hasSize(10);
  }

  @Test
  void bothEndsOfTheTimesAreIncluded() {
    Instant created = api.ended("echo-2").createdAt();
    assertThat(
            ids("instanceIdPrefix=echo-2&createdTimeFrom=" + created + "&createdTimeTo=" + created))
        .containsExactly("echo-2");
  }

  @Test
  void inputsCanBeLeftOut() {
    Answer answer = api.get("instances?showInput=false");
    answer.json().forEach(one -> assertThat(one.get("input").isNull()).isTrue());
    assertThat(api.get("instances?instanceIdPrefix=echo-3").json().get(0).get("input").asInt())
        .isEqualTo(3);
  }

  // ---- purging ------------------------------------------------------------------------------

  @Test
  void oneInstanceIsPurged() {
    assertThat(api.delete("instances/echo-1").body()).isEqualTo("{\"instancesDeleted\":1}");
    api.get("instances/echo-1").isEmpty(404);
    api.delete("instances/echo-1").isEmpty(404);
  }

  @Test
  void oneThatRunsIsLeftAlone() {
    Answer answer = api.delete("instances/wait");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"instancesDeleted\":0}");
    assertThat(api.get("instances/wait").status()).isEqualTo(202);
  }

  @Test
  void anEntityIsPurged() {
    assertThat(api.delete("instances/%40counter%40a").body()).isEqualTo("{\"instancesDeleted\":1}");
    api.get("entities/counter/a").isEmpty(404);
    api.delete("instances/%40counter%40none").isEmpty(404);
  }

  @Test
  void manyArePurgedThatHaveEnded() {
    assertThat(api.delete("instances?createdTimeFrom=2020-01-01T00:00:00Z").body())
        .isEqualTo("{\"instancesDeleted\":6}");
    assertThat(ids("")).containsExactly("wait", "@counter@a", "@counter@b", "@counter@c");
    api.delete("instances?createdTimeFrom=2020-01-01T00:00:00Z").isEmpty(404);
  }

  /** The first of all times, as the library for Python writes it on Linux. */
  @Test
  void everythingIsPurgedSinceTheYearOne() {
    assertThat(api.delete("instances?createdTimeFrom=1-01-01T00:00:00.000000Z").body())
        .isEqualTo("{\"instancesDeleted\":6}");
  }

  @ParameterizedTest
  @CsvSource({"Failed, 1", "'Failed,Completed', 6", "'Failed,Running', 1"})
  void theStatusesCount(String statuses, int purged) {
    assertThat(
            api.delete("instances?createdTimeFrom=2020-01-01&runtimeStatus=" + statuses)
                .json()
                .get("instancesDeleted")
                .asInt())
        .isEqualTo(purged);
  }

  @ParameterizedTest
  @CsvSource({
    "runtimeStatus=completed, 'completed'",
    "'runtimeStatus=Failed,Complete', 'Complete'",
    "runtimeStatus=Unknown, 'Unknown'",
    "createdTimeTo=yesterday, createdTimeTo",
    "createdTimeTo=2099-02-31, createdTimeTo"
  })
  void aFilterThatCannotBeReadPurgesNothing(String filter, String named) {
    Answer answer = api.delete("instances?createdTimeFrom=2020-01-01&" + filter);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().asString()).contains("'" + named + "'", "Nothing was purged");
    assertThat(ids("")).hasSize(10);
  }

  @Test
  void whatHasNotEndedIsNotPurgedWhateverIsAskedFor() {
    api.delete("instances?createdTimeFrom=2020-01-01&runtimeStatus=Running").isEmpty(404);
    assertThat(ids("")).hasSize(10);
  }

  @Test
  void theTimesCount() {
    api.delete("instances?createdTimeFrom=2020-01-01&createdTimeTo=2021-01-01").isEmpty(404);
    String now = Instant.now().toString().toLowerCase(Locale.ROOT);
    assertThat(
            api.delete("instances?createdTimeFrom=2020-01-01&createdTimeTo=" + now)
                .json()
                .get("instancesDeleted")
                .asInt())
        .isEqualTo(6);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "?createdTimeFrom=",
        "?createdTimeFrom=soon",
        "?createdTimeFrom=2020-02-31",
        "?createdTimeTo=2026-01-01"
      })
  void aTimeMustBeGiven(String query) {
    Answer answer = api.delete("instances" + query);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().asString())
        .isEqualTo("Please provide value for 'createdTimeFrom' parameter.");
  }
}
