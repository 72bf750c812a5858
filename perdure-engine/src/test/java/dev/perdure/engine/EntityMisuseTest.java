package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.CriticalSection;
import dev.perdure.api.Entity;
import dev.perdure.api.EntityContext;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityOperationNotFoundException;
import dev.perdure.api.EntityQuery;
import dev.perdure.api.EntitySignal;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.FunctionNotFoundException;
import dev.perdure.api.HubBusyException;
import dev.perdure.api.InvalidInstanceIdException;
import dev.perdure.api.LockingRulesViolationException;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestratorMisuseException;
import dev.perdure.api.PayloadTooLargeException;
import dev.perdure.api.StartOptions;
import dev.perdure.api.TaskFailedException;
import dev.perdure.api.TaskOptions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused, with which words, and that nothing comes of it. */
class EntityMisuseTest extends Scenarios {
  private static final int PAYLOAD_BYTES_MAX = 2_000;

  @Entity
  static class Box {
    String content = "";

    String put(String next) {
      content = next;
      return next;
    }

    /** A small state and a large result. */
    String tell(int size) {
      content = "told";
      return "x".repeat(size);
    }

    void fill(int size) {
      content = "x".repeat(size);
    }

    void send(EntityContext ctx, int size) {
      ctx.signalEntity(ctx.id(), "put", "x".repeat(size));
    }

    Object odd() {
      content = "odd";
      return new Object() {
        @SuppressWarnings("unused")
        public String getValue() {
          throw new IllegalStateException("cannot be written");
        }
      };
    }
  }

  private static final EntityId BOX = EntityId.of(Box.class, "x");
  private static final EntityId OTHER = EntityId.of(Box.class, "y");
  private static final EntityId THIRD = EntityId.of(Box.class, "z");

  private static String content(TestHub hub) {
    return hub.client()
        .getEntity(BOX)
        .map(e -> e.state(Box.class))
        .map(b -> b.content)
        .orElse(null);
  }

  private TestHub standardHub() {
    return hub(
        o -> o.withLimits(o.limits().withPayloadBytesMax(PAYLOAD_BYTES_MAX)),
        f ->
            f.entity(Box.class)
                .orchestrator(
                    "call",
                    String[].class,
                    (ctx, what) ->
                        ctx.callEntity(
                                BOX,
                                what[0],
                                what[0].equals("put") ? what[1] : Integer.valueOf(what[1]),
                                String.class)
                            .await()));
  }

  private static FailureDetails failureOfCall(TestHub hub, String operation, Object input) {
    FailureDetails failure =
        hub.failure(hub.client().startNew("call", new String[] {operation, "" + input}));
    assertThat(failure.errorType()).isEqualTo(TaskFailedException.class.getName());
    return failure.cause();
  }

  // ---- who does not exist -----------------------------------------------------------------------

  @Test
  void aClientCannotSignalAnEntityThatIsNotRegistered() {
    TestHub hub = standardHub();
    for (String name : List.of("Bx", "boxes", "call")) {
      assertThatThrownBy(() -> hub.client().signalEntity(EntityId.of(name, "x"), "put", "y"))
          .isInstanceOf(FunctionNotFoundException.class)
          .hasMessageContaining("No entity '" + name.toLowerCase() + "' is registered");
    }
    assertThatThrownBy(
            () ->
                hub.client()
                    .signalEntities(
                        List.of(
                            EntitySignal.of(BOX, "put", "y"),
                            EntitySignal.of(EntityId.of("nobody", ""), "put"))))
        .isInstanceOf(FunctionNotFoundException.class);
    assertThat(hub.client().getEntity(BOX)).as("all is found before anything is sent").isEmpty();
  }

  @Test
  void whoCallsAnEntityThatIsNotRegisteredIsTold() {
    TestHub hub =
        hub(
            f ->
                f.entity(Box.class)
                    .orchestrator(
                        "main",
                        ctx -> {
                          ctx.signalEntity(EntityId.of("bux", "x"), "put", "y"); // is logged
                          return ctx.callEntity(EntityId.of("bux", "x"), "put", "y").await();
                        }));

    FailureDetails cause = hub.failure(hub.client().startNew("main")).cause();

    assertThat(cause.errorType()).isEqualTo(FunctionNotFoundException.class.getName());
    assertThat(cause.message()).contains("No entity 'bux' is registered", "box");
    assertThat(cause.nonRetriable()).isTrue();
    assertThat(hub.client().queryEntities(EntityQuery.ALL.withStatelessToo()).entities()).isEmpty();
  }

  @Test
  void anOperationThatDoesNotExistIsNamedTogetherWithThoseThatDo() {
    TestHub hub = standardHub();
    hub.run("call", new String[] {"put", "here"}, String.class);

    FailureDetails cause = failureOfCall(hub, "putt", 1);

    assertThat(cause.errorType()).isEqualTo(EntityOperationNotFoundException.class.getName());
    assertThat(cause.message()).contains("@box@x has no operation 'putt'", "Did you mean 'put'?");
    assertThat(content(hub)).isEqualTo("here");
  }

  @Test
  void anInputOfAnotherTypeIsTheFailureOfItsOperation() {
    TestHub hub = standardHub();
    hub.client()
        .signalEntities(
            List.of(
                EntitySignal.of(BOX, "put", "one"),
                EntitySignal.of(BOX, "fill", "not a number"),
                EntitySignal.of(BOX, "tell", 3)));
    hub.until("they have run", () -> "told".equals(content(hub)));
  }

  // ---- too much ---------------------------------------------------------------------------------

  @Test
  void aResultThatIsTooLargeUndoesItsOperation() {
    TestHub hub = standardHub();
    hub.run("call", new String[] {"put", "before"}, String.class);

    FailureDetails cause = failureOfCall(hub, "tell", PAYLOAD_BYTES_MAX);

    assertThat(cause.errorType()).isEqualTo(PayloadTooLargeException.class.getName());
    assertThat(cause.message())
        .contains("'@box@x'", "result of operation 'tell'", "limits.payloadBytesMax");
    assertThat(content(hub)).isEqualTo("before");
  }

  @Test
  void aStateThatIsTooLargeUndoesItsOperation() {
    TestHub hub = standardHub();
    hub.run("call", new String[] {"put", "before"}, String.class);
    assertThat(failureOfCall(hub, "fill", PAYLOAD_BYTES_MAX).message())
        .contains("'@box@x'", "state", "limits.payloadBytesMax");
    assertThat(failureOfCall(hub, "send", PAYLOAD_BYTES_MAX).message())
        .contains("'@box@x'", "input of operation 'put'");
    assertThat(content(hub)).isEqualTo("before");
  }

  @Test
  void aResultThatCannotBeWrittenUndoesItsOperation() {
    TestHub hub =
        hub(
            f ->
                f.entity(Box.class)
                    .orchestrator("main", ctx -> ctx.callEntity(BOX, "odd", String.class).await()));
    assertThat(hub.failure(hub.client().startNew("main")).cause().message())
        .contains("the user's code failed");
    assertThat(hub.client().getEntity(BOX)).isEmpty();
  }

  @Test
  void anInputThatIsTooLargeIsRefusedWhereItIsSent() {
    TestHub hub = standardHub();
    assertThatThrownBy(() -> hub.client().signalEntity(BOX, "put", "x".repeat(PAYLOAD_BYTES_MAX)))
        .isInstanceOf(PayloadTooLargeException.class)
        .hasMessageContaining("'@box@x'")
        .hasMessageContaining("input of operation 'put'");
    assertThat(hub.client().getEntity(BOX)).isEmpty();
  }

  @Test
  void anIdThatIsTooLongIsRefused() {
    TestHub hub =
        hub(
            f ->
                f.entity(Box.class)
                    .orchestrator(
                        "main",
                        Integer.class,
                        (ctx, length) -> {
                          EntityId box = EntityId.of(Box.class, "x".repeat(length));
                          ctx.lockEntities(box).await().close();
                          return ctx.callEntity(box, "put", "y", String.class).await();
                        }));
    assertThat(hub.run("main", 251, String.class)).isEqualTo("y");
    assertThat(hub.failure(hub.client().startNew("main", 252)).errorType())
        .isEqualTo(InvalidInstanceIdException.class.getName());
    EntityId box = EntityId.of(Box.class, "x".repeat(252));
    assertThatThrownBy(() -> hub.client().signalEntity(box, "put", "y"))
        .isInstanceOf(InvalidInstanceIdException.class)
        .hasMessageContaining("257 characters; use 256 or fewer");
    assertThatThrownBy(() -> hub.client().getEntity(box))
        .isInstanceOf(InvalidInstanceIdException.class);
  }

  @Test
  void whereTooManyOperationsWaitClientsAreRefusedAndOthersAreNot() throws InterruptedException {
    CountDownLatch release = new CountDownLatch(1);
    TestHub hub =
        hub(
            o -> o.withLimits(o.limits().withEntityQueueMax(10)),
            f ->
                f.entity(
                        "slow",
                        ctx -> {
                          release.await();
                          Integer before = ctx.state(Integer.class);
                          ctx.setState(before == null ? 1 : before + 1);
                          return null;
                        })
                    .orchestrator(
                        "main",
                        ctx -> {
                          ctx.signalEntity(EntityId.of("slow", "x"), "run");
                          return ctx.callEntity(EntityId.of("slow", "x"), "run").await();
                        }));
    EntityId slow = EntityId.of("slow", "x");
    for (int i = 0; i < 10; i++) {
      hub.client().signalEntity(slow, "run");
    }

    assertThatThrownBy(() -> hub.client().signalEntity(slow, "run"))
        .isInstanceOf(HubBusyException.class)
        .hasMessageContaining("11 operations would wait at entity '@slow@x', and the hub allows 10")
        .hasMessageContaining("limits.entityQueueMax");
    assertThatThrownBy(() -> hub.client().signalEntity(slow, "run", null, hub.now().plusSeconds(1)))
        .isInstanceOf(HubBusyException.class);
    hub.client().signalEntity(EntityId.of("slow", "y"), "run"); // there is room elsewhere
    String id = hub.client().startNew("main");
    hub.until(
        "orchestrations are always heard",
        () -> hub.client().getEntity(slow).orElseThrow().operationsWaiting() == 12);

    release.countDown();
    hub.end(id);
    assertThat(hub.client().getEntity(slow).orElseThrow().state(Integer.class)).isEqualTo(12);
    hub.client().signalEntity(slow, "run");
  }

  // ---- times ------------------------------------------------------------------------------------

  private static final List<Instant> ENDS_OF_TIME =
      List.of(
          Instant.MAX,
          Instant.parse("+1000000-01-01T00:00:00Z"),
          Instant.parse("3100-01-01T00:00:00Z"));

  @Test
  void aTimeThatIsTooFarAwayIsRefusedWhoeverAsks() {
    TestHub hub =
        hub(
            f ->
                f.entity(
                        "planner",
                        ctx -> {
                          Instant at = ENDS_OF_TIME.get(ctx.input(Integer.class));
                          ctx.setState("planned");
                          if (ctx.operation().equals("start")) {
                            ctx.startNew(
                                "nothing", null, StartOptions.DEFAULT.withScheduledStart(at));
                          } else {
                            ctx.signalEntity(EntityId.of("planner", "y"), "x", null, at);
                          }
                          return null;
                        })
                    .orchestrator("nothing", ctx -> null)
                    .orchestrator(
                        "signal",
                        Integer.class,
                        (ctx, which) -> {
                          ctx.signalEntity(
                              EntityId.of("planner", "y"), "x", null, ENDS_OF_TIME.get(which));
                          return null;
                        })
                    .orchestrator(
                        "call",
                        String[].class,
                        (ctx, what) ->
                            ctx.callEntity(
                                    EntityId.of("planner", "x"), what[0], Integer.parseInt(what[1]))
                                .await()));

    for (int i = 0; i < ENDS_OF_TIME.size(); i++) {
      int which = i;
      List<FailureDetails> failures =
          List.of(
              hub.failure(hub.client().startNew("signal", which)),
              hub.failure(hub.client().startNew("call", new String[] {"signal", "" + i})).cause(),
              hub.failure(hub.client().startNew("call", new String[] {"start", "" + i})).cause());
      for (FailureDetails failure : failures) {
        assertThat(failure.errorType()).isEqualTo(IllegalArgumentException.class.getName());
        assertThat(failure.message()).contains("is more than 1000 years away");
      }
      assertThatThrownBy(
              () ->
                  hub.client()
                      .signalEntity(
                          EntityId.of("planner", "x"), "x", null, ENDS_OF_TIME.get(which)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is more than 1000 years away");
    }
    assertThat(hub.client().queryEntities(EntityQuery.ALL.withStatelessToo()).entities()).isEmpty();
  }

  @Test
  void aTimeBeforeTheBeginningOfTimeIsNow() {
    TestHub hub =
        hub(
            f ->
                f.entity(
                        "planner",
                        ctx -> {
                          if (ctx.operation().equals("plan")) {
                            for (int i = 0; i < 8; i++) {
                              EntityId other = EntityId.of("planner", "y" + i);
                              ctx.signalEntity(other, "x", null, Instant.MIN);
                            }
                            return ctx.startNew(
                                "nothing",
                                null,
                                StartOptions.DEFAULT.withScheduledStart(Instant.MIN));
                          }
                          ctx.setState("ran");
                          return null;
                        })
                    .orchestrator("nothing", ctx -> "nothing")
                    .orchestrator(
                        "main",
                        ctx -> {
                          for (int i = 0; i < 8; i++) {
                            EntityId other = EntityId.of("planner", "z" + i);
                            ctx.signalEntity(other, "x", null, Instant.MIN);
                          }
                          return ctx.callEntity(EntityId.of("planner", "x"), "plan", String.class)
                              .await();
                        }));

    String started = hub.run("main", null, String.class);

    hub.until("it started", () -> hub.client().status(started).isPresent());
    assertThat(hub.output(started, String.class)).isEqualTo("nothing");
    hub.until(
        "all have run", () -> hub.client().queryEntities(EntityQuery.ALL).entities().size() == 16);
  }

  // ---- names ------------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "@", "a@b", "\u0000", "a\nb", "\ud800"})
  void aNameThatCannotBeOneIsRefused(String name) {
    assertThatThrownBy(() -> EntityId.of(name, "x")).isInstanceOf(InvalidInstanceIdException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "@", "counter", "@counter", "counter@a", "@@a", "@ @"})
  void anIdInAnotherFormIsRefused(String id) {
    assertThatThrownBy(() -> EntityId.parse(id)).isInstanceOf(InvalidInstanceIdException.class);
  }

  @Test
  void aNameThatNoOperationCanHaveIsRefused() {
    TestHub hub = standardHub();
    for (String name : new String[] {null, "", " ", "x".repeat(201), "a\u0000", "a\ud800b"}) {
      assertThatThrownBy(() -> hub.client().signalEntity(BOX, name))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("name of");
    }
    assertThatThrownBy(() -> hub.client().signalEntity(null, "put"))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("the entity is null");
  }

  /** What is stored of a name has to be what the code says when it is replayed. */
  @Test
  void namesOfOperationsAreTheSameWhenTheyAreReplayed() {
    List<String> names =
        List.of("ключ", "鍵 🗝️", "a b", "/", "@", "X".repeat(200), "half \ud800", "\n");
    TestHub hub =
        hub(
            f ->
                f.entity("echo", EntityContext::operation)
                    .orchestrator(
                        "main",
                        ctx -> {
                          List<String> answers = new ArrayList<>();
                          for (String name : names) {
                            try {
                              answers.add(
                                  ctx.callEntity(EntityId.of("echo", "x"), name, String.class)
                                      .await());
                            } catch (IllegalArgumentException e) {
                              answers.add("refused");
                            }
                          }
                          return answers;
                        }));

    assertThat(hub.run("main", null, String[].class))
        .containsExactly("ключ", "鍵 🗝️", "a b", "/", "@", "X".repeat(200), "refused", "refused");
  }

  // ---- locking rules ----------------------------------------------------------------------------

  /** What breaks the rules, and which words tell so. */
  enum Violation {
    CALLS_AN_ENTITY_IT_HAS_NOT_LOCKED("only locked entities may be called") {
      @Override
      void commit(OrchestrationContext ctx) {
        ctx.lockEntities(BOX).await();
        ctx.callEntity(OTHER, "put", "x");
      }
    },
    CALLS_A_LOCKED_ENTITY_TWICE_AT_ONCE("another call of that entity is under way") {
      @Override
      void commit(OrchestrationContext ctx) {
        ctx.lockEntities(BOX).await();
        ctx.callEntity(BOX, "put", "x");
        ctx.callEntity(BOX, "put", "x");
      }
    },
    SIGNALS_A_LOCKED_ENTITY("would run after the critical section") {
      @Override
      void commit(OrchestrationContext ctx) {
        ctx.lockEntities(BOX).await();
        ctx.signalEntity(BOX, "put", "x");
      }
    },
    LOCKS_WITHIN_A_SECTION("critical sections cannot be nested") {
      @Override
      void commit(OrchestrationContext ctx) {
        ctx.lockEntities(BOX).await();
        ctx.lockEntities(OTHER);
      }
    },
    LOCKS_WHILE_IT_WAITS_FOR_LOCKS("it has asked for the locks of [@box@x] already") {
      @Override
      void commit(OrchestrationContext ctx) {
        ctx.lockEntities(BOX);
        ctx.lockEntities(OTHER);
      }
    },
    CALLS_WHAT_IT_WAITS_TO_LOCK("was asked for and is not held yet") {
      @Override
      void commit(OrchestrationContext ctx) {
        ctx.lockEntities(BOX);
        ctx.callEntity(BOX, "put", "x");
      }
    },
    LOCKS_WHAT_IT_CALLS("a call of @box@x is under way") {
      @Override
      void commit(OrchestrationContext ctx) {
        ctx.callEntity(BOX, "put", "x");
        ctx.lockEntities(OTHER, BOX);
      }
    },
    STARTS_A_SUB_ORCHESTRATION("callSubOrchestrator('nothing')") {
      @Override
      void commit(OrchestrationContext ctx) {
        ctx.lockEntities(BOX).await();
        ctx.callSubOrchestrator("nothing", null, TaskOptions.NONE, String.class);
      }
    };

    private final String words;

    Violation(String words) {
      this.words = words;
    }

    abstract void commit(OrchestrationContext ctx);
  }

  @ParameterizedTest
  @EnumSource
  void whatBreaksTheRulesOfLockingIsRefused(Violation violation) {
    TestHub hub =
        hub(
            f ->
                f.entity(Box.class)
                    .orchestrator("nothing", ctx -> "nothing")
                    .orchestrator(
                        "main",
                        ctx -> {
                          violation.commit(ctx);
                          return "not refused";
                        })
                    .orchestrator(
                        "after",
                        ctx -> {
                          try (CriticalSection section = ctx.lockEntities(OTHER, BOX).await()) {
                            return section.isOpen();
                          }
                        }));

    FailureDetails failure = hub.failure(hub.client().startNew("main", null, StartOptions.id("i")));

    assertThat(failure.errorType()).isEqualTo(LockingRulesViolationException.class.getName());
    assertThat(failure.message()).contains("Instance 'i'", "is not allowed", violation.words);
    assertThat(hub.run("after", null, Boolean.class)).isTrue();
  }

  @Test
  void theRulesEndWithTheSection() {
    TestHub hub =
        hub(
            f ->
                f.entity(Box.class)
                    .orchestrator("nothing", ctx -> "nothing")
                    .orchestrator(
                        "main",
                        ctx -> {
                          int refused = 0;
                          try (CriticalSection section = ctx.lockEntities(BOX).await()) {
                            ctx.signalEntity(OTHER, "put", "signaled"); // allowed
                            for (Violation violation :
                                List.of(
                                    Violation.LOCKS_WITHIN_A_SECTION,
                                    Violation.CALLS_AN_ENTITY_IT_HAS_NOT_LOCKED)) {
                              try {
                                violation.commit(ctx);
                              } catch (LockingRulesViolationException e) {
                                refused++;
                              }
                            }
                          }
                          ctx.callEntity(OTHER, "put", "x").await();
                          ctx.callSubOrchestrator("nothing", null, String.class).await();
                          ctx.lockEntities(OTHER, THIRD).await().close();
                          return refused;
                        }));
    assertThat(hub.run("main", null, int.class)).isEqualTo(2);
  }

  @Test
  void anEmptyLockIsRefused() {
    TestHub hub = hub(f -> f.orchestrator("empty", ctx -> ctx.lockEntities(List.of()).await()));
    assertThat(hub.failure(hub.client().startNew("empty")).message())
        .contains("there is no entity to lock");
  }

  // ---- contexts where they do not belong
  // ----------------------------------------------------------

  @Test
  void anEntitysContextEndsWithItsOperation() {
    AtomicReference<EntityContext> kept = new AtomicReference<>();
    AtomicReference<Throwable> elsewhere = new AtomicReference<>();
    TestHub hub =
        hub(
            f ->
                f.entity(
                        "keeper",
                        ctx -> {
                          kept.set(ctx);
                          Thread other =
                              Thread.ofPlatform()
                                  .start(
                                      () -> {
                                        try {
                                          ctx.setState("from elsewhere");
                                        } catch (Throwable e) {
                                          elsewhere.set(e);
                                        }
                                      });
                          other.join();
                          return null;
                        })
                    .orchestrator(
                        "main", ctx -> ctx.callEntity(EntityId.of("keeper", "x"), "run").await()));
    hub.run("main", null, Object.class);

    assertThat(elsewhere.get()).isInstanceOf(IllegalStateException.class);
    List<Runnable> uses = new ArrayList<>();
    uses.add(() -> kept.get().setState("too late"));
    uses.add(() -> kept.get().signalEntity(BOX, "put"));
    uses.add(() -> kept.get().startNew("nothing"));
    uses.add(() -> kept.get().hasState());
    uses.add(() -> kept.get().input(String.class));
    for (Runnable use : uses) {
      assertThatThrownBy(use::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("after the operation of entity '@keeper@x' had ended");
    }
    assertThat(hub.client().getEntity(EntityId.of("keeper", "x"))).isEmpty();
  }

  @Test
  void aClientDoesNotSignalFromInsideAnOrchestrator() {
    AtomicReference<TestHub> itself = new AtomicReference<>();
    TestHub hub =
        hub(
            f ->
                f.entity(Box.class)
                    .orchestrator(
                        "main",
                        ctx -> {
                          List<Runnable> uses = new ArrayList<>();
                          uses.add(() -> itself.get().client().signalEntity(BOX, "put", "x"));
                          uses.add(() -> itself.get().client().signalEntities(List.of()));
                          uses.add(() -> itself.get().client().getEntity(BOX));
                          uses.add(() -> itself.get().client().queryEntities(EntityQuery.ALL));
                          uses.add(() -> itself.get().client().purgeEntity(BOX));
                          uses.add(() -> itself.get().client().cleanEntityStorage(true, true));
                          int refused = 0;
                          for (Runnable use : uses) {
                            try {
                              use.run();
                            } catch (OrchestratorMisuseException e) {
                              refused++;
                            }
                          }
                          return uses.size() - refused;
                        }));
    itself.set(hub);
    assertThat(hub.run("main", null, int.class)).isZero();
  }
}
