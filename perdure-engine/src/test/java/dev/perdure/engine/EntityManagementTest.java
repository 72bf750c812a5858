package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.CriticalSection;
import dev.perdure.api.Entity;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.EntityQuery;
import dev.perdure.api.EntityStorageCleanup;
import dev.perdure.api.Explanation;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.InvalidInstanceIdException;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.Problem;
import dev.perdure.api.PurgeFilter;
import dev.perdure.api.StartOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What people see of entities, and what they can do about them. */
class EntityManagementTest extends Scenarios {
  private final CountDownLatch release = new CountDownLatch(1);

  @Entity
  static class Counter {
    int value;

    int add(int n) {
      value += n;
      return value;
    }
  }

  @Entity(name = "counter")
  static class OtherShape {
    List<String> value = new ArrayList<>();

    int add(int n) {
      value.add("" + n);
      return n;
    }
  }

  private static EntityId counter(String key) {
    return EntityId.of(Counter.class, key);
  }

  private static final EntityId A = counter("a");

  private FunctionRegistry.Builder register(FunctionRegistry.Builder f) {
    return orchestrators(f.entity(Counter.class));
  }

  private FunctionRegistry.Builder orchestrators(FunctionRegistry.Builder f) {
    return f.entity(
            "slow",
            ctx -> {
              release.await();
              ctx.setState("done");
              return "done";
            })
        .orchestrator("add", ctx -> ctx.callEntity(A, "add", 1, Integer.class).await())
        .orchestrator(
            "slow", ctx -> ctx.callEntity(EntityId.of("slow", "x"), "run", String.class).await())
        .orchestrator(
            "hold",
            ctx -> {
              try (CriticalSection section = ctx.lockEntities(A, counter("b")).await()) {
                return ctx.waitForExternalEvent("go", String.class).await();
              }
            });
  }

  private static void untilRun(TestHub hub) {
    hub.until(
        "all operations have run",
        () ->
            hub.client().queryEntities(EntityQuery.ALL.withStatelessToo()).entities().stream()
                .allMatch(e -> e.operationsWaiting() == 0));
  }

  private static List<String> ids(List<EntityMetadata> entities) {
    return entities.stream().map(e -> e.id().instanceId()).toList();
  }

  // ---- looking ----------------------------------------------------------------------------------

  @Test
  void anEntityIsSeenWithItsStateOrWithout() {
    TestHub hub = hub(this::register);
    hub.client().signalEntity(A, "add", 7);
    untilRun(hub);
    hub.advance(Duration.ofMinutes(1));
    hub.client().signalEntity(A, "add", 1);
    untilRun(hub);

    EntityMetadata with = hub.client().getEntity(A).orElseThrow();
    EntityMetadata without = hub.client().getEntity(A, false).orElseThrow();

    assertThat(with.id()).isEqualTo(A);
    assertThat(with.state(Counter.class).value).isEqualTo(8);
    assertThat(with.createdAt()).isEqualTo(TestHub.NOON);
    assertThat(with.lastModifiedAt()).isEqualTo(TestHub.NOON.plusSeconds(60));
    assertThat(with.lockedBy()).isNull();
    assertThat(with.problem()).isNull();
    assertThat(without.hasState()).isTrue();
    assertThat(without.state(Counter.class)).isNull();
    assertThat(hub.client().getEntity(counter("unheard of"))).isEmpty();
  }

  private TestHub hubWithMany() {
    TestHub hub = hub(f -> register(f).entity("counter2", ctx -> setState(ctx)));
    for (String key : List.of("", "a", "a1", "a2", "B", "b")) {
      hub.client().signalEntity(counter(key), "add", 1);
    }
    hub.client().signalEntity(EntityId.of("counter2", "a"), "x");
    untilRun(hub);
    hub.advance(Duration.ofHours(1));
    hub.client().signalEntity(counter("a1"), "add", 1);
    untilRun(hub);
    hub.client().signalEntity(counter("later"), "add", 1, hub.now().plusSeconds(9));
    return hub;
  }

  private static Object setState(dev.perdure.api.EntityContext ctx) {
    ctx.setState(1);
    return null;
  }

  @Test
  void entitiesAreListedByNamePrefixAndTime() {
    TestHub hub = hubWithMany();

    assertThat(ids(hub.client().queryEntities(EntityQuery.ALL).entities()))
        .containsExactly(
            "@counter2@a",
            "@counter@",
            "@counter@B",
            "@counter@a",
            "@counter@a1",
            "@counter@a2",
            "@counter@b");
    assertThat(query(hub, EntityQuery.ALL.withName("COUNTER2"))).containsExactly("@counter2@a");
    assertThat(query(hub, EntityQuery.ALL.withName(Counter.class))).hasSize(6);
    assertThat(query(hub, EntityQuery.ALL.withName("counter").withKeyPrefix("a")))
        .containsExactly("@counter@a", "@counter@a1", "@counter@a2");
    assertThat(query(hub, EntityQuery.ALL.withName("counter").withKeyPrefix("A"))).isEmpty();
    assertThat(query(hub, EntityQuery.ALL.withName("count"))).isEmpty();
    assertThat(query(hub, EntityQuery.ALL.withModified(TestHub.NOON.plusSeconds(1), null)))
        .containsExactly("@counter@a1");
    assertThat(query(hub, EntityQuery.ALL.withModified(null, TestHub.NOON))).isEmpty();
    assertThat(query(hub, EntityQuery.ALL.withModified(TestHub.NOON, TestHub.NOON.plusSeconds(1))))
        .hasSize(6);
    assertThat(query(hub, EntityQuery.ALL.withStatelessToo())).contains("@counter@later");
  }

  private static List<String> query(TestHub hub, EntityQuery query) {
    return ids(hub.client().queryEntities(query).entities());
  }

  @Test
  void aListComesInPages() {
    TestHub hub = hubWithMany();
    List<String> paged = new ArrayList<>();
    String token = null;
    int pages = 0;
    do {
      EntityQuery.Page page =
          hub.client()
              .queryEntities(
                  EntityQuery.ALL
                      .withStatelessToo()
                      .withStates()
                      .withPageSize(3)
                      .withContinuationToken(token));
      assertThat(page.entities().size()).isLessThanOrEqualTo(3);
      page.entities().stream()
          .filter(e -> e.hasState() && e.id().name().equals("counter"))
          .forEach(e -> assertThat(e.state(Counter.class).value).isBetween(1, 2));
      paged.addAll(ids(page.entities()));
      token = page.continuationToken();
      pages++;
    } while (token != null);

    assertThat(paged).isEqualTo(query(hub, EntityQuery.ALL.withStatelessToo())).hasSize(8);
    assertThat(pages).isBetween(3, 4);
  }

  @Test
  void listsOfOrchestrationsHoldNoEntities() {
    TestHub hub = hubWithMany();
    hub.end(hub.client().startNew("add", null, StartOptions.id("o")));

    assertThat(hub.client().query(InstanceQuery.ALL).instances())
        .extracting(OrchestrationMetadata::instanceId)
        .containsExactly("o");
    assertThat(hub.client().query(InstanceQuery.ALL.withIdPrefix("@")).instances()).isEmpty();
    assertThat(hub.client().purge(PurgeFilter.ALL_ENDED)).isEqualTo(1);
    assertThat(query(hub, EntityQuery.ALL)).hasSize(7);
  }

  @Test
  void whatIsForOrchestrationsRefusesEntities() {
    TestHub hub = hubWithMany();
    String id = A.instanceId();
    List<Consumer<TestHub>> uses =
        List.of(
            h -> h.client().status(id),
            h -> h.client().history(id),
            h -> h.client().suspend(id, null),
            h -> h.client().resume(id, null),
            h -> h.client().terminate(id, null),
            h -> h.client().raiseEvent(id, "e"),
            h -> h.client().rewind(id, null),
            h -> h.client().restart(id, true),
            h -> h.client().purge(id),
            h -> h.client().waitForStart(id, Duration.ofSeconds(1)),
            h -> h.client().waitForCompletion(id, Duration.ofSeconds(1)),
            h -> h.client().startNew("add", null, StartOptions.id(id)));
    for (Consumer<TestHub> use : uses) {
      assertThatThrownBy(() -> use.accept(hub))
          .isInstanceOf(InvalidInstanceIdException.class)
          .hasMessageContaining("begins with '@', which is for entities");
    }
    assertThat(hub.client().getEntity(A)).isPresent();
  }

  // ---- explaining -------------------------------------------------------------------------------

  @Test
  void anIdleEntityIsExplained() {
    TestHub hub = hub(this::register);
    hub.client().signalEntity(A, "add", 7);
    untilRun(hub);

    Explanation explanation = hub.client().explain("@Counter@a");

    assertThat(explanation.instanceId()).isEqualTo("@counter@a");
    assertThat(explanation.summary())
        .contains("'@counter@a' (has state)", "idle", "nothing waiting");
    assertThat(explanation.waits()).isEmpty();
    assertThatThrownBy(() -> hub.client().explain("@counter@unheard of"))
        .isInstanceOf(InstanceNotFoundException.class)
        .hasMessageContaining("no entity '@counter@unheard of'");
  }

  private static void untilInside(TestHub hub) {
    hub.until("it is there", () -> hub.client().getEntity(EntityId.of("slow", "x")).isPresent());
    hub.until(
        "it is inside",
        () -> {
          String at = hub.client().explain("@slow@x").codeLocation();
          return at != null && at.contains("EntityManagementTest.java");
        });
  }

  @Test
  void anOperationUnderWayIsExplainedWithTheLineOfCode() {
    TestHub hub = hub(this::register);
    String id = hub.client().startNew("slow");
    untilInside(hub);
    hub.client().signalEntity(EntityId.of("slow", "x"), "next");

    Explanation entity = hub.client().explain("@slow@x");
    Explanation caller = hub.client().explain(id);

    assertThat(entity.summary()).contains("runs 1 operation (now 'run')", "1 operation waiting");
    assertThat(caller.summary()).contains("waits for operation 'run' of entity '@slow@x' (#0)");
    release.countDown();
    hub.output(id, String.class);
  }

  @Test
  void aLockAndThoseWhoWaitForItAreExplained() {
    TestHub hub = hub(this::register);
    String holder = hub.start("hold");
    hub.untilWaitingFor(holder, "external event");
    String waiter = hub.client().startNew("hold");
    hub.until(
        "it stands in the queue",
        () -> hub.client().explain(A.instanceId()).toString().contains("'" + waiter + "'"));
    hub.client().signalEntity(A, "add", 1);

    Explanation entity = hub.client().explain(A.instanceId());

    assertThat(entity.summary())
        .contains("is locked by orchestration '" + holder + "' since 2030-01-01T12:00:00Z")
        .contains("2 operations waiting");
    assertThat(entity.waits())
        .extracting(Explanation.Wait::kind)
        .containsExactly("lock", "operation", "lock-request");
    assertThat(hub.client().explain(holder).summary())
        .contains("external event 'go'", "holds the locks of @counter@a, @counter@b");
    assertThat(hub.client().explain(waiter).summary())
        .contains("waits for the lock of entities @counter@a, @counter@b (#0)");
    assertThat(hub.client().getEntity(A).orElseThrow().lockedBy()).isEqualTo(holder);
  }

  // ---- set aside --------------------------------------------------------------------------------

  private TestHub hubWithUnreadableState() {
    TestHub hub = hub(this::register);
    assertThat(hub.run("add", null, int.class)).isEqualTo(1);
    hub.restartProgram(f -> orchestrators(f.entity(OtherShape.class)));
    hub.client().startNew("add", null, StartOptions.id("caller"));
    hub.client().signalEntity(A, "add", 1);
    hub.until(
        "it is set aside, and both wait",
        () -> {
          EntityMetadata entity = hub.client().getEntity(A).orElseThrow();
          return entity.problem() != null && entity.operationsWaiting() == 2;
        });
    return hub;
  }

  /** Right after a start it is tried again, and for a moment is not set aside. */
  private static void assertIsSetAside(TestHub hub, Problem.Kind kind, String because) {
    hub.until(
        "it is set aside, and all have come",
        () -> {
          EntityMetadata entity = hub.client().getEntity(A).orElseThrow();
          Problem problem = entity.problem();
          if (problem == null || entity.operationsWaiting() < 2) {
            return false;
          }
          assertThat(problem.kind()).isEqualTo(kind);
          assertThat(problem.message()).contains("'@counter@a'", because);
          assertThat(entity.hasState()).isTrue();
          assertThat(entity.operationsWaiting()).isEqualTo(2);
          return true;
        });
    hub.until(
        "it is explained",
        () -> hub.client().explain(A.instanceId()).summary().contains("set aside"));
    assertThat(hub.client().explain("caller").summary())
        .contains("operation 'add' of entity '@counter@a'");
  }

  @Test
  void anEntityWhoseStateCannotBeReadGoesOnOnceTheClassIsRight() {
    TestHub hub = hubWithUnreadableState();
    assertIsSetAside(hub, Problem.Kind.UNREADABLE, "requeue the entity; or purge it");
    hub.restartProgram(f -> orchestrators(f.entity(OtherShape.class)));
    assertIsSetAside(hub, Problem.Kind.UNREADABLE, "OtherShape");

    hub.restartProgram(this::register);

    assertThat(hub.output("caller", int.class)).isBetween(2, 3);
    untilRun(hub);
    assertThat(hub.client().getEntity(A).orElseThrow().state(Counter.class).value).isEqualTo(3);
  }

  @Test
  void anEntityWhoseCodeIsMissingGoesOnOnceTheCodeIsThere() {
    TestHub hub = hub(this::register);
    assertThat(hub.run("add", null, int.class)).isEqualTo(1);
    hub.client().signalEntity(A, "add", 1, hub.now().plusSeconds(1));
    hub.restartProgram(this::orchestrators);
    hub.client().startNew("add", null, StartOptions.id("caller"));
    hub.advance(Duration.ofSeconds(1));
    hub.until("it is set aside", () -> hub.client().getEntity(A).orElseThrow().problem() != null);
    assertIsSetAside(hub, Problem.Kind.FUNCTION_NOT_FOUND, "No entity 'counter' is registered");

    hub.restartProgram(this::register);

    hub.output("caller", int.class);
    untilRun(hub);
    assertThat(hub.client().getEntity(A).orElseThrow().state(Counter.class).value).isEqualTo(3);
  }

  @Test
  void anEntityThatWasSetAsideCanBeRequeued() {
    TestHub hub = hubWithUnreadableState();

    hub.client().requeue("@COUNTER@a", "try");
    hub.until("it is set aside", () -> hub.client().getEntity(A).orElseThrow().problem() != null);
    assertIsSetAside(hub, Problem.Kind.UNREADABLE, "cannot be read as");
    assertThatThrownBy(() -> hub.client().requeue(counter("b").instanceId(), null))
        .isInstanceOf(InstanceNotFoundException.class);
    hub.restartProgram(this::register);
    untilRun(hub);
    assertThatThrownBy(() -> hub.client().requeue(A.instanceId(), null))
        .isInstanceOf(InvalidInstanceStateException.class)
        .hasMessageContaining("was not set aside");
  }

  @Test
  void anEntityThatWasSetAsideCanBePurgedAndBeginsAnew() {
    TestHub hub = hubWithUnreadableState();
    assertIsSetAside(hub, Problem.Kind.UNREADABLE, "cannot be read as");

    assertThat(hub.client().purgeEntity(A)).isTrue();

    FailureDetails failure = hub.failure("caller");
    assertThat(failure.message()).contains("@counter@a.add");
    assertThat(failure.cause().message()).contains("was purged before the operation had run");
    assertThat(hub.client().getEntity(A)).isEmpty();
    assertThat(hub.client().purgeEntity(A)).isFalse();
    assertThat(hub.run("add", null, int.class)).isEqualTo(1);
    assertThat(hub.client().getEntity(A).orElseThrow().state(OtherShape.class).value)
        .containsExactly("1");
  }

  @Test
  void locksAreTakenAndReleasedWithoutTheEntitysCode() {
    TestHub hub = hubWithUnreadableState();
    hub.client().purgeEntity(A);
    hub.failure("caller");
    hub.client().signalEntity(counter("b"), "add", 1);
    untilRun(hub);
    hub.restartProgram(this::register); // now the state of "b" is in the other shape
    hub.client().signalEntity(counter("b"), "add", 1);
    hub.until(
        "it is set aside",
        () -> hub.client().getEntity(counter("b")).orElseThrow().problem() != null);

    String holder = hub.start("hold");
    hub.untilWaitingFor(holder, "the lock of entities"); // the operation is before it
    hub.client().purgeEntity(counter("b"));
    hub.untilWaitingFor(holder, "external event 'go'");
    hub.client().raiseEvent(holder, "go", "well");
    assertThat(hub.output(holder, String.class)).isEqualTo("well");
  }

  // ---- removing ---------------------------------------------------------------------------------

  @Test
  void aPurgeLeavesLocksAndThoseWhoWaitForThemAlone() {
    TestHub hub = hub(this::register);
    hub.run("add", null, int.class);
    String holder = hub.start("hold");
    hub.untilWaitingFor(holder, "external event");
    String waiter = hub.client().startNew("hold");
    String caller = hub.client().startNew("add");
    hub.until(
        "both stand in the queue",
        () -> hub.client().getEntity(A).orElseThrow().operationsWaiting() == 2);

    assertThat(hub.client().purgeEntity(A)).isTrue();

    hub.failure(caller);
    EntityMetadata left = hub.client().getEntity(A).orElseThrow();
    assertThat(left.hasState()).isFalse();
    assertThat(left.lockedBy()).isEqualTo(holder);
    assertThat(left.operationsWaiting()).isEqualTo(1);
    for (String id : List.of(holder, waiter)) {
      hub.untilWaitingFor(id, "external event");
      hub.client().raiseEvent(id, "go", "well");
      assertThat(hub.output(id, String.class)).isEqualTo("well");
    }
    hub.until("nothing is left", () -> hub.client().getEntity(A).isEmpty());
  }

  @Test
  void aPurgeOfEntitiesAtRestLeavesThoseAloneForWhichSomethingWaits() {
    TestHub hub = hub(this::register);
    Requests requests = hub.engine().requests();
    hub.run("add", null, int.class);
    String holder = hub.start("hold");
    hub.untilWaitingFor(holder, "external event");
    assertThat(requests.purgeEntityAtRest(A)).as("its lock is held").isFalse();

    EntityId slow = EntityId.of("slow", "x");
    String caller = hub.client().startNew("slow");
    untilInside(hub);
    assertThat(requests.purgeEntityAtRest(slow)).as("an operation runs").isFalse();

    EntityId later = counter("later");
    hub.client().signalEntity(later, "add", 1, hub.now().plusSeconds(9));
    assertThat(requests.purgeEntityAtRest(later)).as("an operation is scheduled").isFalse();

    hub.client().raiseEvent(holder, "go", "well");
    release.countDown();
    assertThat(hub.output(caller, String.class)).isEqualTo("done");
    hub.output(holder, String.class);
    hub.until(
        "the lock is released", () -> hub.client().getEntity(A).orElseThrow().lockedBy() == null);
    assertThat(requests.purgeEntityAtRest(A)).isTrue();
    assertThat(requests.purgeEntityAtRest(A)).isFalse();
  }

  @Test
  void oneThatWasSetAsideIsAtRestWhateverWaits() {
    TestHub hub = hubWithUnreadableState();
    assertIsSetAside(hub, Problem.Kind.UNREADABLE, "cannot be read as");
    assertThat(hub.engine().requests().purgeEntityAtRest(A)).isTrue();
    assertThat(hub.client().getEntity(A)).isEmpty();
    hub.failure("caller");
  }

  @Test
  void aPurgeEndsWhatRunsAsFarAsTheEntityIsConcerned() {
    TestHub hub = hub(this::register);
    EntityId slow = EntityId.of("slow", "x");
    String caller = hub.client().startNew("slow");
    untilInside(hub);

    hub.client().purgeEntity(slow);

    hub.failure(caller);
    release.countDown();
    assertThat(hub.run("slow", null, String.class)).isEqualTo("done");
    assertThat(hub.client().getEntity(slow).orElseThrow().state(String.class)).isEqualTo("done");
  }

  @Test
  void cleaningFindsNothingWhereAllIsWell() {
    TestHub hub = hubWithMany();
    String holder = hub.start("hold");
    hub.untilWaitingFor(holder, "external event");
    hub.client().suspend(holder, null);

    EntityStorageCleanup found = hub.client().cleanEntityStorage(true, true);

    assertThat(found).isEqualTo(new EntityStorageCleanup(0, 0));
    assertThat(hub.client().getEntity(A).orElseThrow().lockedBy()).isEqualTo(holder);
    assertThat(query(hub, EntityQuery.ALL.withStatelessToo())).contains("@counter@later");
  }
}
