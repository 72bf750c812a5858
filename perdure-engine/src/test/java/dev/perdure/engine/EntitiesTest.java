package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.Entity;
import dev.perdure.api.EntityContext;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityOperations;
import dev.perdure.api.EntityQuery;
import dev.perdure.api.EntityUpdate;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.StartOptions;
import dev.perdure.api.Task;
import dev.perdure.api.TaskFailedException;
import dev.perdure.api.TypeRef;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What an operation does to its entity, and what those who call it get. */
class EntitiesTest extends Scenarios {
  private static final Duration PATIENCE = TestHub.PATIENCE;

  @Entity
  static class Counter {
    int value;

    int add(int n) {
      value += n;
      return value;
    }

    int get() {
      return value;
    }

    void spoil(EntityContext ctx, int n) throws IOException {
      value = n;
      ctx.signalEntity(EntityId.of(Counter.class, "signaled by spoil"), "add", 1);
      ctx.startNew("nothing", null, StartOptions.id("started by spoil"));
      throw new IOException("spoiled");
    }

    void vanish(EntityContext ctx) {
      ctx.deleteState();
    }
  }

  private static EntityId counter(String key) {
    return EntityId.of(Counter.class, key);
  }

  private static int value(TestHub hub, EntityId counter) {
    return hub.client()
        .getEntity(counter)
        .map(e -> e.state(Counter.class))
        .map(state -> state.value)
        .orElse(-1);
  }

  private static List<String> allEntities(TestHub hub) {
    return hub
        .client()
        .queryEntities(EntityQuery.ALL.withStatelessToo().withPageSize(1_000))
        .entities()
        .stream()
        .map(e -> e.id().instanceId())
        .toList();
  }

  // ---- state ------------------------------------------------------------------------------------

  @Test
  void operationsChangeTheStateAndGiveResults() {
    TestHub hub =
        hub(
            f ->
                f.entity(Counter.class)
                    .orchestrator(
                        "main",
                        ctx -> {
                          int first = ctx.callEntity(counter("a"), Counter::add, 2).await();
                          ctx.signalEntity(counter("a"), Counter::add, 3);
                          int second = ctx.callEntity(counter("a"), "ADD", 4, int.class).await();
                          return first + " " + second;
                        }));

    assertThat(hub.run("main", null, String.class)).isEqualTo("2 9");
    assertThat(value(hub, counter("a"))).isEqualTo(9);
  }

  @Test
  void theStateOutlivesTheProgram() {
    TestHub hub =
        hub(
            f ->
                f.entity(Counter.class)
                    .orchestrator(
                        "main", ctx -> ctx.callEntity(counter("a"), Counter::add, 2).await()));
    hub.run("main", null, int.class);
    hub.restartProgram(
        f ->
            f.entity(Counter.class)
                .orchestrator(
                    "main", ctx -> ctx.callEntity(counter("a"), Counter::add, 2).await()));

    assertThat(value(hub, counter("a"))).isEqualTo(2);
    assertThat(hub.run("main", null, int.class)).isEqualTo(4);
  }

  /** Whatever an entity waits for brings it back. */
  @Test
  void anEntityThatWasForgottenInMemoryGoesOnFromTheStore() {
    TestHub hub =
        hub(
            o -> o.withWarm(0, Duration.ofMillis(1)),
            f ->
                f.entity(Counter.class)
                    .orchestrator(
                        "hold",
                        ctx -> {
                          ctx.lockEntities(counter("locked")).await();
                          ctx.waitForExternalEvent("go", String.class).await();
                          return ctx.callEntity(counter("locked"), Counter::add, 1).await();
                        })
                    .orchestrator(
                        "main", ctx -> ctx.callEntity(counter("state"), Counter::add, 1).await()));
    hub.run("main", null, int.class);
    String holder = hub.start("hold");
    hub.untilWaitingFor(holder, "external event");
    hub.client().signalEntity(counter("locked"), Counter::add, 10);
    String waiter = hub.client().startNew("hold");
    hub.until(
        "it stands in the queue",
        () -> hub.client().getEntity(counter("locked")).orElseThrow().operationsWaiting() == 2);
    hub.client().signalEntity(counter("later"), "add", 5, TestHub.NOON.plusSeconds(3600));
    for (int i = 0; i < 5; i++) {
      allEntities(hub); // what is not stored cannot be forgotten
      hub.advance(Duration.ofSeconds(61));
      hub.until("time has passed", () -> !allEntities(hub).isEmpty());
    }

    assertThat(hub.run("main", null, int.class)).isEqualTo(2);
    hub.client().raiseEvent(holder, "go");
    assertThat(hub.output(holder, int.class)).isEqualTo(1);
    hub.untilWaitingFor(waiter, "external event");
    hub.advance(Duration.ofSeconds(61));
    hub.client().raiseEvent(waiter, "go");
    assertThat(hub.output(waiter, int.class)).isEqualTo(12);
    hub.advance(Duration.ofHours(1));
    hub.until("its time has come", () -> value(hub, counter("later")) == 5);
  }

  @Test
  void namesOfEntitiesAndOperationsKnowNoCaseButKeysDo() {
    TestHub hub =
        hub(
            f ->
                f.entity(Counter.class)
                    .orchestrator(
                        "main",
                        ctx -> {
                          ctx.callEntity(EntityId.of("COUNTER", "a"), "aDD", 1).await();
                          ctx.callEntity(EntityId.of("counter", "a"), "Add", 1).await();
                          ctx.callEntity(EntityId.of("Counter", "A"), "add", 5).await();
                          return null;
                        }));

    hub.run("main", null, Object.class);

    assertThat(value(hub, counter("a"))).isEqualTo(2);
    assertThat(value(hub, EntityId.of("coUNter", "A"))).isEqualTo(5);
    assertThat(allEntities(hub)).containsExactly("@counter@A", "@counter@a");
  }

  @Test
  void keysMayBeAlmostAnything() {
    List<String> keys =
        List.of(
            "",
            " ",
            "a b",
            "@",
            "a@b@c",
            "/x/../y",
            "ключ",
            "鍵",
            "🗝️",
            "%00",
            "'\"\\",
            "@counter@a");
    TestHub hub =
        hub(
            f ->
                f.entity(Counter.class)
                    .orchestrator(
                        "main",
                        ctx -> {
                          List<Task<Integer>> calls = new ArrayList<>();
                          for (int i = 0; i < keys.size(); i++) {
                            calls.add(ctx.callEntity(counter(keys.get(i)), Counter::add, i + 1));
                          }
                          ctx.allOf(calls).await();
                          ctx.lockEntities(keys.stream().map(EntitiesTest::counter).toList())
                              .await()
                              .close();
                          return null;
                        }));

    hub.run("main", null, Object.class);
    hub.restartProgram(f -> f.entity(Counter.class));

    for (int i = 0; i < keys.size(); i++) {
      assertThat(value(hub, counter(keys.get(i)))).as(keys.get(i)).isEqualTo(i + 1);
    }
    assertThat(allEntities(hub)).hasSize(keys.size());
    hub.client().signalEntity(counter("a@b@c"), Counter::add, 1);
    hub.until("it ran", () -> value(hub, EntityId.parse("@Counter@a@b@c")) == 6);
  }

  @Test
  void readingCreatesNothing() {
    TestHub hub =
        hub(
            f ->
                f.entity(Counter.class)
                    .entity(
                        "text",
                        EntityOperations.of(String.class, () -> "").query("size", String::length))
                    .orchestrator(
                        "main",
                        ctx ->
                            ctx.callEntity(counter("a"), Counter::get).await()
                                + ctx.callEntity(EntityId.of("text", "x"), "size", int.class)
                                    .await()));

    assertThat(hub.run("main", null, int.class)).isZero();
    assertThat(hub.client().getEntity(counter("a"))).isEmpty();
    assertThat(allEntities(hub)).isEmpty();
  }

  @Test
  void anEntityWhoseStateBecomesNullIsGone() {
    TestHub hub =
        hub(
            f ->
                f.entity(Counter.class)
                    .entity(
                        "number",
                        EntityOperations.of(Integer.class, () -> 7)
                            .operation("keep", n -> n + 1)
                            .operation("drop", n -> null))
                    .orchestrator(
                        "main",
                        ctx -> {
                          EntityId number = EntityId.of("number", "x");
                          List<Object> seen = new ArrayList<>();
                          for (String way : List.of("delete", "vanish")) {
                            ctx.callEntity(counter("a"), Counter::add, 1).await();
                            ctx.callEntity(counter("a"), way).await();
                            seen.add(ctx.callEntity(counter("a"), Counter::get).await());
                          }
                          ctx.callEntity(number, "keep").await();
                          ctx.callEntity(number, "drop").await();
                          seen.add(ctx.callEntity(number, "keep", int.class).await());
                          ctx.callEntity(number, "drop").await();
                          return seen.toString();
                        }));

    assertThat(hub.run("main", null, String.class)).isEqualTo("[0, 0, 8]");
    assertThat(hub.client().getEntity(counter("a"))).isEmpty();
    assertThat(allEntities(hub)).isEmpty();
    hub.restartProgram(f -> f.entity(Counter.class));
    assertThat(allEntities(hub)).isEmpty();
  }

  @Test
  void anOperationKnowsWhoItIsAndWhatItIsAskedFor() {
    TestHub hub =
        hub(
            f ->
                f.entity(
                        "nosy",
                        ctx -> {
                          List<String> seen = new ArrayList<>();
                          if (ctx.hasState()) {
                            seen.addAll(ctx.state(new TypeRef<List<String>>() {}));
                          }
                          seen.add(
                              "%s %s %s %s %s"
                                  .formatted(
                                      ctx.id(),
                                      ctx.operation(),
                                      ctx.isSignal(),
                                      ctx.currentInstant(),
                                      ctx.input(String.class)));
                          ctx.setState(seen);
                          return seen;
                        })
                    .orchestrator(
                        "main",
                        ctx -> {
                          EntityId nosy = EntityId.of("Nosy", "K");
                          ctx.signalEntity(nosy, "Poke", "in");
                          return String.join(
                              ", ",
                              ctx.callEntity(nosy, "pOKE", new TypeRef<List<String>>() {}).await());
                        }));

    assertThat(hub.run("main", null, String.class))
        .isEqualTo(
            "@nosy@K Poke true 2030-01-01T12:00:00Z in,"
                + " @nosy@K pOKE false 2030-01-01T12:00:00Z null");
  }

  // ---- one at a time ----------------------------------------------------------------------------

  @Test
  void operationsOfOneEntityRunOneAtATime() {
    AtomicInteger inside = new AtomicInteger();
    AtomicBoolean overlapped = new AtomicBoolean();
    TestHub hub =
        hub(
            f ->
                f.entity(
                        "narrow",
                        ctx -> {
                          overlapped.compareAndSet(false, inside.incrementAndGet() > 1);
                          Thread.yield();
                          inside.decrementAndGet();
                          Integer before = ctx.state(Integer.class);
                          ctx.setState(before == null ? 1 : before + 1);
                          return null;
                        })
                    .orchestrator(
                        "main",
                        ctx -> {
                          for (int i = 0; i < 10; i++) {
                            ctx.callEntity(EntityId.of("narrow", "x"), "enter").await();
                          }
                          return null;
                        }));

    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      ids.add(hub.client().startNew("main"));
    }
    ids.forEach(hub::end);

    assertThat(overlapped).isFalse();
    assertThat(
            hub.client().getEntity(EntityId.of("narrow", "x")).orElseThrow().state(Integer.class))
        .isEqualTo(200);
  }

  @Test
  void differentEntitiesRunAtTheSameTime() {
    CyclicBarrier meeting = new CyclicBarrier(8);
    TestHub hub =
        hub(
            f ->
                f.entity("guest", ctx -> meeting.await(20, TimeUnit.SECONDS))
                    .orchestrator(
                        "main",
                        ctx -> {
                          List<Task<Void>> calls = new ArrayList<>();
                          for (int i = 0; i < 8; i++) {
                            calls.add(ctx.callEntity(EntityId.of("guest", "" + i), "come"));
                          }
                          return ctx.allOf(calls).await().size();
                        }));

    assertThat(hub.run("main", null, int.class)).isEqualTo(8);
  }

  @Test
  void whatOneSenderSendsRunsInTheOrderSent() {
    TestHub hub =
        hub(
            f ->
                f.entity(
                        "list",
                        EntityOperations.of(String.class, () -> "")
                            .operation("add", String.class, (all, one) -> all + one))
                    .orchestrator(
                        "main",
                        ctx -> {
                          EntityId list = EntityId.of("list", "x");
                          Task<String> last = null;
                          for (int i = 0; i < 26; i++) {
                            String letter = "" + (char) ('a' + i);
                            if (i % 3 == 0) {
                              ctx.signalEntity(list, "add", letter);
                            } else {
                              last = ctx.callEntity(list, "add", letter, String.class);
                            }
                          }
                          return last.await();
                        }));

    assertThat(hub.run("main", null, String.class)).isEqualTo("abcdefghijklmnopqrstuvwxyz");
  }

  @Test
  void whatWaitsTogetherIsCommittedTogether() throws InterruptedException {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    TestHub hub =
        hub(
            f ->
                f.entity(Counter.class)
                    .entity(
                        "gate",
                        ctx -> {
                          if (ctx.operation().equals("block")) {
                            entered.countDown();
                            release.await();
                          }
                          Integer before = ctx.state(Integer.class);
                          ctx.setState(before == null ? 1 : before + 1);
                          return null;
                        }));
    EntityId gate = EntityId.of("gate", "x");
    hub.client().signalEntity(gate, "block");
    assertThat(entered.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    for (int i = 0; i < 900; i++) {
      hub.client().signalEntity(gate, "pass");
    }
    long before = hub.engine().commits();
    assertThat(hub.client().getEntity(gate).orElseThrow().operationsWaiting()).isEqualTo(901);

    release.countDown();
    hub.until(
        "all ran",
        () ->
            Integer.valueOf(901)
                .equals(hub.client().getEntity(gate).orElseThrow().state(Integer.class)));

    assertThat(hub.engine().commits() - before).isLessThan(100);
  }

  // ---- failures ---------------------------------------------------------------------------------

  @Test
  void anOperationThatThrowsHasChangedNothingAndItsCallerKnows() {
    TestHub hub =
        hub(
            f ->
                f.entity(Counter.class)
                    .orchestrator("nothing", ctx -> null)
                    .orchestrator(
                        "main",
                        ctx -> {
                          Task<Integer> before = ctx.callEntity(counter("a"), Counter::add, 1);
                          Task<Void> spoil = ctx.callEntity(counter("a"), "spoil", 1_000);
                          Task<Integer> after = ctx.callEntity(counter("a"), Counter::add, 1);
                          try {
                            spoil.await();
                            return "not thrown";
                          } catch (TaskFailedException e) {
                            FailureDetails why = e.details();
                            return "%d %d %s %s %s"
                                .formatted(
                                    before.await(),
                                    after.await(),
                                    why.errorType(),
                                    why.message(),
                                    e.getMessage());
                          }
                        }));

    assertThat(hub.run("main", null, String.class))
        .startsWith("1 2 java.io.IOException spoiled ")
        .contains("@counter@a.spoil", "(#1)");
    assertThat(value(hub, counter("a"))).isEqualTo(2);
    assertThat(hub.client().getEntity(counter("signaled by spoil"))).isEmpty();
    assertThat(hub.client().status("started by spoil")).isEmpty();
  }

  @Test
  void aFailureThatNobodyCatchesFailsTheOrchestration() {
    TestHub hub =
        hub(
            f ->
                f.entity(Counter.class)
                    .orchestrator("nothing", ctx -> null)
                    .orchestrator("main", ctx -> ctx.callEntity(counter("a"), "spoil", 1).await()));

    FailureDetails failure = hub.failure(hub.client().startNew("main"));

    assertThat(failure.cause()).isNotNull();
    assertThat(failure.cause().errorType()).isEqualTo(IOException.class.getName());
  }

  @Test
  void evenAnErrorOfTheMachineIsTheFailureOfOneOperationOnly() {
    TestHub hub =
        hub(
            f ->
                f.entity(
                        "deep",
                        ctx -> {
                          if (ctx.operation().equals("dive")) {
                            dive(1);
                          }
                          ctx.setState("floats");
                          return null;
                        })
                    .orchestrator(
                        "main",
                        ctx -> {
                          EntityId deep = EntityId.of("deep", "x");
                          String type = "";
                          try {
                            ctx.callEntity(deep, "dive").await();
                          } catch (TaskFailedException e) {
                            type = e.details().errorType();
                          }
                          ctx.callEntity(deep, "float").await();
                          return type;
                        }));

    assertThat(hub.run("main", null, String.class)).isEqualTo("java.lang.StackOverflowError");
  }

  @SuppressWarnings("InfiniteRecursion")
  private static int dive(int depth) {
    return dive(depth + 1) + 1;
  }

  @Test
  void anOrchestrationWhoseCallFailedCanBeRewound() {
    AtomicBoolean broken = new AtomicBoolean(true);
    TestHub hub =
        hub(
            f ->
                f.entity(
                        "fragile",
                        ctx -> {
                          Integer before = ctx.state(Integer.class);
                          ctx.setState(before == null ? 1 : before + 1);
                          if (ctx.operation().equals("try") && broken.get()) {
                            throw new IllegalStateException("broken");
                          }
                          return ctx.state(Integer.class);
                        })
                    .orchestrator(
                        "main",
                        ctx -> {
                          EntityId fragile = EntityId.of("fragile", "x");
                          ctx.callEntity(fragile, "before").await();
                          return ctx.callEntity(fragile, "try", int.class).await();
                        }));
    String id = hub.client().startNew("main");
    hub.failure(id);

    broken.set(false);
    hub.client().rewind(id, "mended");

    assertThat(hub.output(id, int.class)).isEqualTo(2);
  }

  // ---- with tasks of other sorts
  // ------------------------------------------------------------------

  @Test
  void aCallMayLoseAgainstATimerAndStillTakesEffect() throws InterruptedException {
    CountDownLatch release = new CountDownLatch(1);
    TestHub hub =
        hub(
            f ->
                f.entity(
                        "slow",
                        ctx -> {
                          release.await();
                          ctx.setState("done");
                          return "result";
                        })
                    .orchestrator(
                        "main",
                        ctx -> {
                          Task<String> call =
                              ctx.callEntity(EntityId.of("slow", "x"), "run", String.class);
                          Task<Void> timer = ctx.createTimer(Duration.ofMinutes(1));
                          boolean timedOut = ctx.anyOf(call, timer).await() == timer;
                          ctx.setCustomStatus("timed out " + timedOut);
                          return call.await();
                        }));
    String id = hub.start("main");
    hub.untilWaitingFor(id, "operation 'run' of entity '@slow@x'");

    hub.advance(Duration.ofMinutes(1));
    hub.until("it gave up", () -> hub.status(id).customStatus(String.class) != null);
    release.countDown();

    assertThat(hub.output(id, String.class)).isEqualTo("result");
    assertThat(hub.status(id).customStatus(String.class)).isEqualTo("timed out true");
  }

  @Test
  void aCallThatNobodyWaitsForTakesEffect() {
    TestHub hub =
        hub(
            f ->
                f.entity(Counter.class)
                    .orchestrator(
                        "main",
                        ctx -> {
                          ctx.callEntity(counter("a"), Counter::add, 3);
                          return "over";
                        }));

    assertThat(hub.run("main", null, String.class)).isEqualTo("over");
    hub.until("it ran", () -> value(hub, counter("a")) == 3);
  }

  @Test
  void manyCallsAtOnceEachGetTheirOwnResult() {
    TestHub hub =
        hub(
            f ->
                f.entity(Counter.class)
                    .orchestrator(
                        "main",
                        ctx -> {
                          List<Task<Integer>> calls = new ArrayList<>();
                          for (int i = 0; i < 2_500; i++) {
                            calls.add(ctx.callEntity(counter("" + i % 3), Counter::add, 1));
                          }
                          List<Integer> results = ctx.allOf(calls).await();
                          for (int i = 0; i < results.size(); i++) {
                            if (results.get(i) != i / 3 + 1) {
                              return "call " + i + " got " + results.get(i);
                            }
                          }
                          return "all well";
                        }));

    assertThat(hub.run("main", null, String.class)).isEqualTo("all well");
  }

  // ---- what operations ask for ------------------------------------------------------------------

  @Entity(name = "restaurant")
  static class Restaurant {
    int orders;

    EntityUpdate<Restaurant, String> order(EntityContext ctx, String dish) {
      Restaurant next = new Restaurant();
      next.orders = orders + 1;
      String id = ctx.startNew("cook", dish, StartOptions.id("cook " + dish));
      ctx.signalEntity(EntityId.of("Restaurant", "statistics"), "count");
      return EntityUpdate.of(next, id);
    }

    void count() {
      orders++;
    }
  }

  @Test
  void anOperationStartsOrchestrationsUnlessTheIdIsInUse() {
    CountDownLatch mayEnd = new CountDownLatch(1);
    TestHub hub =
        hub(
            f ->
                f.entity(Restaurant.class)
                    .activity(
                        "cook",
                        () -> {
                          mayEnd.await();
                          return "cooked";
                        })
                    .orchestrator(
                        "cook",
                        String.class,
                        (ctx, dish) ->
                            dish + " " + ctx.callActivity("cook", null, String.class).await())
                    .orchestrator(
                        "guest",
                        ctx ->
                            ctx.callEntity(
                                    EntityId.of(Restaurant.class, "x"),
                                    "order",
                                    "soup",
                                    String.class)
                                .await()));

    assertThat(hub.run("guest", null, String.class)).isEqualTo("cook soup");
    hub.untilStatus("cook soup", OrchestrationStatus.RUNNING);
    String execution = hub.status("cook soup").executionId();
    assertThat(hub.run("guest", null, String.class)).isEqualTo("cook soup");
    hub.until(
        "both were counted",
        () ->
            hub.client()
                .getEntity(EntityId.of(Restaurant.class, "statistics"))
                .map(e -> e.state(Restaurant.class).orders == 2)
                .orElse(false));
    mayEnd.countDown();
    assertThat(hub.output("cook soup", String.class)).isEqualTo("soup cooked");
    assertThat(hub.status("cook soup").executionId()).isEqualTo(execution);

    assertThat(hub.run("guest", null, String.class)).isEqualTo("cook soup");
    hub.until(
        "it was started anew", () -> !hub.status("cook soup").executionId().equals(execution));
    assertThat(hub.output("cook soup", String.class)).isEqualTo("soup cooked");
  }

  @Test
  void anOrchestrationThatAnEntityStartsMayBeScheduledAndTagged() {
    TestHub hub =
        hub(
            f ->
                f.entity(
                        "planner",
                        ctx ->
                            ctx.startNew(
                                "nothing",
                                null,
                                StartOptions.DEFAULT
                                    .withScheduledStart(
                                        ctx.currentInstant().plus(Duration.ofHours(1)))
                                    .withTags(Map.of("who", "planner"))))
                    .orchestrator("nothing", ctx -> "ran")
                    .orchestrator(
                        "main",
                        ctx ->
                            ctx.callEntity(EntityId.of("planner", "x"), "plan", String.class)
                                .await()));

    String id = hub.run("main", null, String.class);
    hub.until("it is there", () -> hub.client().status(id).isPresent());

    OrchestrationMetadata planned = hub.status(id);
    assertThat(planned.status()).isEqualTo(OrchestrationStatus.PENDING);
    assertThat(planned.tags()).containsEntry("who", "planner");
    hub.advance(Duration.ofHours(1));
    assertThat(hub.output(id, String.class)).isEqualTo("ran");
  }
}
