package dev.perdure.engine.recovery;

import static dev.perdure.engine.recovery.Stories.ignoreIfEnded;
import static dev.perdure.engine.recovery.Stories.tell;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.CriticalSection;
import dev.perdure.api.Entity;
import dev.perdure.api.EntityContext;
import dev.perdure.api.EntityId;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.StartOptions;
import dev.perdure.api.Task;
import dev.perdure.api.TaskFailedException;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.engine.recovery.Stories.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Stories of entities that end the same, at whichever commit the power goes off. */
@ExtendWith(QuietLog.class)
class EntityCrashTest {
  static List<Fault> faults() {
    return Stories.faults();
  }

  // ---- entities ---------------------------------------------------------------------------------

  /** Notes down what it is told, in order. */
  @Entity
  static class Journal {
    List<String> lines = new ArrayList<>();

    int write(String line) {
      lines.add(line);
      return lines.size();
    }

    void spoil(String line) {
      lines.add(line);
      throw new IllegalStateException("no " + line);
    }

    /** Passes a letter on to the next journal, which is in some other partition. */
    void pass(EntityContext ctx, int stations) {
      lines.add("passed " + stations);
      if (stations > 0) {
        int number = Integer.parseInt(ctx.id().key());
        ctx.signalEntity(journal(number + 1), "pass", stations - 1);
      }
    }

    void order(EntityContext ctx, String dish) {
      lines.add(dish);
      ctx.startNew("cook", dish, StartOptions.id("cook-" + dish));
      ctx.startNew("cook", dish);
    }

    void remember(EntityContext ctx, Instant due) {
      boolean early = ctx.currentInstant().isBefore(due);
      lines.add(early ? "woken at " + ctx.currentInstant() : "in time");
    }
  }

  @Entity
  static class Account {
    int balance = 100;
    int moves;

    int withdraw(int amount) {
      if (amount > balance) {
        throw new IllegalArgumentException("only " + balance);
      }
      balance -= amount;
      moves++;
      return balance;
    }

    int deposit(int amount) {
      balance += amount;
      moves++;
      return balance;
    }
  }

  /** Counts, and notices if anything comes twice, or too early, or too late. */
  @Entity
  static class Sequence {
    int next;
    List<String> mistakes = new ArrayList<>();

    void take(int number) {
      if (number == next) {
        next++;
      } else {
        mistakes.add(number + " in place of " + next);
      }
    }
  }

  private static EntityId journal(int number) {
    return EntityId.of(Journal.class, "" + number);
  }

  private static EntityId account(int number) {
    return EntityId.of(Account.class, "" + number);
  }

  private static List<String> lines(World world, EntityId journal) {
    Journal state = world.state(journal, Journal.class);
    return state == null ? List.of() : state.lines;
  }

  private static void register(FunctionRegistry.Builder f) {
    f.entity(Journal.class).entity(Account.class).entity(Sequence.class);
  }

  // ---- the stories ------------------------------------------------------------------------------

  @ParameterizedTest
  @MethodSource("faults")
  void everyCallTakesEffectOnceAndIsAnsweredOnce(Fault fault) {
    tell(
        fault,
        4,
        (world, f) -> {
          register(f);
          f.orchestrator(
              "writer",
              Integer.class,
              (ctx, number) -> {
                int sum = 0;
                for (int i = 0; i < 3; i++) {
                  sum += ctx.callEntity(journal(number), Journal::write, "" + i).await();
                }
                return sum;
              });
        },
        world -> {
          world.start("a", "writer", 1);
          world.start("b", "writer", 2);
          assertThat(world.output("a", Integer.class)).isEqualTo(6);
          assertThat(world.output("b", Integer.class)).isEqualTo(6);
          assertThat(lines(world, journal(1))).containsExactly("0", "1", "2");
          assertThat(lines(world, journal(2))).containsExactly("0", "1", "2");
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aChainOfSignalsArrivesOnceAtEveryStationAndInOrder(Fault fault) {
    tell(
        fault,
        4,
        (world, f) -> {
          register(f);
          f.orchestrator(
              "sender",
              ctx -> {
                ctx.signalEntity(journal(0), "pass", 5);
                ctx.signalEntity(journal(0), "pass", 4);
                ctx.signalEntity(journal(0), "write", "end");
                return null;
              });
        },
        world -> {
          world.start("a", "sender", null);
          world.output("a", Object.class);
          world.until(
              "the letter is there",
              client -> client.getEntity(journal(5)).map(e -> e.hasState()).orElse(false));
          world.untilEntitiesRest();
          assertThat(lines(world, journal(0))).containsExactly("passed 5", "passed 4", "end");
          for (int i = 1; i < 5; i++) {
            assertThat(lines(world, journal(i)))
                .as("station " + i)
                .containsExactly("passed " + (5 - i), "passed " + (4 - i));
          }
          assertThat(lines(world, journal(5))).containsExactly("passed 0");
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void anOperationThatFailsTakesBackItsOwnChangesOnly(Fault fault) {
    tell(
        fault,
        2,
        (world, f) -> {
          register(f);
          f.orchestrator(
              "writer",
              ctx -> {
                List<Task<?>> calls = new ArrayList<>();
                for (int i = 0; i < 6; i++) {
                  calls.add(
                      i % 3 == 1
                          ? ctx.callEntity(journal(1), "spoil", "" + i)
                          : ctx.callEntity(journal(1), "write", "" + i));
                }
                int failed = 0;
                for (Task<?> call : calls) {
                  try {
                    call.await();
                  } catch (TaskFailedException e) {
                    failed++;
                  }
                }
                return failed;
              });
        },
        world -> {
          world.start("a", "writer", null);
          assertThat(world.output("a", Integer.class)).isEqualTo(2);
          assertThat(lines(world, journal(1))).containsExactly("0", "2", "3", "5");
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aScheduledSignalComesOnceAndNotTooEarly(Fault fault) {
    tell(
        fault,
        2,
        (world, f) -> {
          register(f);
          f.orchestrator(
              "planner",
              ctx -> {
                for (int i = 1; i <= 3; i++) {
                  Instant due = ctx.currentInstant().plus(Duration.ofMinutes(20 * i));
                  ctx.signalEntity(journal(i % 2), "remember", due, due);
                }
                ctx.createTimer(Duration.ofHours(3)).await();
                return null;
              });
        },
        world -> {
          world.start("a", "planner", null);
          world.endWhileTimeFlies("a", Duration.ofMinutes(7));
          world.untilEntitiesRest();
          assertThat(lines(world, journal(0))).containsExactly("in time");
          assertThat(lines(world, journal(1))).containsExactly("in time", "in time");
        });
  }

  private static Object transfer(OrchestrationContext ctx, List<Integer> fromAndTo) {
    EntityId from = account(fromAndTo.getFirst());
    EntityId to = account(fromAndTo.getLast());
    List<EntityId> all = fromAndTo.stream().map(EntityCrashTest::account).toList();
    try (CriticalSection section = ctx.lockEntities(all).await()) {
      ctx.callEntity(from, Account::withdraw, 10).await();
      ctx.callEntity(to, Account::deposit, 10).await();
      return section.entities().size();
    }
  }

  @ParameterizedTest
  @MethodSource("faults")
  void transfersUnderLocksNeitherLoseNorDoubleAnything(Fault fault) {
    tell(
        fault,
        4,
        (world, f) -> {
          register(f);
          f.orchestrator("transfer", List.class, EntityCrashTest::transferOf);
        },
        world -> {
          world.start("a", "transfer", List.of(1, 2));
          world.start("b", "transfer", List.of(2, 3, 1));
          world.start("c", "transfer", List.of(3, 1));
          for (String id : List.of("a", "b", "c")) {
            assertThat(world.output(id, Integer.class)).isBetween(2, 3);
          }
          world.untilEntitiesRest();
          for (int i = 1; i <= 3; i++) {
            Account account = world.state(account(i), Account.class);
            assertThat(account.moves).as("account " + i).isEqualTo(4 - i);
            assertThat(account.balance).isEqualTo(120 - 10 * i);
          }
        });
  }

  @SuppressWarnings("unchecked")
  private static Object transferOf(OrchestrationContext ctx, Object fromAndTo) {
    return transfer(ctx, (List<Integer>) fromAndTo);
  }

  private static Object hold(OrchestrationContext ctx, Object none) {
    try (CriticalSection section = ctx.lockEntities(account(1), account(2), account(3)).await()) {
      ctx.callEntity(account(2), Account::deposit, 1).await();
      return ctx.waitForExternalEvent("go", String.class).await();
    }
  }

  private static void registerHolder(FunctionRegistry.Builder f) {
    register(f);
    f.orchestrator("hold", Object.class, EntityCrashTest::hold);
    f.orchestrator(
        "giveUp",
        ctx -> {
          Task<CriticalSection> lock = ctx.lockEntities(account(2), account(3), account(4));
          Task<Void> timer = ctx.createTimer(Duration.ofMinutes(5));
          ctx.anyOf(lock, timer).await();
          if (lock.cancel()) {
            return "gave up";
          }
          return "locked " + lock.await().entities().size();
        });
    f.orchestrator(
        "quick",
        ctx -> {
          try (CriticalSection section =
              ctx.lockEntities(account(1), account(2), account(3), account(4)).await()) {
            return section.isOpen();
          }
        });
  }

  private static void untilHeld(World world, String owner) {
    world.until(
        owner + " has the locks and waits",
        c -> c.explain(owner).waits().stream().anyMatch(w -> w.kind().equals("event")));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void whoIsTerminatedWithLocksLetsGoOfThem(Fault fault) {
    tell(
        fault,
        4,
        (world, f) -> registerHolder(f),
        world -> {
          world.start("holder", "hold", null);
          untilHeld(world, "holder");
          world.start("next", "quick", null);
          ignoreIfEnded(world, client -> client.terminate("holder", "enough"));
          assertThat(world.end("holder").status()).isEqualTo(OrchestrationStatus.TERMINATED);
          assertThat(world.output("next", Boolean.class)).isTrue();
          world.untilEntitiesRest();
          assertThat(world.state(account(2), Account.class).balance).isEqualTo(101);
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void whoIsTerminatedWhileItWaitsForLocksIsNotInTheWay(Fault fault) {
    tell(
        fault,
        4,
        (world, f) -> registerHolder(f),
        world -> {
          world.start("holder", "hold", null);
          untilHeld(world, "holder");
          world.start("waiter", "quick", null);
          ignoreIfEnded(world, client -> client.terminate("waiter", "enough"));
          world.start("next", "quick", null);
          ignoreIfEnded(world, client -> client.raiseEvent("holder", "go", "well"));
          assertThat(world.output("holder", String.class)).isEqualTo("well");
          assertThat(world.output("next", Boolean.class)).isTrue();
          assertThat(world.end("waiter").status()).isEqualTo(OrchestrationStatus.TERMINATED);
          world.untilEntitiesRest();
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void whoGivesUpWaitingForLocksIsNotInTheWay(Fault fault) {
    tell(
        fault,
        4,
        (world, f) -> registerHolder(f),
        world -> {
          world.start("holder", "hold", null);
          untilHeld(world, "holder");
          world.start("waiter", "giveUp", null);
          OrchestrationMetadata waiter = world.endWhileTimeFlies("waiter", Duration.ofMinutes(2));
          assertThat(waiter.output(String.class)).isEqualTo("gave up");
          ignoreIfEnded(world, client -> client.raiseEvent("holder", "go", "well"));
          assertThat(world.output("holder", String.class)).isEqualTo("well");
          world.start("next", "quick", null);
          assertThat(world.output("next", Boolean.class)).isTrue();
          world.untilEntitiesRest();
        });
  }

  private static Object lockAgain(OrchestrationContext ctx, Integer times) {
    CriticalSection section = ctx.lockEntities(account(1), account(2)).await();
    ctx.callEntity(account(1), Account::withdraw, 1).await();
    ctx.callEntity(account(2), Account::deposit, 1).await();
    if (times > 1) {
      ctx.continueAsNew(times - 1);
    }
    return section.isOpen();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void anOrchestrationThatContinuesAsNewWithLocksGetsThemAgain(Fault fault) {
    tell(
        fault,
        4,
        (world, f) -> {
          register(f);
          f.orchestrator("again", Integer.class, EntityCrashTest::lockAgain);
        },
        world -> {
          world.start("a", "again", 3);
          world.start("b", "again", 2);
          world.output("a", Boolean.class);
          world.output("b", Boolean.class);
          world.untilEntitiesRest();
          assertThat(world.state(account(1), Account.class).balance).isEqualTo(95);
          assertThat(world.state(account(2), Account.class).balance).isEqualTo(105);
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void whatAnEntityStartsIsStartedOnce(Fault fault) {
    tell(
        fault,
        4,
        (world, f) -> {
          register(f);
          f.orchestrator(
              "cook",
              String.class,
              (ctx, dish) -> ctx.callEntity(journal(2), Journal::write, dish).await());
          f.orchestrator(
              "guest",
              ctx -> {
                ctx.callEntity(journal(1), "order", "soup").await();
                ctx.callEntity(journal(1), "order", "cake").await();
                return null;
              });
        },
        world -> {
          world.start("guest", "guest", null);
          world.output("guest", Object.class);
          for (OrchestrationMetadata instance : world.instances()) {
            world.end(instance.instanceId());
          }
          assertThat(world.instances())
              .extracting(OrchestrationMetadata::name)
              .containsExactlyInAnyOrder("guest", "cook", "cook", "cook", "cook");
          assertThat(world.exists("cook-soup")).isTrue();
          world.untilEntitiesRest();
          assertThat(lines(world, journal(2)))
              .containsExactlyInAnyOrder("soup", "soup", "cake", "cake");
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void anEntityThatIsDeletedAndMadeAgainHasNoPast(Fault fault) {
    tell(
        fault,
        2,
        (world, f) -> {
          register(f);
          f.orchestrator(
              "phoenix",
              ctx -> {
                List<Integer> sizes = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                  ctx.callEntity(journal(7), Journal::write, "a" + i).await();
                  sizes.add(ctx.callEntity(journal(7), Journal::write, "b" + i).await());
                  if (i % 2 == 0) {
                    ctx.callEntity(journal(7), "delete").await();
                  } else {
                    ctx.signalEntity(journal(7), "delete");
                  }
                }
                ctx.callEntity(journal(7), Journal::write, "last").await();
                return sizes.toString();
              });
        },
        world -> {
          world.start("a", "phoenix", null);
          assertThat(world.output("a", String.class)).isEqualTo("[2, 2, 2, 2]");
          assertThat(lines(world, journal(7))).containsExactly("last");
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aQueueThatIsLongerThanABatchIsWorkedOffInOrder(Fault fault) {
    int count = 1_100;
    EntityId sequence = EntityId.of(Sequence.class, "s");
    tell(
        fault,
        2,
        o -> o.withWarm(0, Duration.ofMillis(1)),
        (world, f) -> {
          register(f);
          f.orchestrator(
              "counter",
              ctx -> {
                IntStream.range(0, count)
                    .forEach(i -> ctx.signalEntity(sequence, Sequence::take, i));
                ctx.callEntity(sequence, Sequence::take, count).await();
                return null;
              });
        },
        world -> {
          world.start("a", "counter", null);
          world.output("a", Object.class);
          Sequence state = world.state(sequence, Sequence.class);
          assertThat(state.mistakes).isEmpty();
          assertThat(state.next).isEqualTo(count + 1);
        });
  }
}
