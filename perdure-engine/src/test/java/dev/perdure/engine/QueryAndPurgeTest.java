package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PurgeFilter;
import dev.perdure.api.StartOptions;
import dev.perdure.api.TaskFailedException;
import dev.perdure.api.TaskOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QueryAndPurgeTest extends Scenarios {
  private static final Instant NOON = TestHub.NOON;

  private TestHub standardHub() {
    return hub(
        f ->
            f.orchestrator(
                    "wait",
                    String.class,
                    (ctx, x) -> ctx.waitForExternalEvent("go", String.class).await())
                .orchestrator("echo", String.class, (ctx, x) -> x)
                .orchestrator(
                    "fail",
                    ctx -> {
                      throw new IllegalStateException("on purpose");
                    })
                .orchestrator(
                    "parent",
                    String.class,
                    (ctx, childId) ->
                        ctx.callSubOrchestrator(
                                "child",
                                childId,
                                TaskOptions.NONE.withInstanceId(childId),
                                String.class)
                            .await())
                .orchestrator(
                    "child",
                    String.class,
                    (ctx, id) ->
                        ctx.callSubOrchestrator(
                                "echo",
                                id,
                                TaskOptions.NONE.withInstanceId(id + "/child"),
                                String.class)
                            .await()));
  }

  /**
   * One of each kind, an hour apart: completed, failed, terminated, suspended, running, pending.
   */
  private TestHub hubWithOneOfEach() {
    TestHub hub = standardHub();
    hub.end(hub.client().startNew("echo", "x", tagged("a-completed", "red")));
    hub.advance(Duration.ofHours(1));
    hub.end(hub.client().startNew("fail", null, tagged("a-failed", "blue")));
    hub.advance(Duration.ofHours(1));
    hub.client().terminate(hub.start("wait", "x", tagged("b-terminated", "red")), "enough");
    hub.advance(Duration.ofHours(1));
    hub.client().suspend(hub.start("wait", "x", tagged("b-suspended", "red")), null);
    hub.advance(Duration.ofHours(1));
    hub.start("wait", "x", tagged("c-running", "blue"));
    hub.advance(Duration.ofHours(1));
    hub.client()
        .startNew(
            "echo", "x", tagged("c-pending", "red").withScheduledStart(hub.now().plusSeconds(60)));
    return hub;
  }

  private static StartOptions tagged(String id, String colour) {
    return StartOptions.id(id).withTags(Map.of("colour", colour, "shape", "round"));
  }

  private static List<String> ids(TestHub hub, InstanceQuery query) {
    return hub.client().query(query).instances().stream()
        .map(OrchestrationMetadata::instanceId)
        .toList();
  }

  @Test
  void everythingIsListedInTheOrderOfCreationWithWhatIsKnownOfIt() {
    TestHub hub = hubWithOneOfEach();

    List<OrchestrationMetadata> all = hub.client().query(InstanceQuery.ALL).instances();

    assertThat(all)
        .extracting(OrchestrationMetadata::instanceId)
        .containsExactly(
            "a-completed", "a-failed", "b-terminated", "b-suspended", "c-running", "c-pending");
    assertThat(all)
        .extracting(OrchestrationMetadata::status)
        .containsExactly(
            OrchestrationStatus.COMPLETED,
            OrchestrationStatus.FAILED,
            OrchestrationStatus.TERMINATED,
            OrchestrationStatus.SUSPENDED,
            OrchestrationStatus.RUNNING,
            OrchestrationStatus.PENDING);
    OrchestrationMetadata failed = all.get(1);
    assertThat(failed.name()).isEqualTo("fail");
    assertThat(failed.createdAt()).isEqualTo(NOON.plus(Duration.ofHours(1)));
    assertThat(failed.completedAt()).isEqualTo(NOON.plus(Duration.ofHours(1)));
    assertThat(failed.tags()).containsEntry("colour", "blue");
    assertThat(all.get(0).serializedInput()).isNull();
  }

  @Test
  void aListOfIdsThatBeginAlikeIsInTheOrderOfTheIds() {
    TestHub hub = hubWithOneOfEach();

    assertThat(ids(hub, InstanceQuery.ALL.withIdPrefix("b-")))
        .containsExactly("b-suspended", "b-terminated");
  }

  @Test
  void payloadsAreListedIfTheyAreAskedFor() {
    TestHub hub = hubWithOneOfEach();

    OrchestrationMetadata first =
        hub.client().query(InstanceQuery.ALL.withPayloads()).instances().getFirst();

    assertThat(first.input(String.class)).isEqualTo("x");
    assertThat(first.output(String.class)).isEqualTo("x");
  }

  @Test
  void everyConditionNarrowsTheList() {
    TestHub hub = hubWithOneOfEach();
    InstanceQuery all = InstanceQuery.ALL;

    assertThat(ids(hub, all.withStatuses(OrchestrationStatus.RUNNING, OrchestrationStatus.FAILED)))
        .containsExactlyInAnyOrder("a-failed", "c-running");
    assertThat(ids(hub, all.withName("wait")))
        .containsExactlyInAnyOrder("b-suspended", "b-terminated", "c-running");
    assertThat(ids(hub, all.withIdPrefix("b-")))
        .containsExactlyInAnyOrder("b-suspended", "b-terminated");
    assertThat(ids(hub, all.withIdPrefix("b-terminated")))
        .containsExactlyInAnyOrder("b-terminated");
    assertThat(ids(hub, all.withIdPrefix("z"))).isEmpty();
    assertThat(ids(hub, all.withTags(Map.of("colour", "blue"))))
        .containsExactlyInAnyOrder("a-failed", "c-running");
    assertThat(ids(hub, all.withTags(Map.of("colour", "blue", "shape", "square")))).isEmpty();
    assertThat(
            ids(
                hub,
                all.withIdPrefix("b")
                    .withTags(Map.of("colour", "red"))
                    .withName("wait")
                    .withStatuses(OrchestrationStatus.SUSPENDED)))
        .containsExactlyInAnyOrder("b-suspended");
  }

  @Test
  void rangesOfTimeIncludeTheirBeginningAndNotTheirEnd() {
    TestHub hub = hubWithOneOfEach();
    InstanceQuery all = InstanceQuery.ALL;
    Instant one = NOON.plus(Duration.ofHours(1));
    Instant two = NOON.plus(Duration.ofHours(2));

    assertThat(ids(hub, all.withCreated(one, two))).containsExactlyInAnyOrder("a-failed");
    assertThat(ids(hub, all.withCreated(null, two)))
        .containsExactlyInAnyOrder("a-completed", "a-failed");
    assertThat(ids(hub, all.withCreated(two.plusMillis(1), null)))
        .containsExactlyInAnyOrder("b-suspended", "c-pending", "c-running");
    assertThat(ids(hub, all.withCompleted(one, null)))
        .containsExactlyInAnyOrder("a-failed", "b-terminated");
    assertThat(ids(hub, all.withCompleted(null, two)))
        .containsExactlyInAnyOrder("a-completed", "a-failed");
    assertThat(ids(hub, all.withCompleted(two, two))).isEmpty();
    assertThat(ids(hub, all.withCreated(Instant.MIN, Instant.MAX))).hasSize(6);
    assertThat(ids(hub, all.withCreated(Instant.MAX, null))).isEmpty();
  }

  @Test
  void pagesFollowEachOtherWithoutGapsOrRepetitions() {
    TestHub hub = standardHub();
    List<String> expected = IntStream.range(0, 57).mapToObj("id-%03d"::formatted).toList();
    expected.forEach(id -> hub.end(hub.client().startNew("echo", "x", StartOptions.id(id))));

    List<String> seen = new ArrayList<>();
    String token = null;
    int pages = 0;
    do {
      InstanceQuery.Page page =
          hub.client()
              .query(
                  InstanceQuery.ALL
                      .withIdPrefix("id-")
                      .withPageSize(10)
                      .withContinuationToken(token));
      page.instances().forEach(instance -> seen.add(instance.instanceId()));
      token = page.continuationToken();
      pages++;
      hub.end(hub.client().startNew("echo", "x", StartOptions.id("aa-" + pages))); // before
    } while (token != null);

    assertThat(seen).isEqualTo(expected);
    assertThat(pages).isBetween(6, 7);
  }

  @Test
  void aPageSizeOutsideOfItsBoundsIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> InstanceQuery.ALL.withPageSize(0));
    assertThatIllegalArgumentException().isThrownBy(() -> InstanceQuery.ALL.withPageSize(10_001));
  }

  @Test
  void aListSeesEverythingThatHasBeenAcknowledged() {
    TestHub hub = standardHub();

    for (int i = 0; i < 50; i++) {
      String id = hub.client().startNew("wait", "x");
      assertThat(ids(hub, InstanceQuery.ALL.withIdPrefix(id))).containsExactly(id);
      hub.client().suspend(id, null);
      assertThat(
              hub.client()
                  .query(InstanceQuery.ALL.withIdPrefix(id))
                  .instances()
                  .getFirst()
                  .status())
          .isEqualTo(OrchestrationStatus.SUSPENDED);
    }
  }

  // ---- purging --------------------------------------------------------------------------------

  @Test
  void aPurgedInstanceIsGoneAndItsIdIsFree() {
    TestHub hub = standardHub();
    hub.end(hub.client().startNew("echo", "x", StartOptions.id("id")));

    assertThat(hub.client().purge("id")).isTrue();

    assertThat(hub.client().status("id")).isEmpty();
    assertThatThrownBy(() -> hub.client().history("id"))
        .isInstanceOf(InstanceNotFoundException.class);
    assertThat(ids(hub, InstanceQuery.ALL)).isEmpty();
    assertThat(hub.client().purge("id")).isFalse();
    hub.client()
        .startNew("echo", "y", StartOptions.id("id").withIdReuse(StartOptions.IdReusePolicy.ERROR));
    assertThat(hub.output("id", String.class)).isEqualTo("y");
  }

  @Test
  void whatHasNotEndedIsNotPurged() {
    TestHub hub = standardHub();
    hub.start("wait", "x", StartOptions.id("id"));

    assertThatThrownBy(() -> hub.client().purge("id"))
        .isInstanceOf(InvalidInstanceStateException.class)
        .hasMessageContaining("RUNNING");
    assertThatThrownBy(() -> hub.client().purge("id", true))
        .isInstanceOf(InvalidInstanceStateException.class);
    assertThat(hub.client().purge(PurgeFilter.ALL_ENDED)).isZero();
    assertThat(hub.status("id").status()).isEqualTo(OrchestrationStatus.RUNNING);
  }

  @Test
  void aPurgeMayTakeAllDescendantsAlong() {
    TestHub hub = standardHub();
    hub.output(hub.client().startNew("parent", "c1", StartOptions.id("p1")), String.class);
    hub.output(hub.client().startNew("parent", "c2", StartOptions.id("p2")), String.class);

    assertThat(hub.client().purge("p1", true)).isEqualTo(3);
    assertThat(ids(hub, InstanceQuery.ALL)).containsExactly("c2", "c2/child", "p2");
    assertThat(hub.client().purge("p2", false)).isEqualTo(1);
    assertThat(ids(hub, InstanceQuery.ALL)).containsExactly("c2", "c2/child");
    assertThat(hub.client().purge("nobody", true)).isZero();
  }

  @Test
  void aDescendantThatGoesOnStaysWithAllThatItHasStarted() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator("echo", String.class, (ctx, x) -> x)
                    .orchestrator(
                        "child",
                        ctx -> {
                          ctx.callSubOrchestrator("echo", "x", id("grandchild"), String.class)
                              .await();
                          ctx.sendEvent("parent", "ready", null);
                          return ctx.waitForExternalEvent("go", String.class).await();
                        })
                    .orchestrator(
                        "parent",
                        ctx -> {
                          var unused =
                              ctx.callSubOrchestrator("child", null, id("child"), String.class);
                          return ctx.waitForExternalEvent("ready").await();
                        }));
    hub.end(hub.client().startNew("parent", null, StartOptions.id("parent")));

    assertThat(hub.client().purge("parent", true)).isEqualTo(1);
    assertThat(ids(hub, InstanceQuery.ALL)).containsExactlyInAnyOrder("child", "grandchild");
    hub.client().raiseEvent("child", "go", "on");
    hub.end("child");
    assertThat(hub.client().purge("child", true)).isEqualTo(2);
  }

  private static TaskOptions id(String id) {
    return TaskOptions.NONE.withInstanceId(id);
  }

  @Test
  void whatOnlyHasTheIdOfADescendantIsNotOne() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "wait",
                        String.class,
                        (ctx, x) -> ctx.waitForExternalEvent("go", String.class).await())
                    .orchestrator("echo", String.class, (ctx, x) -> x)
                    .orchestrator(
                        "parent",
                        String.class,
                        (ctx, childId) -> {
                          try {
                            return ctx.callSubOrchestrator("echo", "x", id(childId), String.class)
                                .await();
                          } catch (TaskFailedException e) {
                            return "refused";
                          }
                        })
                    .orchestrator(
                        "grandparent",
                        String.class,
                        (ctx, childId) ->
                            ctx.callSubOrchestrator(
                                    "parent", childId, id("parent of " + childId), String.class)
                                .await()));
    // Its id was taken when the parent asked for it.
    hub.start("wait", "x", StartOptions.id("taken"));
    assertThat(hub.output(hub.client().startNew("grandparent", "taken"), String.class))
        .isEqualTo("refused");
    hub.client().raiseEvent("taken", "go", "x");
    hub.end("taken");
    // Its id was used again after the child had ended.
    hub.output(hub.client().startNew("parent", "again", StartOptions.id("p2")), String.class);
    hub.end(hub.client().startNew("parent", "mine", StartOptions.id("again")));

    assertThat(hub.client().purge("parent of taken", true)).isEqualTo(1);
    assertThat(hub.client().purge("p2", true)).isEqualTo(1);
    assertThat(ids(hub, InstanceQuery.ALL)).contains("taken", "again", "mine").hasSize(4);
    assertThat(hub.client().purge("again", true)).isEqualTo(2);
    assertThat(ids(hub, InstanceQuery.ALL)).contains("taken").hasSize(2);
  }

  @Test
  void aFilterPurgesWhatHasEndedInTheRightStatusAndTime() {
    TestHub hub = hubWithOneOfEach();
    Instant one = NOON.plus(Duration.ofHours(1));

    assertThat(hub.client().purge(PurgeFilter.ALL_ENDED.withStatuses(OrchestrationStatus.FAILED)))
        .isEqualTo(1);
    assertThat(hub.client().purge(PurgeFilter.ALL_ENDED.withCreated(null, one))).isEqualTo(1);
    assertThat(hub.client().purge(PurgeFilter.ALL_ENDED.withCreated(one, null))).isEqualTo(1);

    assertThat(ids(hub, InstanceQuery.ALL))
        .containsExactlyInAnyOrder("b-suspended", "c-pending", "c-running");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PurgeFilter.ALL_ENDED.withStatuses(OrchestrationStatus.RUNNING))
        .withMessageContaining("RUNNING");
  }

  @Test
  void aFilterMayAskWhenInstancesEnded() {
    TestHub hub = standardHub();
    hub.output(hub.client().startNew("parent", "c1", StartOptions.id("p1")), String.class);
    hub.advance(Duration.ofHours(1));
    hub.output(hub.client().startNew("parent", "c2", StartOptions.id("p2")), String.class);
    Instant between = NOON.plusSeconds(1);

    assertThat(hub.client().purge(PurgeFilter.ALL_ENDED.withCompleted(null, NOON))).isZero();
    assertThat(hub.client().purge(PurgeFilter.ALL_ENDED.withCompleted(between, null))).isEqualTo(3);
    assertThat(hub.status("p1").isTerminal()).isTrue();
    assertThat(hub.client().purge(PurgeFilter.ALL_ENDED.withCompleted(null, between))).isEqualTo(3);
  }

  @Test
  void aFilterMayTakeAllDescendantsAlong() {
    TestHub hub = standardHub();
    hub.output(hub.client().startNew("parent", "c1", StartOptions.id("p1")), String.class);
    hub.advance(Duration.ofHours(1));
    hub.output(hub.client().startNew("parent", "c2", StartOptions.id("p2")), String.class);

    long purged =
        hub.client()
            .purge(
                PurgeFilter.ALL_ENDED.withCreated(null, NOON.plusSeconds(1)).withRecursive(true));

    assertThat(purged).isEqualTo(3);
    assertThat(ids(hub, InstanceQuery.ALL)).containsExactly("c2", "c2/child", "p2");
  }

  /** A list leaves out payloads, and nothing else. */
  @Test
  void aListSaysOfEachInstanceWhatItsStatusSays() {
    TestHub hub = hubWithOneOfEach();
    hub.end(hub.client().startNew("parent", "child", StartOptions.id("parent")));
    List<OrchestrationMetadata> listed = hub.client().query(InstanceQuery.ALL).instances();
    assertThat(listed).hasSize(9);
    for (OrchestrationMetadata one : listed) {
      assertThat(one)
          .usingRecursiveComparison()
          .ignoringFields("converter")
          .isEqualTo(hub.client().status(one.instanceId(), false).orElseThrow());
    }
    assertThat(listed).anyMatch(one -> one.failure() != null);
    assertThat(listed).anyMatch(one -> one.parent() != null);
    assertThat(listed).anyMatch(one -> one.scheduledStart() != null);
  }

  @Test
  void aBoundForTheEndLeavesOutWhatHasNotEnded() {
    TestHub hub = standardHub();
    hub.start("wait", "x", StartOptions.id("running"));
    hub.end(hub.client().startNew("echo", "x", StartOptions.id("ended")));
    for (Instant from : List.of(Instant.MIN, Instant.EPOCH, NOON)) {
      assertThat(ids(hub, InstanceQuery.ALL.withCompleted(from, null))).containsExactly("ended");
    }
    for (Instant to : List.of(NOON.plusSeconds(1), Instant.MAX)) {
      assertThat(ids(hub, InstanceQuery.ALL.withCompleted(null, to))).containsExactly("ended");
    }
  }

  @Test
  void manyInstancesArePurgedAndStayAwayWhenTheProgramStartsAgain() {
    TestHub hub = standardHub();
    List<String> all = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      all.add(hub.client().startNew("echo", "x"));
    }
    all.forEach(hub::end);

    assertThat(hub.client().purge(PurgeFilter.ALL_ENDED)).isEqualTo(3_000);
    hub.restartProgram(f -> f.orchestrator("echo", ctx -> null));

    assertThat(ids(hub, InstanceQuery.ALL)).isEmpty();
    assertThat(hub.client().status(all.getFirst())).isEmpty();
  }
}
