package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.CriticalSection;
import dev.perdure.api.Entity;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.EntityQuery;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.StartOptions;
import dev.perdure.api.StartOptions.IdReusePolicy;
import dev.perdure.api.Task;
import dev.perdure.api.TaskFailedException;
import dev.perdure.engine.functions.FunctionRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Critical sections: who waits for whom, and that every lock is released in the end. */
class EntityLocksTest extends Scenarios {
  @Entity
  static class Account {
    int balance;

    int add(int amount) {
      if (balance + amount < 0) {
        throw new IllegalArgumentException("not enough");
      }
      balance += amount;
      return balance;
    }
  }

  private static EntityId account(String key) {
    return EntityId.of(Account.class, key);
  }

  private static final EntityId A = account("a");
  private static final EntityId B = account("b");
  private static final EntityId C = account("c");
  private static final EntityId D = account("d");

  private static int balance(TestHub hub, EntityId account) {
    return hub.client()
        .getEntity(account)
        .map(e -> e.state(Account.class))
        .map(state -> state.balance)
        .orElse(0);
  }

  private static String lockedBy(TestHub hub, EntityId entity) {
    return hub.client().getEntity(entity).map(EntityMetadata::lockedBy).orElse(null);
  }

  private static void untilAllFree(TestHub hub) {
    hub.until(
        "nothing is locked and nobody waits",
        () ->
            hub
                .client()
                .queryEntities(EntityQuery.ALL.withStatelessToo().withPageSize(1_000))
                .entities()
                .stream()
                .allMatch(e -> e.lockedBy() == null && e.operationsWaiting() == 0));
  }

  private static FunctionRegistry.Builder register(FunctionRegistry.Builder f) {
    return f.entity(Account.class)
        .orchestrator(
            "hold a, b and c",
            ctx -> {
              try (CriticalSection section = ctx.lockEntities(C, A, B).await()) {
                String how = ctx.waitForExternalEvent("go", String.class).await();
                return leave(ctx, how, section);
              }
            })
        .orchestrator(
            "hold b",
            ctx -> {
              CriticalSection section = ctx.lockEntities(B).await();
              String how = ctx.waitForExternalEvent("go", String.class).await();
              return leave(ctx, how, section);
            })
        .orchestrator(
            "pass through",
            ctx -> {
              try (CriticalSection section = ctx.lockEntities(A, B, C, D).await()) {
                return section.entities().toString();
              }
            })
        .orchestrator("nothing", ctx -> "nothing");
  }

  private static Object leave(OrchestrationContext ctx, String how, CriticalSection section) {
    return switch (how) {
      case "fail" -> throw new IllegalStateException("as asked");
      case "continue as new" -> {
        ctx.continueAsNew(null);
        yield null;
      }
      default -> "held " + section.isOpen();
    };
  }

  private TestHub standardHub() {
    return hub(EntityLocksTest::register);
  }

  private static String startHolder(TestHub hub, String name, String id) {
    hub.client().startNew(name, null, StartOptions.id(id));
    hub.untilWaitingFor(id, "external event 'go'");
    return id;
  }

  // ---- inside -----------------------------------------------------------------------------------

  @Test
  void whoHoldsTheLockCallsAheadOfEverybodyElse() {
    TestHub hub =
        hub(
            f ->
                register(f)
                    .orchestrator(
                        "main",
                        ctx -> {
                          List<Object> seen = new ArrayList<>();
                          try (CriticalSection section = ctx.lockEntities(B, A).await()) {
                            seen.add(ctx.lockedEntities());
                            ctx.waitForExternalEvent("go", String.class).await();
                            seen.add(ctx.callEntity(A, Account::add, 1).await());
                            seen.add(ctx.callEntity(A, Account::add, 1).await());
                            section.close();
                            section.close(); // does no harm
                            seen.add(section.isOpen());
                          }
                          seen.add(ctx.lockedEntities());
                          seen.add(ctx.callEntity(A, Account::add, 1).await());
                          return seen.toString();
                        })
                    .orchestrator("other", ctx -> ctx.callEntity(A, Account::add, 100).await()));
    String main = hub.start("main");
    hub.untilWaitingFor(main, "external event 'go'");
    String other = hub.client().startNew("other");
    hub.untilWaitingFor(other, "operation 'add' of entity '@account@a'");
    hub.client().signalEntity(A, Account::add, 1_000);
    assertThat(lockedBy(hub, A)).isEqualTo(main);
    assertThat(balance(hub, A)).isZero();

    hub.client().raiseEvent(main, "go");

    assertThat(hub.output(main, String.class))
        .isEqualTo("[[@account@a, @account@b], 1, 2, false, [], 1103]");
    assertThat(hub.output(other, int.class)).isEqualTo(102);
    untilAllFree(hub);
  }

  /** Whoever moves money from an account to the same one names it twice. */
  @Test
  void whatIsNamedTwiceIsLockedOnce() {
    TestHub hub =
        hub(
            f ->
                register(f)
                    .orchestrator(
                        "main",
                        ctx -> {
                          try (CriticalSection section =
                              ctx.lockEntities(B, A, EntityId.of("ACCOUNT", "b")).await()) {
                            ctx.callEntity(B, Account::add, 5).await();
                            return section.entities() + " " + ctx.lockedEntities();
                          }
                        }));

    assertThat(hub.run("main", null, String.class))
        .isEqualTo("[@account@a, @account@b] [@account@a, @account@b]");

    assertThat(balance(hub, B)).isEqualTo(5);
    untilAllFree(hub);
  }

  @Test
  void anOperationThatFailsLeavesTheSectionOpen() {
    TestHub hub =
        hub(
            f ->
                register(f)
                    .orchestrator(
                        "main",
                        ctx -> {
                          try (CriticalSection section = ctx.lockEntities(A, B).await()) {
                            try {
                              ctx.callEntity(A, Account::add, -1).await();
                            } catch (TaskFailedException e) {
                              return ctx.callEntity(B, Account::add, 5).await()
                                  + " "
                                  + section.isOpen();
                            }
                            return "no failure";
                          }
                        }));

    assertThat(hub.run("main", null, String.class)).isEqualTo("5 true");
    untilAllFree(hub);
  }

  @Test
  void whatDoesNotExistCanBeLockedAndDoesNotExistAfterwards() {
    TestHub hub = standardHub();

    assertThat(hub.run("pass through", null, String.class))
        .isEqualTo("[@account@a, @account@b, @account@c, @account@d]");
    untilAllFree(hub);
    assertThat(hub.client().getEntity(A)).isEmpty();
    assertThat(hub.client().queryEntities(EntityQuery.ALL.withStatelessToo()).entities()).isEmpty();
  }

  @Test
  void whatHasNoCodeCanBeLocked() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      try (CriticalSection section =
                          ctx.lockEntities(EntityId.of("unheard", "of")).await()) {
                        return section.isOpen();
                      }
                    }));
    assertThat(hub.run("main", null, Boolean.class)).isTrue();
    untilAllFree(hub);
  }

  // ---- many -------------------------------------------------------------------------------------

  @Test
  void inWhateverOrderLocksAreAskedForNobodyWaitsForEver() {
    List<EntityId> all = IntStream.range(0, 6).mapToObj(i -> account("" + i)).toList();
    TestHub hub =
        hub(
            f ->
                register(f)
                    .orchestrator(
                        "transfer",
                        Long.class,
                        (ctx, seed) -> {
                          List<EntityId> mine = new ArrayList<>(all);
                          Collections.shuffle(mine, new Random(seed));
                          mine = mine.subList(0, 2 + (int) (seed % 4));
                          try (CriticalSection section = ctx.lockEntities(mine).await()) {
                            int before = ctx.callEntity(mine.get(0), Account::add, 1).await();
                            ctx.callEntity(mine.get(1), Account::add, 1).await();
                            return ctx.callEntity(mine.get(0), Account::add, 0).await() - before;
                          }
                        }));

    List<String> ids = new ArrayList<>();
    for (long i = 0; i < 60; i++) {
      ids.add(hub.client().startNew("transfer", i));
    }

    for (String id : ids) {
      assertThat(hub.output(id, int.class)).as("nobody came between").isZero();
    }
    untilAllFree(hub);
    assertThat(all.stream().mapToInt(account -> balance(hub, account)).sum()).isEqualTo(120);
  }

  @Test
  void locksAreGivenInTheOrderInWhichTheyWereAskedFor() {
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    TestHub hub =
        hub(
            f ->
                register(f)
                    .activity("in", String.class, id -> order.add(id))
                    .orchestrator(
                        "enter",
                        ctx -> {
                          try (CriticalSection section = ctx.lockEntities(B).await()) {
                            return ctx.callActivity("in", ctx.instanceId(), Boolean.class).await();
                          }
                        }));
    startHolder(hub, "hold b", "holder");
    for (String id : List.of("x1", "x2", "x3", "x4")) {
      hub.client().startNew("enter", null, StartOptions.id(id));
      hub.until(id + " is in the queue", () -> explained(hub, B).contains("'" + id + "'"));
    }
    assertThat(hub.client().getEntity(B).orElseThrow().operationsWaiting()).isEqualTo(4);

    hub.client().raiseEvent("holder", "go", "on");

    for (String id : List.of("holder", "x1", "x2", "x3", "x4")) {
      hub.end(id);
    }
    assertThat(order).containsExactly("x1", "x2", "x3", "x4");
  }

  private static String explained(TestHub hub, EntityId entity) {
    return hub.client().explain(entity.instanceId()).toString();
  }

  @Test
  void hundredsOfEntitiesCanBeLockedAtOnce() {
    List<EntityId> all = IntStream.range(0, 300).mapToObj(i -> account("n" + i)).toList();
    TestHub hub =
        hub(
            f ->
                register(f)
                    .orchestrator(
                        "lock all",
                        ctx -> {
                          try (CriticalSection section = ctx.lockEntities(all).await()) {
                            return section.entities().size();
                          }
                        }));
    List<String> ids =
        IntStream.range(0, 5).mapToObj(i -> hub.client().startNew("lock all")).toList();
    for (String id : ids) {
      assertThat(hub.output(id, int.class)).isEqualTo(300);
    }
    untilAllFree(hub);
  }

  // ---- letting go -------------------------------------------------------------------------------

  enum End {
    COMPLETES {
      @Override
      void of(TestHub hub, String id) {
        hub.client().raiseEvent(id, "go", "on");
        assertThat(hub.end(id).status()).isEqualTo(OrchestrationStatus.COMPLETED);
      }
    },
    FAILS {
      @Override
      void of(TestHub hub, String id) {
        hub.client().raiseEvent(id, "go", "fail");
        assertThat(hub.end(id).status()).isEqualTo(OrchestrationStatus.FAILED);
      }
    },
    CONTINUES_AS_NEW {
      @Override
      void of(TestHub hub, String id) {
        hub.client().raiseEvent(id, "go", "continue as new");
      }
    },
    IS_TERMINATED {
      @Override
      void of(TestHub hub, String id) {
        hub.client().terminate(id, "enough");
        assertThat(hub.end(id).status()).isEqualTo(OrchestrationStatus.TERMINATED);
      }
    },
    IS_TERMINATED_AND_PURGED {
      @Override
      void of(TestHub hub, String id) {
        hub.client().terminate(id, "enough");
        hub.client().purge(id);
      }
    },
    IS_REPLACED {
      @Override
      void of(TestHub hub, String id) {
        hub.client()
            .startNew("nothing", null, StartOptions.id(id).withIdReuse(IdReusePolicy.REPLACE));
      }
    },
    IS_TERMINATED_WHILE_SUSPENDED {
      @Override
      void of(TestHub hub, String id) {
        hub.client().suspend(id, "look");
        hub.client().terminate(id, "enough");
      }
    };

    abstract void of(TestHub hub, String id);
  }

  @ParameterizedTest
  @EnumSource
  void howeverAnOrchestrationEndsItsLocksAreReleased(End end) {
    TestHub hub = standardHub();
    startHolder(hub, "hold a, b and c", "holder");
    String next = hub.client().startNew("pass through");
    hub.untilWaitingFor(next, "the lock of entities");
    for (EntityId entity : List.of(A, B, C)) {
      assertThat(lockedBy(hub, entity)).isEqualTo("holder");
    }

    end.of(hub, "holder");

    hub.output(next, String.class);
    if (end == End.CONTINUES_AS_NEW) {
      hub.untilWaitingFor("holder", "external event 'go'"); // it has them again
      hub.client().terminate("holder", "enough");
    }
    untilAllFree(hub);
  }

  @ParameterizedTest
  @EnumSource
  void theSameAfterARestart(End end) {
    TestHub hub = standardHub();
    startHolder(hub, "hold a, b and c", "holder");
    String next = hub.client().startNew("pass through");
    hub.untilWaitingFor(next, "the lock of entities");
    hub.restartProgram(EntityLocksTest::register);
    assertThat(lockedBy(hub, A)).isEqualTo("holder");

    end.of(hub, "holder");

    hub.output(next, String.class);
    if (end == End.CONTINUES_AS_NEW) {
      hub.untilWaitingFor("holder", "external event 'go'");
      hub.client().terminate("holder", "enough");
    }
    untilAllFree(hub);
  }

  /** The waiter has the lock of "a" by then, and stands in the queue of "b". */
  @ParameterizedTest
  @EnumSource(
      names = {
        "IS_TERMINATED",
        "IS_TERMINATED_AND_PURGED",
        "IS_REPLACED",
        "IS_TERMINATED_WHILE_SUSPENDED"
      })
  void whoeverEndsHalfWayThroughItsLocksIsNotInTheWay(End end) {
    TestHub hub = standardHub();
    startHolder(hub, "hold b", "holder");
    hub.client().startNew("hold a, b and c", null, StartOptions.id("waiter"));
    hub.until("it has got half way", () -> "waiter".equals(lockedBy(hub, A)));
    hub.until("it stands in the queue", () -> explained(hub, B).contains("'waiter'"));
    assertThat(lockedBy(hub, C)).isNull();

    end.of(hub, "waiter");

    hub.until("it has let go", () -> lockedBy(hub, A) == null);
    assertThat(lockedBy(hub, B)).isEqualTo("holder");
    String next = hub.client().startNew("pass through");
    hub.client().raiseEvent("holder", "go", "on");
    hub.output(next, String.class);
    untilAllFree(hub);
  }

  @Test
  void aLockThatIsGivenUpIsReleasedWhereverItsRequestIs() {
    TestHub hub =
        hub(
            f ->
                register(f)
                    .orchestrator(
                        "impatient",
                        ctx -> {
                          Task<CriticalSection> lock = ctx.lockEntities(A, B, C);
                          Task<Void> timer = ctx.createTimer(Duration.ofMinutes(1));
                          if (ctx.anyOf(lock, timer).await() == timer) {
                            lock.cancel();
                            ctx.callEntity(A, Account::add, 1).await(); // allowed again
                            ctx.lockEntities(C).await().close();
                            return "gave up " + lock.isCancelled();
                          }
                          timer.cancel();
                          try (CriticalSection section = lock.await()) {
                            return "got " + section.entities();
                          }
                        }));
    assertThat(hub.run("impatient", null, String.class))
        .isEqualTo("got [@account@a, @account@b, @account@c]");
    startHolder(hub, "hold b", "holder");
    String impatient = hub.start("impatient");
    hub.until("it stands in the queue", () -> explained(hub, B).contains("'" + impatient + "'"));

    hub.advance(Duration.ofMinutes(1));

    assertThat(hub.output(impatient, String.class)).isEqualTo("gave up true");
    assertThat(balance(hub, A)).isEqualTo(1);
    hub.client().raiseEvent("holder", "go", "on");
    hub.end("holder");
    untilAllFree(hub);
  }

  @Test
  void aLockThatIsAskedForAndGivenUpInTheSameStepIsReleased() {
    TestHub hub =
        hub(
            f ->
                register(f)
                    .orchestrator(
                        "undecided",
                        ctx -> {
                          for (int i = 0; i < 10; i++) {
                            ctx.lockEntities(D, A, B).cancel();
                          }
                          return ctx.lockEntities(A, B).await().isOpen();
                        })
                    .orchestrator(
                        "hasty",
                        ctx -> {
                          ctx.lockEntities(A, B, C, D);
                          return "gone";
                        }));
    for (int i = 0; i < 10; i++) {
      assertThat(hub.run("undecided", null, Boolean.class)).isTrue();
      assertThat(hub.run("hasty", null, String.class)).isEqualTo("gone");
    }
    untilAllFree(hub);
    hub.run("pass through", null, String.class);
  }

  @Test
  void aLockThatComesWhileNobodyLooksIsReleasedInTheEnd() {
    TestHub hub =
        hub(
            f ->
                register(f)
                    .orchestrator(
                        "absent-minded",
                        ctx -> {
                          Task<CriticalSection> lock = ctx.lockEntities(A, B);
                          ctx.createTimer(Duration.ofMinutes(1)).await();
                          return lock.isDone() + " " + ctx.lockedEntities();
                        }));
    String id = hub.start("absent-minded");
    hub.until("it holds them", () -> id.equals(lockedBy(hub, B)));
    hub.advance(Duration.ofMinutes(1));
    assertThat(hub.output(id, String.class)).isEqualTo("true [@account@a, @account@b]");
    untilAllFree(hub);
  }

  @Test
  void aLockCanBeWaitedForTogetherWithOtherThings() {
    TestHub hub =
        hub(
            f ->
                register(f)
                    .activity("work", () -> "worked")
                    .orchestrator(
                        "main",
                        ctx -> {
                          Task<CriticalSection> lock = ctx.lockEntities(A, B);
                          Task<String> work = ctx.callActivity("work", null, String.class);
                          Task<Integer> call = ctx.callEntity(C, Account::add, 1);
                          ctx.allOf(List.of(lock, work, call)).await();
                          try (CriticalSection section = lock.await()) {
                            return work.await() + call.await() + section.entities().size();
                          }
                        }));
    assertThat(hub.run("main", null, String.class)).isEqualTo("worked12");
    untilAllFree(hub);
  }

  // ---- longer than a program
  // ----------------------------------------------------------------------

  @Test
  void locksAndQueuesOutliveTheProgram() {
    TestHub hub = standardHub();
    startHolder(hub, "hold b", "holder");
    hub.client().signalEntity(B, Account::add, 1);
    String next = hub.client().startNew("pass through");
    hub.until("it stands in the queue", () -> explained(hub, B).contains("'" + next + "'"));
    hub.client().signalEntity(B, Account::add, 10);

    hub.restartProgram(EntityLocksTest::register);
    hub.restartProgram(EntityLocksTest::register);

    assertThat(lockedBy(hub, B)).isEqualTo("holder");
    assertThat(lockedBy(hub, A)).isEqualTo(next);
    assertThat(balance(hub, B)).isZero();
    assertThat(hub.client().getEntity(B).orElseThrow().operationsWaiting()).isEqualTo(3);
    hub.client().raiseEvent("holder", "go", "on");
    hub.output(next, String.class);
    hub.until("all ran", () -> balance(hub, B) == 11);
    untilAllFree(hub);
  }

  @Test
  void whoIsSuspendedKeepsItsLocks() {
    TestHub hub = standardHub();
    startHolder(hub, "hold b", "holder");
    hub.client().suspend("holder", "look");
    hub.client().raiseEvent("holder", "go", "on");
    hub.client().signalEntity(B, Account::add, 1);
    assertThat(lockedBy(hub, B)).isEqualTo("holder");
    assertThat(balance(hub, B)).isZero();

    hub.client().resume("holder", null);

    hub.end("holder");
    hub.until("it ran", () -> balance(hub, B) == 1);
  }

  @Test
  void whoFailedInACriticalSectionCannotBeRewound() {
    TestHub hub = standardHub();
    startHolder(hub, "hold b", "holder");
    hub.client().raiseEvent("holder", "go", "fail");
    hub.end("holder");

    assertThatThrownBy(() -> hub.client().rewind("holder", "try again"))
        .isInstanceOf(InvalidInstanceStateException.class)
        .hasMessageContaining("locks were released");
    assertThat(hub.status("holder").status()).isEqualTo(OrchestrationStatus.FAILED);
    untilAllFree(hub);
  }
}
