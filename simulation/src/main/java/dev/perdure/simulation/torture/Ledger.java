package dev.perdure.simulation.torture;

import dev.perdure.api.AuditReport;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.EntityQuery;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.TypeRef;
import dev.perdure.api.WaitTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** What hosts were told before they were killed, to be compared with what is there in the end. */
final class Ledger {
  private final Set<String> started = new LinkedHashSet<>();
  private final Map<String, Instant> completed = new HashMap<>();
  private final Map<String, List<Integer>> raised = new HashMap<>();
  private int signaled;

  private final Set<String> lost = new LinkedHashSet<>();
  private final Set<String> stuck = new LinkedHashSet<>();
  private final Set<String> endedTwice = new LinkedHashSet<>();
  private final List<String> wrong = new ArrayList<>();
  private int instances;

  /** Takes a line of a host. */
  synchronized void heard(String line) {
    String[] words = line.split(" ", 4);
    switch (words[0]) {
      case "started" -> started.add(words[1]);
      case "completed" -> ended(words[1], Instant.parse(words[2]));
      case "raised" ->
          raised.computeIfAbsent(words[1], id -> new ArrayList<>()).add(Integer.valueOf(words[2]));
      case "signaled" -> signaled++;
      case "error" -> wrong.add(line);
      default -> {}
    }
  }

  private void ended(String id, @Nullable Instant at) {
    if (at != null) {
      Instant before = completed.putIfAbsent(id, at);
      if (before != null && !before.equals(at)) {
        endedTwice.add("%s ended at %s and at %s".formatted(id, before, at));
      }
    }
  }

  synchronized int acknowledged() {
    return started.size();
  }

  /** Lets everything in a hub end, and compares. */
  synchronized void judge(PerdureClient client, Duration patience) {
    long until = System.nanoTime() + patience.toNanos();
    letEnd(client, until);
    Map<String, OrchestrationMetadata> all = all(client, InstanceQuery.ALL.withPayloads());
    instances = all.size();
    for (String id : started) {
      if (!all.containsKey(id)) {
        lost.add(id + " was acknowledged and is not there");
      }
    }
    completed
        .keySet()
        .forEach(
            id -> {
              if (!all.containsKey(id)) {
                lost.add(id + " had ended and is not there");
              }
            });
    all.values().forEach(instance -> judge(client, instance));
    judgeEntities(client, all.values(), until);
    AuditReport audit = client.audit();
    audit.findings().forEach(finding -> stuck.add(finding.toString()));
    audit.notes().forEach(note -> stuck.add(note.toString()));
  }

  private void letEnd(PerdureClient client, long until) {
    Collection<OrchestrationMetadata> unfinished =
        all(
                client,
                InstanceQuery.ALL.withStatuses(
                    OrchestrationStatus.PENDING, OrchestrationStatus.RUNNING))
            .values();
    for (OrchestrationMetadata instance : unfinished) {
      if (Work.kind(instance.instanceId()).equals("mail")) {
        try {
          client.raiseEvent(instance.instanceId(), "letter", Work.LAST);
        } catch (InvalidInstanceStateException e) {
          // the last letter had been on its way; it has ended
        }
      }
    }
    for (OrchestrationMetadata instance : unfinished) {
      String id = instance.instanceId();
      try {
        client.waitForCompletion(id, Duration.ofNanos(Math.max(1, until - System.nanoTime())));
      } catch (WaitTimeoutException e) {
        stuck.add(client.explain(id).toString());
      }
    }
  }

  private void judge(PerdureClient client, OrchestrationMetadata instance) {
    String id = instance.instanceId();
    if (!instance.isTerminal()) {
      return; // stuck, as was noticed before
    }
    ended(id, instance.completedAt());
    long ends =
        client.history(id).stream()
            .filter(HistoryEvent.ExecutionCompleted.class::isInstance)
            .count();
    if (ends != 1) {
      endedTwice.add("%s has %d ends in its history".formatted(id, ends));
    }
    String expected = Work.expected(id);
    if (instance.status() != OrchestrationStatus.COMPLETED) {
      wrong.add("%s ended as %s: %s".formatted(id, instance.status(), instance.failure()));
    } else if (expected == null) {
      judgeLetters(id, instance.output(new TypeRef<List<Integer>>() {}));
    } else if (!expected.equals(instance.output(String.class))) {
      wrong.add("%s returned %s".formatted(id, instance.output(String.class)));
    }
  }

  private void judgeLetters(String id, @Nullable List<Integer> letters) {
    List<Integer> got = letters == null ? List.of() : letters;
    for (Integer letter : raised.getOrDefault(id, List.of())) {
      if (!got.contains(letter)) {
        lost.add("%s was sent letter %d and got %s".formatted(id, letter, got));
      }
    }
    if (got.stream().distinct().count() != got.size()) {
      wrong.add("%s got a letter twice: %s".formatted(id, got));
    }
  }

  private void judgeEntities(
      PerdureClient client, Collection<OrchestrationMetadata> all, long until) {
    List<EntityMetadata> entities = entities(client);
    while (!entities.stream().allMatch(Ledger::rests) && System.nanoTime() < until) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      entities = entities(client);
    }
    long counted = 0;
    long byClients = 0;
    long balance = 0;
    long withdrawals = 0;
    long deposits = 0;
    for (EntityMetadata entity : entities) {
      if (!rests(entity)) {
        stuck.add(entity + " is locked, or operations wait at it");
      }
      Work.Counter counter =
          entity.id().name().equals("counter") ? entity.state(Work.Counter.class) : null;
      Work.Account account =
          entity.id().name().equals("account") ? entity.state(Work.Account.class) : null;
      if (counter != null && entity.id().key().equals("clients")) {
        byClients = counter.value;
      } else if (counter != null) {
        counted += counter.value;
      } else if (account != null) {
        balance += account.balance;
        withdrawals += account.withdrawals;
        deposits += account.deposits;
      }
    }
    long counts = all.stream().filter(i -> Work.kind(i.instanceId()).equals("count")).count();
    long transfers = all.stream().filter(i -> Work.kind(i.instanceId()).equals("transfer")).count();
    long expected = counts * (Work.CALLS + Work.SIGNALS);
    if (counted != expected) {
      wrong.add("the counters have %d, and %d was added".formatted(counted, expected));
    }
    if (byClients < signaled) {
      lost.add("%d signals were acknowledged, %d took effect".formatted(signaled, byClients));
    }
    if (balance != 0) {
      wrong.add("all accounts together have " + balance);
    }
    if (withdrawals != transfers || deposits != transfers) {
      wrong.add(
          "%d transfers made %d withdrawals and %d deposits"
              .formatted(transfers, withdrawals, deposits));
    }
  }

  private static boolean rests(EntityMetadata entity) {
    return entity.lockedBy() == null && entity.operationsWaiting() == 0 && entity.problem() == null;
  }

  private static Map<String, OrchestrationMetadata> all(PerdureClient client, InstanceQuery query) {
    Map<String, OrchestrationMetadata> all = new LinkedHashMap<>();
    InstanceQuery page = query.withPageSize(1_000);
    while (true) {
      InstanceQuery.Page found = client.query(page);
      found.instances().forEach(instance -> all.put(instance.instanceId(), instance));
      if (found.continuationToken() == null) {
        return all;
      }
      page = page.withContinuationToken(found.continuationToken());
    }
  }

  private static List<EntityMetadata> entities(PerdureClient client) {
    return client
        .queryEntities(EntityQuery.ALL.withStatelessToo().withStates().withPageSize(1_000))
        .entities();
  }

  /** Everything that is not as it was promised. */
  synchronized List<String> complaints() {
    List<String> all = new ArrayList<>();
    lost.forEach(what -> all.add("LOST: " + what));
    stuck.forEach(what -> all.add("STUCK: " + what));
    endedTwice.forEach(what -> all.add("ENDED TWICE: " + what));
    wrong.forEach(what -> all.add("WRONG: " + what));
    return all;
  }

  synchronized String summary(int kills) {
    return "%d kills, %d orchestrations, %d lost, %d stuck, %d ended twice"
        .formatted(kills, instances, lost.size(), stuck.size(), endedTwice.size());
  }
}
