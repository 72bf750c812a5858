package dev.perdure.http.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.ExecutionCompleted;
import dev.perdure.api.HistoryEvent.ExecutionRewound;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TaskFailed;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.OrchestrationStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How a history is shown after a rewind. */
class HistoryEventsTest {
  private static final Instant T = Instant.parse("2026-01-31T09:05:07Z");
  private static final FailureDetails FAILURE = new FailureDetails("E", "m", null, null, false);

  private static final TaskScheduled PAY = call(0, "Pay");

  /** It fails, the code does something about it, and is rewound. */
  private static final List<HistoryEvent> REWOUND =
      List.of(
          PAY,
          new TaskFailed(T, 0, FAILURE),
          call(1, "Apologize"),
          new TaskCompleted(T, 1, null),
          new ExecutionCompleted(T, OrchestrationStatus.FAILED, null, FAILURE),
          new ExecutionRewound(T, null, List.of(1, 2, 3, 4), List.of(PAY), 0, 0));

  private static TaskScheduled call(int id, String name) {
    return new TaskScheduled(T, id, name, null, id, 1);
  }

  private static List<String> shown(List<HistoryEvent> events) {
    JsonNode json =
        JsonMapper.shared()
            .readTree(
                Json.object(object -> new HistoryEventsJson(object, events, false, false).write())
                    .text());
    return json.get("historyEvents")
        .valueStream()
        .map(
            event ->
                event.get("EventType").asString()
                    + event.path("FunctionName").asString("")
                    + event.path("Name").asString(""))
        .toList();
  }

  @Test
  void aCallThatIsMadeAgainIsOpenUntilItsOutcomeIsKnown() {
    assertThat(shown(REWOUND))
        .containsExactly(
            "TaskScheduledPay",
            "TaskFailedPay",
            "TaskCompletedApologize",
            "ExecutionCompleted",
            "ExecutionRewound");
  }

  /** As libraries number their calls, which know nothing of those that were taken back. */
  @Test
  void aCallIsNotTakenForOneThatHadItsNumberBefore() {
    List<HistoryEvent> later = new ArrayList<>(REWOUND);
    later.add(new TaskCompleted(T, 0, null));
    later.add(call(1, "Ship"));
    assertThat(shown(later))
        .containsExactly(
            "TaskFailedPay",
            "TaskCompletedApologize",
            "ExecutionCompleted",
            "ExecutionRewound",
            "TaskCompletedPay",
            "TaskScheduledShip");

    later.add(new TaskCompleted(T, 1, null));
    assertThat(shown(later))
        .containsExactly(
            "TaskFailedPay",
            "TaskCompletedApologize",
            "ExecutionCompleted",
            "ExecutionRewound",
            "TaskCompletedPay",
            "TaskCompletedShip");
  }
}
