package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.ExecutionCompleted;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.Problem;
import dev.perdure.api.TypeRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Keeps what {@link LoadProgram} was told, and compares it with what is in the hub at the end. */
final class LoadAudit {
  private record Run(String instanceId, int taskId, String input) {}

  private final Set<String> started = new HashSet<>();
  private final Map<String, Instant> completed = new HashMap<>();
  private final Map<String, List<Integer>> raised = new HashMap<>();
  private final Set<Run> runs = new HashSet<>();
  private final List<String> errors = new ArrayList<>();

  /** Takes a line of the program. */
  synchronized void heard(String line) {
    String[] words = line.split(" ", 4);
    switch (words[0]) {
      case "started" -> started.add(words[1]);
      case "completed" -> completed.put(words[1], Instant.parse(words[2]));
      case "raised" ->
          raised.computeIfAbsent(words[1], id -> new ArrayList<>()).add(Integer.parseInt(words[2]));
      case "ran" -> runs.add(new Run(words[1], Integer.parseInt(words[2]), words[3]));
      case "error" -> errors.add(line);
      default -> {}
    }
  }

  synchronized int acknowledgedStarts() {
    return started.size();
  }

  /** Lets everything in the hub end, and checks it. */
  synchronized void check(PerdureClient client, boolean activitiesWaitForCommits) {
    assertThat(errors).isEmpty();
    letEnd(client);
    Map<String, OrchestrationMetadata> instances = all(client, InstanceQuery.ALL.withPayloads());
    assertThat(instances)
        .as("every acknowledged start")
        .containsKeys(started.toArray(String[]::new));
    instances.values().forEach(instance -> checkOne(client, instance, instances));
    if (activitiesWaitForCommits) {
      checkRuns(client);
    }
  }

  private void letEnd(PerdureClient client) {
    Map<String, OrchestrationMetadata> unfinished =
        all(
            client,
            InstanceQuery.ALL.withStatuses(
                OrchestrationStatus.PENDING, OrchestrationStatus.RUNNING));
    for (OrchestrationMetadata instance : unfinished.values()) {
      String id = instance.instanceId();
      if (instance.problem() != null) { // killed too often while it was under way
        assertThat(instance.problem().kind()).as(id).isEqualTo(Problem.Kind.POISON);
        client.requeue(id, "it was not its fault");
      }
      if (Load.kind(id).equals("mail")) {
        try {
          client.raiseEvent(id, "letter", Load.LAST);
        } catch (InvalidInstanceStateException e) {
          // the last letter had been on its way; it has ended
        }
      }
    }
    unfinished.keySet().forEach(id -> Hubs.completed(client, id));
  }

  private void checkOne(
      PerdureClient client,
      OrchestrationMetadata instance,
      Map<String, OrchestrationMetadata> instances) {
    String id = instance.instanceId();
    assertThat(instance.status()).as(id).isEqualTo(OrchestrationStatus.COMPLETED);
    if (Load.kind(id).equals("mail")) {
      checkLetters(id, instance.output(new TypeRef<List<Integer>>() {}));
    } else {
      assertThat(instance.output(String.class)).as(id).isEqualTo(Load.expected(id));
    }
    if (Load.kind(id).equals("family")) {
      assertThat(instances).containsKeys(Load.children(id).toArray(String[]::new));
    }
    if (instance.parent() != null) {
      assertThat(instances).as(id + " has a parent").containsKey(instance.parent().instanceId());
    }
    if (completed.containsKey(id)) {
      assertThat(instance.completedAt()).as(id + " ended once").isEqualTo(completed.get(id));
    }
    List<HistoryEvent> history = client.history(id);
    assertThat(history).as(id).filteredOn(ExecutionCompleted.class::isInstance).hasSize(1);
    assertThat(history.getLast()).as(id).isInstanceOf(ExecutionCompleted.class);
  }

  /** What was acknowledged came once and in order; what was not came once at the most. */
  private void checkLetters(String id, List<Integer> letters) {
    assertThat(letters).as(id).isSorted().doesNotHaveDuplicates();
    assertThat(letters).as(id).containsAll(raised.getOrDefault(id, List.of()));
  }

  /** No activity ran for a schedule that a kill has undone. */
  private void checkRuns(PerdureClient client) {
    Map<String, Map<Integer, String>> scheduled = new HashMap<>();
    for (Run run : runs) {
      Map<Integer, String> tasks =
          scheduled.computeIfAbsent(run.instanceId(), id -> scheduled(client, id));
      assertThat(tasks.get(run.taskId())).as(run.toString()).isEqualTo(run.input());
    }
  }

  private static Map<Integer, String> scheduled(PerdureClient client, String id) {
    Map<Integer, String> tasks = new TreeMap<>();
    for (HistoryEvent event : client.history(id)) {
      if (event instanceof TaskScheduled task) {
        tasks.put(
            task.taskId(),
            (String)
                client
                    .status(id, false)
                    .orElseThrow()
                    .dataConverter()
                    .fromPayload(task.input(), String.class));
      }
    }
    return tasks;
  }

  static Map<String, OrchestrationMetadata> all(PerdureClient client, InstanceQuery query) {
    Map<String, OrchestrationMetadata> found = new LinkedHashMap<>();
    InstanceQuery next = query.withPageSize(1000);
    do {
      InstanceQuery.Page page = client.query(next);
      for (OrchestrationMetadata instance : page.instances()) {
        assertThat(found.put(instance.instanceId(), instance))
            .as("listed twice: " + instance.instanceId())
            .isNull();
      }
      next = next.withContinuationToken(page.continuationToken());
    } while (next.continuationToken() != null);
    return found;
  }
}
