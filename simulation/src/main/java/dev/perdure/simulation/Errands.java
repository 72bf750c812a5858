package dev.perdure.simulation;

import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.EntityStorageCleanup;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PurgeFilter;
import dev.perdure.api.StartOptions;
import dev.perdure.api.StartOptions.IdReusePolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What a client sees through from the beginning to the end, with instances of its own. */
final class Errands {
  private static final String GONE = "what was purged is gone";

  /** More than hosts keep an orchestration that waits in memory: then it is replayed. */
  private static final Duration FORGOTTEN = Duration.ofSeconds(3);

  private final Scene scene;
  private final Report report;
  private final Requester hub;
  private final Promises promises;
  private final UnaryOperator<String> newId;

  /**
   * Errands of one client.
   *
   * @param newId makes ids that begin with a name
   */
  Errands(Scene scene, UnaryOperator<String> newId) {
    this.scene = scene;
    this.report = scene.report();
    this.hub = scene.hub();
    this.promises = scene.promises();
    this.newId = newId;
  }

  private void start(String name, @Nullable Object input, StartOptions options) {
    hub.persistently(client -> client.startNew(name, input, options));
  }

  private static StartOptions once(String id) {
    return StartOptions.id(id).withIdReuse(IdReusePolicy.IGNORE);
  }

  // ---- the lives of orchestrations ------------------------------------------------------------

  /** Fails, gets a permit, is rewound as often as it takes, and completes. */
  void getRewound() {
    String id = newId.apply("guarded");
    boolean remote = scene.isRemoteNow("guarded");
    start(remote ? RemoteFunctions.remote("guarded") : "guarded", id, once(id));
    OrchestrationMetadata end =
        rewoundToTheEnd(
            id,
            "there is a permit",
            () -> hub.demand(client -> client.signalEntity(Functions.GATE, "permit", id)));
    report.check(
        "a rewound orchestration goes on",
        end.status() == OrchestrationStatus.COMPLETED && Promises.output(end).equals("1"),
        "%s ended as %s with %s".formatted(id, end, Promises.output(end)));
    report.used(remote ? Feature.REMOTE_REWOUND : Feature.REWOUND);
  }

  /** What was done before an orchestration threw is not done again, though not all went well. */
  void regret() {
    String id = newId.apply("regretful");
    scene.spoiled().add(id);
    start("regretful", null, once(id));
    OrchestrationMetadata end =
        rewoundToTheEnd(id, "its code was put right", () -> scene.spoiled().remove(id));
    report.check(
        "what was made good stays done",
        Promises.output(end).equals(Functions.REGRETFUL_OUTPUT),
        "%s ended as %s with %s".formatted(id, end, Promises.output(end)));
    report.used(Feature.REWOUND_AFTER_RETRY);
  }

  /** Rewinds an orchestration whenever it has failed, after what it failed for was put right. */
  private OrchestrationMetadata rewoundToTheEnd(String id, String reason, Runnable putRight) {
    OrchestrationMetadata end = hub.awaitEnd(id);
    while (end.status() == OrchestrationStatus.FAILED) {
      putRight.run();
      try {
        hub.demand(client -> client.rewind(id, reason));
      } catch (InvalidInstanceStateException e) {
        // it was rewound by a request whose answer got lost
      }
      end = hub.awaitEnd(id);
    }
    return end;
  }

  void purge(int n) {
    String id = newId.apply("purged");
    start("sequence", n, once(id));
    hub.awaitEnd(id);
    hub.persistently(client -> client.purge(id));
    gone(id);
    report.used(Feature.PURGED);
  }

  private void gone(String id) {
    promises.purged(id);
    report.check(GONE, hub.status(id) == null, id + " is still there");
  }

  void replace(int n) {
    String id = newId.apply("replaced");
    StartOptions options = StartOptions.id(id).withIdReuse(IdReusePolicy.REPLACE);
    start("patient", n, options);
    scene.pauseUpTo(30);
    start("sequence", n, options);
    OrchestrationMetadata end = hub.awaitEnd(id);
    report.check(
        "a replaced orchestration is the new one",
        end.name().equals("sequence")
            && Promises.output(end).equals(String.valueOf(Functions.output("sequence", n))),
        "%s ended as %s with %s".formatted(id, end, Promises.output(end)));
    report.used(Feature.REPLACED);
  }

  void restart(int n) {
    String id = newId.apply("restarted");
    start("fan", n, once(id));
    hub.awaitEnd(id);
    String again = hub.persistently(client -> client.restart(id, true));
    String output = Promises.output(hub.awaitEnd(again));
    report.check(
        "a restarted orchestration ends alike",
        output.equals(String.valueOf(Functions.output("fan", n))),
        "%s ended as %s".formatted(again, output));
    report.used(Feature.RESTARTED);
  }

  /** Is set aside because its code is not what it was, and requeued when it is again. */
  void getRequeued() {
    String id = newId.apply("moody");
    start("moody", null, once(id));
    hub.persistently(client -> client.waitForStart(id, Requester.FOR_EVER));
    Duration patience = Duration.ofMillis(100);
    while (!waitsForEvent(id)) {
      hub.pause(patience);
    }
    scene.spoiled().add(id);
    hub.pause(FORGOTTEN);
    hub.demand(client -> client.raiseEvent(id, Functions.EVENT, "now"));
    OrchestrationMetadata status = hub.status(id);
    while (status != null && !status.isTerminal() && status.problem() == null) {
      hub.pause(patience);
      status = hub.status(id);
    }
    boolean noticed = status != null && !status.isTerminal();
    scene.spoiled().remove(id);
    if (noticed) {
      try {
        hub.demand(client -> client.requeue(id, "its code is back"));
        report.used(Feature.REQUEUED);
      } catch (InvalidInstanceStateException e) {
        // it went on when a host was started, or was requeued by a request whose answer got lost
      }
    } // else a host whose clock had jumped back kept it in memory, where code does not change
    OrchestrationMetadata end = hub.awaitEnd(id);
    report.check(
        "a requeued orchestration goes on",
        Promises.output(end).equals(Integer.toString(Functions.MOODY_OUTPUT)),
        "%s ended as %s with %s".formatted(id, end, Promises.output(end)));
  }

  private boolean waitsForEvent(String id) {
    return hub.persistently(client -> client.explain(id)).waits().stream()
        .anyMatch(wait -> wait.kind().equals("event"));
  }

  /** An orchestration and its child are found by their tags, and no others. */
  void tag(int generations) {
    String id = newId.apply("tagged");
    Map<String, String> tags = Map.of("key", id, "colour", "blue");
    start("tagged", generations, once(id).withTags(tags));
    String output = Promises.output(hub.awaitEnd(id));
    report.check(
        "tags stay",
        output.equals(Functions.taggedOutput(id, tags)),
        "%s ended with %s".formatted(id, output));
    List<OrchestrationMetadata> itself =
        hub.instances(InstanceQuery.ALL.withTags(Map.of("key", id)));
    List<OrchestrationMetadata> child =
        hub.instances(InstanceQuery.ALL.withTags(Map.of("parent", id)));
    report.check(
        "tags are found",
        itself.size() == 1
            && itself.getFirst().instanceId().equals(id)
            && child.size() == 1
            && child.getFirst().name().equals("tags"),
        "by the tags of %s there are %s and %s".formatted(id, itself, child));
    report.used(Feature.TAGS);
  }

  // ---- families -------------------------------------------------------------------------------

  /** Ends an orchestration with its children and theirs, and removes them all. */
  void endFamily() {
    String id = newId.apply("household");
    start("household", 2, once(id));
    scene.pauseUpTo(100);
    try {
      hub.demand(client -> client.terminate(id, "the house is sold", true));
    } catch (InvalidInstanceStateException e) {
      // it was terminated by a request whose answer got lost
    } catch (InstanceNotFoundException e) {
      report.check(GONE, promises.areTerminatedPurged(), id + " is gone, and was not purged");
      return; // it was terminated by such a request, and purged since
    }
    Set<String> family = new TreeSet<>();
    if (!isFamilyTerminated(id, family)) {
      return; // somebody purges all that was terminated
    }
    if (family.size() > 1) {
      report.used(Feature.FAMILY_TERMINATED);
    }
    hub.persistently(client -> client.purge(id, true));
    gone(id);
    if (promises.areTerminatedPurged()) {
      return; // somebody may have purged the parents alone, so that their children are not found
    }
    family.forEach(this::gone);
    if (family.size() > 1) {
      report.used(Feature.FAMILY_PURGED);
    }
  }

  /** Waits for the end of an orchestration and its children; false if one of them is gone. */
  private boolean isFamilyTerminated(String id, Set<String> family) {
    family.add(id);
    OrchestrationMetadata end = hub.status(id);
    while (end == null || !end.isTerminal()) {
      if (end == null && promises.areTerminatedPurged()) {
        return false;
      }
      hub.pause(Duration.ofMillis(100)); // it may not have been started, or not been told
      end = hub.status(id);
    }
    report.check(
        "families end together",
        end.status() == OrchestrationStatus.TERMINATED,
        "%s, whose ancestor was terminated, is %s".formatted(id, end));
    List<HistoryEvent> history;
    try {
      history = hub.persistently(client -> client.history(id));
    } catch (InstanceNotFoundException e) {
      report.check(GONE, promises.areTerminatedPurged(), id + " is gone, and was not purged");
      return false;
    }
    for (HistoryEvent event : history) {
      if (event instanceof SubOrchestrationCreated child
          && !isFamilyTerminated(child.instanceId(), family)) {
        return false;
      }
    }
    return true;
  }

  /** Removes everything that was terminated, whoever did that. */
  void purgeTerminated() {
    promises.purgeTerminated();
    List<String> terminated = promises.terminated();
    PurgeFilter filter =
        PurgeFilter.ALL_ENDED
            .withStatuses(OrchestrationStatus.TERMINATED)
            .withRecursive(scene.random().nextBoolean());
    hub.persistently(client -> client.purge(filter));
    terminated.forEach(this::gone);
    if (!terminated.isEmpty()) {
      report.used(Feature.PURGED_BY_FILTER);
    }
  }

  // ---- entities -------------------------------------------------------------------------------

  /** An entity has state, and then has none, and then is gone. */
  void wipe() {
    String key = newId.apply("slates");
    start("slates", key, once(key));
    String output = Promises.output(hub.awaitEnd(key));
    report.check(
        "deleted state is gone",
        output.equals(Functions.slatesOutput(key)),
        "%s ended with %s".formatted(key, output));
    EntityId slate = Functions.slate(key);
    EntityMetadata wiped = hub.persistently(client -> client.getEntity(slate)).orElse(null);
    report.check(
        "deleted state is gone", wiped == null || !wiped.hasState(), slate + " is " + wiped);
    report.used(Feature.ENTITY_STATE_DELETED);
    hub.persistently(client -> client.purgeEntity(slate));
    report.check(
        GONE,
        hub.persistently(client -> client.getEntity(slate)).isEmpty(),
        slate + " is still there");
    report.used(Feature.ENTITY_PURGED);
  }

  /** Has the storage of entities cleaned, while others use them. */
  void cleanEntityStorage() {
    EntityStorageCleanup cleaned =
        hub.persistently(client -> client.cleanEntityStorage(true, true));
    scene.teller().accept("cleaned: " + cleaned);
    report.used(Feature.ENTITY_STORAGE_CLEANED);
  }
}
