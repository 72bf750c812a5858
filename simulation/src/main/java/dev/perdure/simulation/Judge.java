package dev.perdure.simulation;

import dev.perdure.api.EntityMetadata;
import dev.perdure.api.EntityStorageCleanup;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.PurgeFilter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * Once nothing goes wrong any more, everything has to end, and to have come to what was promised.
 */
final class Judge {
  private static final Duration PATIENCE = Duration.ofMillis(100);

  private final Scene scene;
  private final Report report;
  private final Requester hub;
  private final Promises promises;
  private final Manager manager;
  private final BooleanSupplier clientsAreBusy;
  private final Runnable powerOff;
  private String waitingFor = "clients";

  /**
   * A judge.
   *
   * @param clientsAreBusy whether clients have not got all their answers
   * @param powerOff kills the host there is, and starts another one
   */
  Judge(Scene scene, BooleanSupplier clientsAreBusy, Runnable powerOff) {
    this.scene = scene;
    this.report = scene.report();
    this.hub = scene.hub();
    this.promises = scene.promises();
    this.manager = new Manager(hub, promises, report);
    this.clientsAreBusy = clientsAreBusy;
    this.powerOff = powerOff;
  }

  /** What the judge waits for, if that does not come. */
  String waitingFor() {
    return waitingFor;
  }

  void judge() {
    if (scene.random().nextBoolean()) {
      powerOff.run(); // in the middle of everything; else the host has to come right by itself
    }
    hub.audit();
    letEverythingEnd();
    judgePurges();
    waitingFor = "entities to come to rest";
    List<EntityMetadata> entities = entitiesAtRest();
    judgeCounters(entities);
    judgeAccounts(entities);
    judgeCleaning();
    waitingFor = "an audit";
    hub.audit();
    waitingFor = "the replay of all";
    hub.instances(InstanceQuery.ALL)
        .forEach(instance -> scene.replays().check(instance.instanceId()));
    waitingFor = "comparing before and after a crash";
    judgeRecovery();
    judgeLastPurge();
  }

  // ---- ending ---------------------------------------------------------------------------------

  private void letEverythingEnd() {
    Duration patience = PATIENCE;
    while (clientsAreBusy.getAsBoolean()) {
      hub.pause(patience);
      nudge(); // clients may wait for what somebody has suspended
      patience = longer(patience);
    }
    nudge();
    for (Promise promise : promises.all()) {
      waitingFor = promise.id();
      boolean acknowledged = promise.acknowledged;
      try {
        promises.seen(hub.awaitEnd(promise.id()));
      } catch (InstanceNotFoundException e) {
        promises.missed(promise.id(), acknowledged);
      }
    }
    for (Promise promise : promises.all()) {
      if (promise.name().equals("mailbox") && promise.isCompleted()) {
        String letters = Objects.requireNonNull(promise.end).substring("COMPLETED ".length());
        promises.mailbox(promise.id()).check(promise.id(), letters, report);
      }
    }
    waitingFor = "children";
    patience = PATIENCE;
    while (!hub.instances(InstanceQuery.ALL).stream().allMatch(OrchestrationMetadata::isTerminal)) {
      hub.pause(patience);
      patience = longer(patience);
    }
  }

  /** Everybody who was suspended goes on, and nobody waits for letters any more. */
  private void nudge() {
    promises.openMailboxes().forEach(manager::close);
    for (Promise promise : promises.all()) {
      if (promise.end == null) {
        manager.resume(promise.id());
      }
    }
  }

  /** Some timers run for hours: to ask every second would be most of the work. */
  private static Duration longer(Duration patience) {
    return patience.compareTo(Duration.ofMinutes(20)) > 0 ? patience : patience.multipliedBy(2);
  }

  private void judgePurges() {
    for (String id : promises.purged()) {
      report.check("what was purged is gone", hub.status(id) == null, id + " is there again");
    }
  }

  // ---- entities -------------------------------------------------------------------------------

  private List<EntityMetadata> entitiesAtRest() {
    Duration patience = PATIENCE;
    while (true) {
      List<EntityMetadata> all = hub.entities();
      if (all.stream().allMatch(entity -> entity.operationsWaiting() == 0)) {
        for (EntityMetadata entity : all) {
          report.check(
              "locks end with their owners",
              entity.lockedBy() == null,
              entity + " is locked, and everybody has ended");
          report.check("nobody is set aside", entity.problem() == null, entity.toString());
        }
        return all;
      }
      hub.pause(patience);
      patience = longer(patience);
    }
  }

  private void judgeCounters(List<EntityMetadata> entities) {
    Map<String, Integer> times = new TreeMap<>();
    for (EntityMetadata entity : entities) {
      if (Functions.isCounter(entity.id()) && entity.hasState()) {
        Objects.requireNonNull(entity.state(Functions.Counts.class))
            .times
            .forEach((key, count) -> times.merge(key, count, Integer::sum));
      }
    }
    times.forEach(
        (key, count) -> {
          report.check(
              "operations take effect once", count == 1, key + " was added " + count + " times");
          report.check(
              "failed operations change nothing", !key.contains("/never/"), key + " was added");
        });
    promises
        .additions()
        .forEach(
            (key, acknowledged) ->
                report.check(
                    "nothing acknowledged is lost",
                    !acknowledged || times.containsKey(key),
                    "the signal " + key + " was lost"));
    for (Promise promise : promises.all()) {
      if (promise.input() instanceof Functions.Counting c && promise.isCompleted()) {
        for (int i = 0; i < c.calls(); i++) {
          checkAdded(times, c.key() + "/call/" + i);
        }
        for (int i = 0; i < c.signals(); i++) {
          String key = c.key() + "/signal/" + i;
          checkAdded(times, key);
          checkAdded(times, key + "/relayed");
          OrchestrationMetadata leaf = hub.status("leaf-" + key);
          report.check(
              "entities start orchestrations",
              leaf != null && leaf.isTerminal(),
              "leaf-" + key + " is " + leaf);
        }
      }
    }
  }

  private void checkAdded(Map<String, Integer> times, String key) {
    report.check("no operation is lost", times.containsKey(key), key + " was lost");
  }

  private void judgeAccounts(List<EntityMetadata> entities) {
    Map<String, Long> out = new TreeMap<>();
    Map<String, Long> in = new TreeMap<>();
    for (EntityMetadata entity : entities) {
      if (entity.id().name().equals("account") && entity.hasState()) {
        judgeAccount(
            entity, Objects.requireNonNull(entity.state(Functions.Account.class)), out, in);
      }
    }
    in.forEach(
        (key, amount) ->
            checkMoney(
                amount.equals(out.get(key)), key + " was deposited without having been withdrawn"));
    out.forEach(
        (key, amount) -> {
          Promise promise = promises.get(key.replace("'", ""));
          checkMoney(
              in.containsKey(key) || (promise != null && promise.mayBeTerminated),
              key + " was withdrawn and never deposited");
        });
    for (Promise promise : promises.all()) {
      if (Functions.movesMoneyOnce(promise.name()) && promise.end != null) {
        checkMoney(
            promise.end.equals("COMPLETED done") == in.containsKey(promise.id())
                || promise.mayBeTerminated,
            promise.id() + " ended as " + promise.end);
      }
    }
  }

  private void judgeAccount(
      EntityMetadata entity,
      Functions.Account account,
      Map<String, Long> out,
      Map<String, Long> in) {
    long balance = Functions.INITIAL_BALANCE;
    for (long amount : account.in.values()) {
      balance += amount;
    }
    for (long amount : account.out.values()) {
      balance -= amount;
    }
    checkMoney(
        balance == account.balance && balance >= 0,
        "%s has %d, and its entries say %d".formatted(entity.id(), account.balance, balance));
    account.out.forEach(
        (key, amount) ->
            checkMoney(out.put(key, amount) == null, key + " was withdrawn from two accounts"));
    account.in.forEach(
        (key, amount) ->
            checkMoney(in.put(key, amount) == null, key + " was deposited to two accounts"));
  }

  private void checkMoney(boolean holds, String otherwise) {
    report.check("money is conserved", holds, otherwise);
  }

  /** Nothing is left to be cleaned of those who have ended. */
  private void judgeCleaning() {
    EntityStorageCleanup cleaned =
        hub.persistently(client -> client.cleanEntityStorage(true, true));
    report.check(
        "locks end with their owners",
        cleaned.orphanedLocksReleased() == 0,
        "everybody has ended, and there were locks to release: " + cleaned);
    for (EntityMetadata entity : hub.entities()) {
      report.check("empty entities are removed", entity.hasState(), entity + " is still there");
    }
  }

  // ---- recovery -------------------------------------------------------------------------------

  /** What was there when everything was at rest is there after a crash, and the same. */
  private void judgeRecovery() {
    Map<String, Object> before = describeAll();
    powerOff.run();
    Map<String, Object> after = describeAll();
    report.check("nothing is lost in a crash", before.equals(after), difference(before, after));
    hub.audit();
  }

  private record Described(OrchestrationMetadata status, List<HistoryEvent> history) {
    @Override
    public String toString() {
      return status + " " + Promises.output(status) + " " + history.size() + " events";
    }
  }

  private Map<String, Object> describeAll() {
    Map<String, Object> all = new TreeMap<>();
    for (OrchestrationMetadata listed : hub.instances(InstanceQuery.ALL)) {
      String id = listed.instanceId();
      OrchestrationMetadata status = Objects.requireNonNull(hub.status(id));
      all.put(id, new Described(status, hub.persistently(client -> client.history(id))));
    }
    for (EntityMetadata entity : hub.entities()) {
      all.put(entity.id().instanceId(), entity + " " + entity.serializedState());
    }
    return all;
  }

  private static String difference(Map<String, Object> before, Map<String, Object> after) {
    Map<String, Object> missing = new TreeMap<>(before);
    missing.entrySet().removeAll(after.entrySet());
    Map<String, Object> more = new TreeMap<>(after);
    more.entrySet().removeAll(before.entrySet());
    return "before " + missing + ", after " + more;
  }

  /** Everything that has ended can be removed, and stays so. */
  private void judgeLastPurge() {
    waitingFor = "everything to be purged";
    hub.persistently(client -> client.purge(PurgeFilter.ALL_ENDED));
    powerOff.run();
    List<OrchestrationMetadata> left = hub.instances(InstanceQuery.ALL);
    report.check("what was purged is gone", left.isEmpty(), left + " are left");
  }
}
