package dev.perdure.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.CodeState;
import dev.perdure.api.HistoryEvent.ContinuedAsNew;
import dev.perdure.api.HistoryEvent.CustomStatusSet;
import dev.perdure.api.HistoryEvent.EntityLockGranted;
import dev.perdure.api.HistoryEvent.EntityLockRequested;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityOperationCompleted;
import dev.perdure.api.HistoryEvent.EntityOperationFailed;
import dev.perdure.api.HistoryEvent.EntityOperationSignaled;
import dev.perdure.api.HistoryEvent.EntityUnlockSent;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.EventSent;
import dev.perdure.api.HistoryEvent.ExecutionCompleted;
import dev.perdure.api.HistoryEvent.ExecutionRequeued;
import dev.perdure.api.HistoryEvent.ExecutionResumed;
import dev.perdure.api.HistoryEvent.ExecutionRewound;
import dev.perdure.api.HistoryEvent.ExecutionSetAside;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.ExecutionSuspended;
import dev.perdure.api.HistoryEvent.OrchestratorCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.SubOrchestrationFailed;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TaskFailed;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerCanceled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.HistoryEvent.TimerFired;
import dev.perdure.api.HistoryEvent.WorkRedelivered;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.ParentInstance;
import dev.perdure.api.Payload;
import dev.perdure.api.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HistoryJsonTest {
  private static final Instant AT = Instant.parse("2030-01-01T12:00:00.123Z");
  private static final Payload DATA = Payload.of("{\"a\":[1,2.50,\"größer \\u00e9 🚀\",null]}");
  private static final Payload BYTES = Payload.of(new byte[] {0, (byte) 0xff, 7});
  private static final FailureDetails FAILURE =
      new FailureDetails(
          "T", "größer\n\"x\"", "\tat x", new FailureDetails("C", "", null, null, false), true);
  private static final TaskScheduled TASK = new TaskScheduled(AT, 3, "work", DATA, 2, 4);

  /** At least one event of each kind, and each component that may be null both ways. */
  private static final List<HistoryEvent> EVENTS =
      List.of(
          new ExecutionStarted(
              AT,
              "n",
              "v2",
              "e",
              DATA,
              new ParentInstance("p", "pe", "pn", "pv", 9),
              AT,
              Map.of("k", "v", "", "b", "ключ", "🚀")),
          new ExecutionStarted(AT, "n", "", "e", null, null, null, Map.of()),
          new ExecutionStarted(
              AT,
              "n",
              "",
              "e",
              null,
              new ParentInstance("p", "pe", "pn", "", 9, 2),
              null,
              Map.of()),
          new OrchestratorCompleted(AT, 300, List.of("go", "stop")),
          new OrchestratorCompleted(AT, 0, List.of()),
          TASK,
          new TaskScheduled(AT, -1, "", BYTES, -1, 1),
          new TaskScheduled(AT, 3, "work", DATA, 2, 2, 5, null, Map.of(), null),
          new TaskScheduled(AT, 3, "work", DATA, 2, 2, 5, "", Map.of(), null),
          new TaskScheduled(
              AT, 3, "work", null, 3, 1, Integer.MAX_VALUE, "v2", Map.of("a", "b"), null),
          new TaskCompleted(AT, 3, null),
          new TaskCompleted(AT, 3, Payload.of("null")),
          new TaskCompleted(AT, 3, Payload.EMPTY),
          new TaskFailed(AT, 3, FAILURE),
          new SubOrchestrationCreated(AT, -1, "i", "n", "", Payload.EMPTY, Map.of("a", "b")),
          new SubOrchestrationCreated(AT, 4, "i", "n", "", DATA, 1, 5, Map.of(), null),
          new SubOrchestrationCreated(AT, 4, "i", "n", "", null, 2, 5, Map.of(), null),
          new SubOrchestrationCompleted(AT, 64, DATA),
          new SubOrchestrationFailed(AT, 64, FAILURE),
          new TimerCreated(AT, 1, Instant.parse("+11970-01-01T00:00:00Z")),
          new TimerFired(Instant.EPOCH, 1),
          new TimerCanceled(AT, 1),
          new EventRaised(AT, "Grüße", DATA),
          new EventRaised(AT, "x", null),
          new EventSent(AT, 5, "i", "🚀", BYTES),
          new EntityOperationCalled(AT, 3, "@c@a", "add", DATA),
          new EntityOperationSignaled(AT, 3, "@c@", "add", null, AT),
          new EntityOperationSignaled(AT, 3, "@c@", "add", DATA, null),
          new EntityOperationCompleted(AT, 200, DATA),
          new EntityOperationFailed(AT, 3, FAILURE),
          new EntityLockRequested(AT, 3, List.of("@c@a", "@c@ö")),
          new EntityLockGranted(AT, 3),
          new EntityUnlockSent(AT, 3),
          new CustomStatusSet(AT, DATA),
          new CustomStatusSet(AT, null),
          new ExecutionSuspended(AT, "why"),
          new ExecutionSuspended(AT, null),
          new ExecutionResumed(AT, "why"),
          new ExecutionRewound(AT, "r", List.of(1, 200), List.of(TASK), 7, 9),
          new ExecutionRewound(AT, null, List.of(), List.of(), 0, 0),
          new ExecutionRewound(AT, null, List.of(), List.of(), 0, 0, 2, 0, null),
          new ExecutionRewound(AT, null, List.of(), List.of(), 0, 0, 0, 12, null),
          new ExecutionRewound(
              AT, null, List.of(), List.of(), 0, 0, 0, 12, new CodeState(false, null, List.of())),
          new ExecutionRewound(
              AT,
              null,
              List.of(),
              List.of(),
              0,
              0,
              0,
              12,
              new CodeState(true, DATA, List.of("go"))),
          new ExecutionSetAside(AT, new Problem(Problem.Kind.POISON, "bad")),
          new ExecutionRequeued(AT, "again"),
          new WorkRedelivered(AT, 3, 2),
          new ContinuedAsNew(AT, DATA),
          new ExecutionCompleted(AT, OrchestrationStatus.FAILED, null, FAILURE),
          new ExecutionCompleted(AT, OrchestrationStatus.COMPLETED, DATA, null));

  static List<HistoryEvent> events() {
    return EVENTS;
  }

  @Test
  void noKindOfEventIsForgotten() {
    assertThat(EVENTS.stream().map(Object::getClass).collect(Collectors.toSet()))
        .containsExactlyInAnyOrder(HistoryEvent.class.getPermittedSubclasses());
  }

  @ParameterizedTest
  @MethodSource("events")
  void whatIsWrittenIsReadBack(HistoryEvent event) {
    String json = HistoryJson.write("one", List.of(event));
    assertThat(HistoryJson.read(json)).isEqualTo(new HistoryJson.Document("one", List.of(event)));
  }

  @Test
  void aWholeHistoryIsReadBackAlsoWhenItHasBeenIndentedAnew() {
    HistoryJson.Document document = new HistoryJson.Document("größer", EVENTS);
    String json = HistoryJson.write(document.instanceId(), document.events());
    assertThat(HistoryJson.read(json)).isEqualTo(document);
    assertThat(HistoryJson.read(json.replace("\n", "\r\n\t "))).isEqualTo(document);
  }

  /** Files are kept for years: what this version writes, the next ones have to read. */
  @Test
  void theFormIsAsDocumented() {
    assertThat(
            HistoryJson.write(
                "order-17",
                List.of(
                    new ExecutionStarted(
                        AT, "order", "2", "e1", DATA, null, null, Map.of("b", "2", "a", "1")),
                    new TaskScheduled(AT, 0, "work", BYTES, 0, 1))))
        .isEqualToNormalizingNewlines(
            """
            {
              "instanceId" : "order-17",
              "name" : "order",
              "version" : "2",
              "executionId" : "e1",
              "events" : [ {
                "type" : "ExecutionStarted",
                "timestamp" : "2030-01-01T12:00:00.123Z",
                "name" : "order",
                "version" : "2",
                "executionId" : "e1",
                "input" : {"a":[1,2.50,"größer \\u00e9 🚀",null]},
                "tags" : {
                  "a" : "1",
                  "b" : "2"
                }
              }, {
                "type" : "TaskScheduled",
                "timestamp" : "2030-01-01T12:00:00.123Z",
                "taskId" : 0,
                "name" : "work",
                "inputBase64" : "AP8H",
                "firstTaskId" : 0,
                "attempt" : 1
              } ]
            }""");
  }

  @Test
  void howManyAttemptsThereAreIsSaidOnlyOfWhatIsTriedAgain() {
    String once =
        HistoryJson.write(
            "one",
            List.of(
                new TaskScheduled(AT, 0, "work", null, 0, 1),
                new SubOrchestrationCreated(AT, 1, "i", "n", "", null, Map.of())));
    String again =
        HistoryJson.write(
            "one",
            List.of(
                new TaskScheduled(AT, 0, "work", null, 0, 2, 5, null, Map.of(), null),
                new SubOrchestrationCreated(AT, 1, "i", "n", "", null, 2, 5, Map.of(), null)));

    assertThat(once).doesNotContain("attemptsMax").containsOnlyOnce("\"attempt\" : 1");
    assertThat(again.split("\"attempt\" : 2,\\s+\"attemptsMax\" : 5", -1)).hasSize(3);
  }

  @Test
  void anEmptyVersionOfAnActivityIsSaidAndNoVersionIsNot() {
    String unversioned =
        HistoryJson.write(
            "one", List.of(new TaskScheduled(AT, 0, "work", null, 0, 1, 0, "", Map.of(), null)));
    String any = HistoryJson.write("one", List.of(new TaskScheduled(AT, 0, "work", null, 0, 1)));

    assertThat(unversioned).containsOnlyOnce("\"version\" : \"\"");
    assertThat(any).doesNotContain("version");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "-0",
        "1e5",
        "1.00",
        "123456789012345678901234567890",
        "true",
        "null",
        "\"text\"",
        "\"\\ud83d\\ude80\"",
        "[]",
        "{}",
        "{ \"a\" : [ 1 ,2 ] }",
        "{\"inputBase64\":\"AP8H\"}"
      })
  void aPayloadThatIsJsonIsKeptToTheByte(String text) {
    List<HistoryEvent> events = List.of(new ContinuedAsNew(AT, Payload.of(text)));
    String json = HistoryJson.write("one", events);
    assertThat(json).contains("\"input\" : " + text);
    assertThat(HistoryJson.read(json).events()).isEqualTo(events);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " 1",
        "1 ",
        "1 2",
        "{",
        "{\"a\":1,\"a\":2}",
        "nul",
        "'a'",
        "[1,]",
        "\uFEFF1",
        "NaN",
        "plain text",
        "// a\n1",
        "{}}"
      })
  void aPayloadThatIsNotJsonIsKeptAsBase64(String text) {
    List<HistoryEvent> events = List.of(new ContinuedAsNew(AT, Payload.of(text)));
    String json = HistoryJson.write("one", events);
    assertThat(json).contains("inputBase64");
    assertThat(HistoryJson.read(json).events()).isEqualTo(events);
  }

  @Test
  void deepAndLongPayloadsAreKept() {
    for (String text :
        List.of(
            "[".repeat(490) + "]".repeat(490),
            "[".repeat(2_000) + "]".repeat(2_000),
            "9".repeat(5_000),
            "\"" + "x".repeat(25_000_000) + "\"",
            "{\"" + "k".repeat(60_000) + "\":1}")) {
      List<HistoryEvent> events = List.of(new ContinuedAsNew(AT, Payload.of(text)));
      assertThat(HistoryJson.read(HistoryJson.write("one", events)).events()).isEqualTo(events);
    }
  }

  // ---- damage -----------------------------------------------------------------------------------

  private static final String SMALL =
      """
      {
        "instanceId": "one",
        "events": [
          {"type": "TimerCreated", "timestamp": "2030-01-01T12:00:00Z", "taskId": 1, "fireAt": "2030-01-02T12:00:00Z"},
          {"type": "ExecutionCompleted", "timestamp": "2030-01-01T12:00:00Z", "status": "COMPLETED"}
        ]
      }
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"taskId\": 1 | \"taskId\": \"1\" | line 4, events[0].taskId: this should be a whole number, and is \"1\"",
        "\"taskId\": 1 | \"taskId\": 1.5 | line 4, events[0].taskId: this should be a whole number, and is 1.5",
        "\"taskId\": 1 | \"taskId\": 99999999999 | events[0].taskId: this should be a whole number",
        "\"taskId\": 1 | \"id\": 1 | line 4, events[0]: 'taskId' is missing",
        "\"TimerCreated\" | \"TimerMade\" | line 4, events[0].type: no history event is called 'TimerMade'",
        "\"TimerCreated\" | null | events[0].type: this should be a text, and is null",
        "\"COMPLETED\" | \"DONE\" | line 5, events[1].status: this should be one of [PENDING,",
        "\"2030-01-02T12:00:00Z\" | \"tomorrow\" | events[0].fireAt: this should be a time such as",
        "\"events\": [ | \"events\": [ 7, | line 3, events[0]: this should be an object",
        "\"instanceId\": \"one\" | \"instanceId\": [] | line 2, instanceId: this should be a text, and is []",
        "\"COMPLETED\" | \"COMPLETED\", \"output\": 1, \"outputBase64\": \"\" | events[1].outputBase64: 'output' is there as well",
        "\"COMPLETED\" | \"COMPLETED\", \"outputBase64\": \"?\" | events[1].outputBase64: this should be Base64",
        "\"COMPLETED\" | \"COMPLETED\", \"status\": \"FAILED\" | line 5, column",
        "\"COMPLETED\" | COMPLETED | line 5, column",
      })
  void whatIsDamagedIsSaidWithThePlace(String original, String damage, String message) {
    assertThat(SMALL).contains(original);
    assertThat(HistoryJson.read(SMALL).events()).hasSize(2);
    assertThatThrownBy(() -> HistoryJson.read(SMALL.replace(original, damage)))
        .isInstanceOf(HistoryFormatException.class)
        .hasMessageStartingWith("This is not a history: ")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "[]", "1", "\"text\"", "null", "{}", "{}{}", "<html>"})
  void whatIsNoHistoryAtAllIsRefused(String text) {
    assertThatThrownBy(() -> HistoryJson.read(text))
        .isInstanceOf(HistoryFormatException.class)
        .hasMessageStartingWith("This is not a history: ");
  }

  @Test
  void aFileThatIsCutShortAnywhereIsRefused() {
    String json = HistoryJson.write("one", EVENTS);
    int end = json.stripTrailing().length();
    List<Integer> read = new ArrayList<>();
    for (int length = 0; length < end; length += 7) {
      try {
        HistoryJson.read(json.substring(0, length));
        read.add(length);
      } catch (HistoryFormatException e) {
        assertThat(e).hasMessageStartingWith("This is not a history: ");
      }
    }
    assertThat(read).isEmpty();
    assertThat(Arrays.asList(json.split("\n"))).hasSizeGreaterThan(100);
  }
}
