package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.CriticalSection;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.Explanation.Wait;
import dev.perdure.api.HistoryEvent.ExecutionRewound;
import dev.perdure.api.HistoryEvent.OrchestratorCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.RetryPolicy;
import dev.perdure.api.StartOptions;
import dev.perdure.api.Task;
import dev.perdure.api.TaskFailedException;
import dev.perdure.api.TaskOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RewindTest extends Scenarios {
  private final List<String> done = new CopyOnWriteArrayList<>();
  private final Set<String> broken = ConcurrentHashMap.newKeySet();

  /** An activity that fails for inputs that are broken, and notes what it does. */
  private FunctionRegistry.Builder withWork(FunctionRegistry.Builder functions) {
    return functions.activity(
        "work",
        String.class,
        what -> {
          done.add(what);
          if (broken.contains(what)) {
            throw new IOException(what + " is broken");
          }
          return what + "!";
        });
  }

  @Test
  void aFailedActivityIsDoneAgainAndNothingBeforeIt() {
    TestHub hub =
        hub(
            f ->
                withWork(f)
                    .orchestrator(
                        "main",
                        ctx ->
                            ctx.callActivity("work", "a", String.class).await()
                                + ctx.callActivity("work", "b", String.class).await()
                                + ctx.callActivity("work", "c", String.class).await()));
    broken.add("b");
    String id = hub.client().startNew("main");
    hub.failure(id);

    broken.clear();
    hub.client().rewind(id, "b was repaired");

    assertThat(hub.output(id, String.class)).isEqualTo("a!b!c!");
    assertThat(done).containsExactly("a", "b", "b", "c");
    assertThat(hub.history(id, ExecutionRewound.class))
        .extracting(ExecutionRewound::reason)
        .containsExactly("b was repaired");
    assertThat(hub.status(id).failure()).isNull();
  }

  @Test
  void whatIsStillBrokenFailsAgainAndMayBeRewoundAgain() {
    TestHub hub =
        hub(
            f ->
                withWork(f)
                    .orchestrator(
                        "main",
                        ctx ->
                            ctx.callActivity("work", "a", String.class).await()
                                + ctx.callActivity("work", "b", String.class).await()));
    broken.add("b");
    String id = hub.client().startNew("main");
    hub.failure(id);

    for (int i = 0; i < 3; i++) {
      hub.client().rewind(id, null);
      assertThat(hub.failure(id).isCausedBy(IOException.class)).isTrue();
    }
    broken.clear();
    hub.client().rewind(id, null);

    assertThat(hub.output(id, String.class)).isEqualTo("a!b!");
    assertThat(done).containsExactly("a", "b", "b", "b", "b", "b");
  }

  @Test
  void whatTheCodeSaidOfItselfAfterTheFailureDoesNotCount() {
    CountDownLatch repaired = new CountDownLatch(1);
    TestHub hub =
        hub(
            f ->
                withWork(f)
                    .activity("slow", String.class, what -> waitFor(repaired, what))
                    .orchestrator(
                        "main",
                        ctx -> {
                          ctx.setCustomStatus("working");
                          Task<Void> go = ctx.waitForExternalEvent("go");
                          Task<String> work = ctx.callActivity("slow", "a", String.class);
                          try {
                            ctx.anyOf(List.of(go, work)).await();
                            return work.await();
                          } catch (TaskFailedException e) {
                            ctx.setCustomStatus("gave up");
                            throw e;
                          }
                        }));
    broken.add("a");
    String id = hub.client().startNew("main");
    hub.failure(id);
    assertThat(hub.status(id).customStatus(String.class)).isEqualTo("gave up");

    broken.clear();
    hub.client().rewind(id, null);

    for (int life = 0; life < 2; life++) {
      assertThat(hub.status(id).customStatus(String.class)).isEqualTo("working");
      assertThat(hub.client().explain(id).waits())
          .extracting(Wait::description)
          .anyMatch(wait -> wait.contains("external event 'go'"))
          .anyMatch(wait -> wait.contains("'slow'"));
      hub.restart();
    }
    repaired.countDown();
    assertThat(hub.output(id, String.class)).isEqualTo("a!");
    assertThat(hub.status(id).customStatus(String.class)).isEqualTo("working");
  }

  @Test
  void theCustomStatusOfAnExecutionBeforeStays() {
    TestHub hub =
        hub(
            f ->
                withWork(f)
                    .orchestrator(
                        "main",
                        Integer.class,
                        (ctx, round) -> {
                          if (round == 1) {
                            ctx.setCustomStatus("of round 1");
                            ctx.continueAsNew(2);
                            return null;
                          }
                          return ctx.callActivity("work", "a", String.class).await();
                        }));
    broken.add("a");
    String id = hub.client().startNew("main", 1);
    hub.failure(id);

    broken.clear();
    hub.client().rewind(id, null);

    assertThat(hub.output(id, String.class)).isEqualTo("a!");
    assertThat(hub.status(id).customStatus(String.class)).isEqualTo("of round 1");
  }

  private String waitFor(CountDownLatch latch, String what)
      throws IOException, InterruptedException {
    if (broken.contains(what)) {
      throw new IOException(what + " is broken");
    }
    latch.await();
    return what + "!";
  }

  @Test
  void ofAFanOutOnlyTheFailedPartsAreDoneAgain() {
    TestHub hub =
        hub(
            f ->
                withWork(f)
                    .orchestrator(
                        "main",
                        ctx -> {
                          List<Task<String>> tasks = new ArrayList<>();
                          for (int i = 0; i < 10; i++) {
                            tasks.add(ctx.callActivity("work", "" + i, String.class));
                          }
                          return String.join("", ctx.allOf(tasks).await());
                        }));
    broken.addAll(List.of("2", "5", "7"));
    String id = hub.client().startNew("main");
    hub.failure(id);
    done.clear();

    broken.clear();
    hub.client().rewind(id, null);

    assertThat(hub.output(id, String.class)).isEqualTo("0!1!2!3!4!5!6!7!8!9!");
    assertThat(done).containsExactlyInAnyOrder("2", "5", "7");
  }

  @Test
  void codeThatThrewByItselfIsRunAgainFromWhereItLastWaited() {
    Set<String> bugs = ConcurrentHashMap.newKeySet();
    bugs.add("bug");
    TestHub hub =
        hub(
            f ->
                withWork(f)
                    .orchestrator(
                        "main",
                        ctx -> {
                          String a = ctx.callActivity("work", "a", String.class).await();
                          if (bugs.contains("bug")) {
                            throw new IllegalStateException("bug");
                          }
                          return a + ctx.callActivity("work", "b", String.class).await();
                        }));
    String id = hub.client().startNew("main");
    assertThat(hub.failure(id).message()).isEqualTo("bug");

    bugs.clear();
    hub.client().rewind(id, "the bug was fixed");

    assertThat(hub.output(id, String.class)).isEqualTo("a!b!");
    assertThat(done).containsExactly("a", "b");
  }

  @Test
  void codeThatThrewBeforeItEverWaitedIsRunAgain() {
    Set<String> bugs = ConcurrentHashMap.newKeySet();
    bugs.add("bug");
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      if (bugs.contains("bug")) {
                        throw new IllegalStateException("bug");
                      }
                      return "fixed";
                    }));
    String id = hub.client().startNew("main");
    hub.failure(id);

    bugs.clear();
    hub.client().rewind(id, null);

    assertThat(hub.output(id, String.class)).isEqualTo("fixed");
  }

  @Test
  void compensationIsForgottenTogetherWithTheFailureItWasFor() {
    TestHub hub =
        hub(
            f ->
                withWork(f)
                    .orchestrator(
                        "main",
                        ctx -> {
                          ctx.callActivity("work", "book").await();
                          try {
                            ctx.callActivity("work", "pay").await();
                          } catch (RuntimeException e) {
                            ctx.setCustomStatus("undoing");
                            ctx.callActivity("work", "cancel booking").await();
                            ctx.createTimer(Duration.ZERO).await();
                            throw e;
                          }
                          return ctx.callActivity("work", "ship", String.class).await();
                        }));
    broken.add("pay");
    String id = hub.client().startNew("main");
    hub.failure(id);
    assertThat(done).containsExactly("book", "pay", "cancel booking");

    broken.clear();
    hub.client().rewind(id, null);

    assertThat(hub.output(id, String.class)).isEqualTo("ship!");
    assertThat(done).containsExactly("book", "pay", "cancel booking", "pay", "ship");
  }

  @Test
  void failedSubOrchestrationsAreRewoundAsWell() {
    TestHub hub =
        hub(
            f ->
                withWork(f)
                    .orchestrator(
                        "top",
                        ctx ->
                            ctx.callActivity("work", "top", String.class).await()
                                + ctx.callSubOrchestrator("middle", null, String.class).await())
                    .orchestrator(
                        "middle",
                        ctx ->
                            ctx.callActivity("work", "middle", String.class).await()
                                + ctx.callSubOrchestrator("bottom", null, String.class).await())
                    .orchestrator(
                        "bottom",
                        ctx ->
                            ctx.callActivity("work", "one", String.class).await()
                                + ctx.callActivity("work", "two", String.class).await()));
    broken.add("two");
    String id = hub.client().startNew("top");
    hub.failure(id);

    broken.clear();
    hub.client().rewind(id, null);

    assertThat(hub.output(id, String.class)).isEqualTo("top!middle!one!two!");
    assertThat(done).containsExactly("top", "middle", "one", "two", "two");
  }

  /** Calls a child for each name, which its id ends with. */
  private static List<Task<String>> children(OrchestrationContext ctx, String... names) {
    List<Task<String>> children = new ArrayList<>();
    for (String name : names) {
      children.add(
          ctx.callSubOrchestrator(
              "child", name, TaskOptions.NONE.withInstanceId("child-" + name), String.class));
    }
    return children;
  }

  @Test
  void ofSeveralChildrenOnlyTheFailedOnesAreRewound() {
    TestHub hub =
        hub(
            f ->
                withWork(f)
                    .orchestrator(
                        "main",
                        ctx -> {
                          List<Task<String>> children = children(ctx, "a", "b", "c", "d");
                          return String.join("", ctx.allOf(children).await());
                        })
                    .orchestrator(
                        "child",
                        String.class,
                        (ctx, name) -> ctx.callActivity("work", name, String.class).await()));
    broken.addAll(List.of("b", "d"));
    String id = hub.client().startNew("main");
    hub.failure(id);
    done.clear();

    broken.clear();
    hub.client().rewind(id, null);

    assertThat(hub.output(id, String.class)).isEqualTo("a!b!c!d!");
    assertThat(done).containsExactlyInAnyOrder("b", "d");
    assertThat(hub.status("child-b").status()).isEqualTo(OrchestrationStatus.COMPLETED);
  }

  /** The parent has never seen that failure, so that it cannot have been handled. */
  @Test
  void aChildThatFailedAfterItsParentIsRewoundWithIt() {
    TestHub hub =
        hub(
            f ->
                withWork(f)
                    .orchestrator(
                        "main",
                        ctx -> {
                          List<Task<String>> children = children(ctx, "a", "b", "c");
                          StringBuilder all = new StringBuilder();
                          for (Task<String> child : children) { // the first failure ends it
                            all.append(child.await());
                          }
                          return all.toString();
                        })
                    .orchestrator(
                        "child",
                        String.class,
                        (ctx, name) -> {
                          if (!name.equals("a")) {
                            ctx.waitForExternalEvent("go").await();
                          }
                          return ctx.callActivity("work", name, String.class).await();
                        }));
    broken.addAll(List.of("a", "b"));
    String id = hub.client().startNew("main");
    hub.failure(id);
    hub.client().raiseEvent("child-b", "go", null);
    hub.failure("child-b");
    hub.client().raiseEvent("child-c", "go", null);
    assertThat(hub.output("child-c", String.class)).isEqualTo("c!");
    done.clear();

    broken.clear();
    hub.client().rewind(id, null);

    assertThat(hub.output(id, String.class)).isEqualTo("a!b!c!");
    assertThat(done).containsExactlyInAnyOrder("a", "b");
    assertThat(hub.status("child-b").status()).isEqualTo(OrchestrationStatus.COMPLETED);
  }

  @Test
  void ofACallWithARetryPolicyTheLastAttemptIsMadeAgain() {
    TestHub hub =
        hub(
            f ->
                withWork(f)
                    .orchestrator(
                        "main",
                        ctx ->
                            ctx.callActivity(
                                    "work",
                                    "a",
                                    TaskOptions.retry(RetryPolicy.of(3, Duration.ZERO)),
                                    String.class)
                                .await()));
    broken.add("a");
    String id = hub.client().startNew("main");
    hub.failure(id);
    assertThat(done).hasSize(3);

    broken.clear();
    hub.client().rewind(id, null);

    assertThat(hub.output(id, String.class)).isEqualTo("a!");
    assertThat(done).hasSize(4);
  }

  @Test
  void eventsAndTimersFromBeforeTheFailureStillCount() {
    TestHub hub =
        hub(
            f ->
                withWork(f)
                    .orchestrator(
                        "main",
                        ctx -> {
                          String e = ctx.waitForExternalEvent("e", String.class).await();
                          ctx.createTimer(Duration.ofHours(1)).await();
                          String result = ctx.callActivity("work", e, String.class).await();
                          return result + ctx.waitForExternalEvent("e", String.class).await();
                        }));
    broken.add("x");
    String id = hub.start("main");
    hub.client().raiseEvent(id, "e", "x");
    hub.client().raiseEvent(id, "e", "y");
    hub.untilWaitingFor(id, "timer");
    hub.advance(Duration.ofHours(1));
    hub.failure(id);

    broken.clear();
    hub.client().rewind(id, null);

    assertThat(hub.output(id, String.class)).isEqualTo("x!y");
  }

  @Test
  void aTimerThatWasRunningWhenTheFailureCameRunsOn() {
    TestHub hub =
        hub(
            f ->
                withWork(f)
                    .orchestrator(
                        "main",
                        ctx -> {
                          Task<?> timer = ctx.createTimer(Duration.ofHours(1));
                          ctx.callActivity("work", "a").await();
                          timer.await();
                          return "rang";
                        }));
    broken.add("a");
    String id = hub.client().startNew("main");
    hub.failure(id);
    hub.advance(Duration.ofMinutes(30));

    broken.clear();
    hub.client().rewind(id, null);
    hub.until("the work is done", () -> done.size() == 2);
    hub.advance(Duration.ofMinutes(30));

    assertThat(hub.output(id, String.class)).isEqualTo("rang");
  }

  @Test
  void anInstanceMayBeRewoundAfterTheProgramWasStartedAgain() {
    TestHub hub = hub(f -> withWork(f).orchestrator("main", RewindTest::workTwice));
    broken.add("b");
    String id = hub.client().startNew("main");
    hub.failure(id);

    broken.clear();
    hub.restartProgram(f -> withWork(f).orchestrator("main", RewindTest::workTwice));
    hub.client().rewind(id, null);
    assertThat(hub.output(id, String.class)).isEqualTo("a!b!");
    hub.restartProgram(f -> withWork(f).orchestrator("main", RewindTest::workTwice));

    assertThat(hub.output(id, String.class)).isEqualTo("a!b!");
    assertThat(done).containsExactly("a", "b", "b");
  }

  private static Object workTwice(dev.perdure.api.OrchestrationContext ctx) {
    return ctx.callActivity("work", "a", String.class).await()
        + ctx.callActivity("work", "b", String.class).await();
  }

  @Test
  void onlyWhatHasFailedCanBeRewound() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator("echo", ctx -> "x")
                    .orchestrator(
                        "wait", ctx -> ctx.waitForExternalEvent("e", String.class).await()));
    String completed = hub.client().startNew("echo");
    hub.end(completed);
    String running = hub.start("wait");

    for (String id : List.of(completed, running)) {
      assertThatThrownBy(() -> hub.client().rewind(id, null))
          .isInstanceOf(InvalidInstanceStateException.class)
          .hasMessageContaining("not FAILED");
    }
  }

  @Test
  void aFailureThatARetryMadeGoodIsNotGoneBackTo() {
    AtomicInteger flaky = new AtomicInteger();
    TestHub hub =
        hub(
            f ->
                withWork(f)
                    .activity(
                        "flaky",
                        String.class,
                        what -> {
                          if (flaky.incrementAndGet() == 1) {
                            throw new IOException("once");
                          }
                          return what;
                        })
                    .orchestrator(
                        "main",
                        ctx -> {
                          ctx.callActivity(
                                  "flaky",
                                  "x",
                                  TaskOptions.retry(RetryPolicy.of(2, Duration.ZERO)),
                                  String.class)
                              .await();
                          ctx.callActivity("work", "after", String.class).await();
                          if (broken.contains("code")) {
                            throw new IllegalStateException("the code itself");
                          }
                          return "well";
                        }));
    broken.add("code");
    String id = hub.client().startNew("main");
    hub.failure(id);

    broken.clear();
    hub.client().rewind(id, null);

    assertThat(hub.output(id, String.class)).isEqualTo("well");
    assertThat(flaky).hasValue(2);
    assertThat(done).containsExactly("after");
  }

  @Test
  void aFailedChildThatIsGoneIsStartedAnew() {
    TestHub hub =
        hub(
            f ->
                withWork(f)
                    .orchestrator(
                        "child", ctx -> ctx.callActivity("work", "a", String.class).await())
                    .orchestrator("main", ctx -> callC1(ctx, "child")));
    broken.add("a");
    String id = hub.client().startNew("main");
    hub.failure(id);

    broken.clear();
    hub.client().purge("c1");
    hub.client().rewind(id, null);

    assertThat(hub.output(id, String.class)).isEqualTo("a!");
    assertThat(hub.status("c1").parent().executionId()).isEqualTo(hub.status(id).executionId());
  }

  @Test
  void aFailedChildWhoseIdAnotherOneHasUsedSinceIsStartedAnew() {
    TestHub hub =
        hub(
            f ->
                withWork(f)
                    .orchestrator("other", ctx -> "other")
                    .orchestrator(
                        "child", ctx -> ctx.callActivity("work", "a", String.class).await())
                    .orchestrator("main", ctx -> callC1(ctx, "child")));
    broken.add("a");
    String id = hub.client().startNew("main");
    hub.failure(id);

    broken.clear();
    hub.client().startNew("other", null, StartOptions.id("c1"));
    hub.output("c1", String.class);
    hub.client().rewind(id, null);

    assertThat(hub.output(id, String.class)).isEqualTo("a!");
  }

  @Test
  void aChildWhoseIdWasTakenIsStartedOnceTheOtherOneHasEnded() {
    TestHub hub = hub(f -> withShipping(f).orchestrator("main", ctx -> callC1(ctx, "ship")));
    hub.client().startNew("alarm", null, StartOptions.id("c1"));
    String id = hub.client().startNew("main");
    assertThat(hub.failure(id).toString()).contains("PD-1007", "alarm");

    hub.client().rewind(id, null);
    assertThat(hub.failure(id).toString()).contains("PD-1007", "alarm"); // still under way

    hub.client().raiseEvent("c1", "over", "over");
    hub.output("c1", String.class);
    hub.client().rewind(id, null);
    assertThat(hub.output(id, String.class)).isEqualTo("shipped");
  }

  /** It is called "ship" where the call of an "alarm" stood before. */
  @Test
  void theResultOfACallThatARewindRemovedIsNeverThatOfAnotherOne() {
    TestHub hub =
        hub(
            f ->
                withShipping(f)
                    .orchestrator(
                        "main",
                        ctx -> {
                          charge(ctx, () -> ctx.callSubOrchestrator("alarm", null, C1));
                          return callC1(ctx, "ship");
                        }));
    broken.add("charge");
    String id = hub.client().startNew("main");
    hub.failure(id);
    broken.clear();
    hub.client().rewind(id, null);
    assertThat(hub.failure(id).toString()).contains("PD-1007", "alarm"); // it is under way

    hub.client().rewind(id, null);
    assertThat(hub.failure(id).toString()).contains("PD-1007", "alarm");

    hub.client().raiseEvent("c1", "over", "alarm over");
    hub.output("c1", String.class);
    hub.client().rewind(id, null);
    assertThat(hub.output(id, String.class)).isEqualTo("shipped");
  }

  /** Else the child of the removed call would be in the way of the one called instead. */
  @Test
  void whatIsCalledInsteadOfARemovedCallHasAnIdThatNoneHadBefore() {
    TestHub hub =
        hub(
            f ->
                withShipping(f)
                    .orchestrator(
                        "main",
                        ctx -> {
                          charge(ctx, () -> ctx.callSubOrchestrator("alarm", null));
                          ctx.callActivity("work", "pack", String.class).await();
                          return ctx.callSubOrchestrator("ship", null, String.class).await();
                        }));
    broken.addAll(Set.of("charge", "pack"));
    String id = hub.client().startNew("main");
    hub.failure(id);
    for (String mended : List.of("charge", "pack")) {
      broken.remove(mended);
      hub.client().rewind(id, null);
      if (mended.equals("charge")) {
        hub.failure(id);
      }
    }

    assertThat(hub.output(id, String.class)).isEqualTo("shipped");
    assertThat(hub.history(id, TaskScheduled.class))
        .extracting(TaskScheduled::taskId)
        .containsExactly(0, 2);
    List<SubOrchestrationCreated> children = hub.history(id, SubOrchestrationCreated.class);
    assertThat(children).extracting(SubOrchestrationCreated::taskId).containsExactly(1, 3);
    String alarm = children.getFirst().instanceId();
    hub.client().raiseEvent(alarm, "over", "alarm over");
    assertThat(hub.output(alarm, String.class)).isEqualTo("alarm over"); // it went on by itself
  }

  /** A service that remembers the key sees that it is the same, though its task has another id. */
  @Test
  void aRemovedCallThatIsMadeAgainHasTheSameIdempotencyKey() {
    List<String> keys = new CopyOnWriteArrayList<>();
    TestHub hub =
        hub(
            f ->
                withWork(f)
                    .activity(
                        "charge",
                        String.class,
                        (ctx, x) -> ctx.taskId() + " " + keys.add(ctx.idempotencyKey()))
                    .orchestrator(
                        "main",
                        ctx -> {
                          Task<String> reserved = ctx.callActivity("work", "a", String.class);
                          Task<String> charged =
                              ctx.createTimer(Duration.ofSeconds(1))
                                  .thenCompose(
                                      t -> ctx.callActivity("charge", "100", String.class));
                          return String.join(" ", ctx.allOf(List.of(reserved, charged)).await());
                        }));
    broken.add("a");
    String id = hub.client().startNew("main");
    assertThat(hub.endWhileTimePasses(id).status()).isEqualTo(OrchestrationStatus.FAILED);
    assertThat(keys).hasSize(1);

    broken.clear();
    hub.client().rewind(id, null);

    assertThat(hub.output(id, String.class)).isEqualTo("a! 3 true");
    assertThat(keys).hasSize(2);
    assertThat(keys.getFirst()).isEqualTo(keys.getLast());
  }

  /** Had the second request the first one's owner, the first would be taken for it. */
  @Test
  void locksThatWereGivenUpAreNotGrantedForThoseAskedForAfterARewind() {
    EntityId a = EntityId.of("account", "a");
    EntityId b = EntityId.of("account", "b");
    EntityId c = EntityId.of("account", "c");
    TestHub hub =
        hub(
            f ->
                withWork(f)
                    .entity("account", ctx -> null)
                    .orchestrator(
                        "holder",
                        ctx -> {
                          try (CriticalSection held = ctx.lockEntities(a).await()) {
                            ctx.createTimer(Duration.ofHours(1)).await();
                          }
                          return "held";
                        })
                    .orchestrator(
                        "main",
                        ctx -> {
                          charge(
                              ctx,
                              () -> {
                                Task<CriticalSection> lock = ctx.lockEntities(a, b);
                                ctx.anyOf(lock, ctx.createTimer(Duration.ofMinutes(1))).await();
                                lock.cancel();
                              });
                          try (CriticalSection held = ctx.lockEntities(a, c).await()) {
                            ctx.waitForExternalEvent("go").await();
                          }
                          return "done";
                        }));
    String holder = hub.client().startNew("holder");
    hub.until("a is held", () -> holder.equals(lockedBy(hub, a)));
    broken.add("charge");
    String id = hub.client().startNew("main");
    hub.until("it waits", () -> hub.history(id).stream().anyMatch(TimerCreated.class::isInstance));
    hub.advance(Duration.ofMinutes(2));
    hub.failure(id);

    broken.clear();
    hub.client().rewind(id, null);
    hub.until("it waits again", () -> hub.history(id).getLast() instanceof OrchestratorCompleted);
    hub.advance(Duration.ofHours(2));
    hub.untilWaitingFor(id, "'go'");

    assertThat(lockedBy(hub, a)).isEqualTo(id);
    assertThat(lockedBy(hub, b)).isNull();
    assertThat(lockedBy(hub, c)).isEqualTo(id);
    hub.client().raiseEvent(id, "go", null);
    assertThat(hub.output(id, String.class)).isEqualTo("done");
    assertThat(lockedBy(hub, a)).isNull();
    assertThat(lockedBy(hub, c)).isNull();
  }

  private static @Nullable String lockedBy(TestHub hub, EntityId entity) {
    return hub.client().getEntity(entity).map(EntityMetadata::lockedBy).orElse(null);
  }

  private static final TaskOptions C1 = TaskOptions.NONE.withInstanceId("c1");

  /** With an orchestrator that waits, and one that does not. */
  private FunctionRegistry.Builder withShipping(FunctionRegistry.Builder functions) {
    return withWork(functions)
        .orchestrator("alarm", ctx -> ctx.waitForExternalEvent("over", String.class).await())
        .orchestrator("ship", ctx -> "shipped");
  }

  /** Has an activity done; if it fails, does something else and fails as well. */
  private static void charge(OrchestrationContext ctx, Runnable compensation) {
    try {
      ctx.callActivity("work", "charge", String.class).await();
    } catch (TaskFailedException e) {
      compensation.run();
      throw e;
    }
  }

  private static String callC1(OrchestrationContext ctx, String orchestrator) {
    return ctx.callSubOrchestrator(orchestrator, null, C1, String.class).await();
  }

  @Test
  void whatIsCalledInsteadHasAnotherIdempotencyKey() {
    List<String> keys = new CopyOnWriteArrayList<>();
    TestHub hub =
        hub(
            f ->
                withWork(f)
                    .activity(
                        "refund", String.class, (ctx, x) -> "" + keys.add(ctx.idempotencyKey()))
                    .activity(
                        "charge", String.class, (ctx, x) -> "" + keys.add(ctx.idempotencyKey()))
                    .orchestrator(
                        "main",
                        ctx -> {
                          try {
                            ctx.callActivity("work", "reserve", String.class).await();
                          } catch (TaskFailedException e) {
                            ctx.callActivity("refund", "100", String.class).await();
                            throw e;
                          }
                          return ctx.callActivity("charge", "100", String.class).await();
                        }));
    broken.add("reserve");
    String id = hub.client().startNew("main");
    hub.failure(id);

    broken.clear();
    hub.client().rewind(id, null);
    hub.output(id, String.class);

    assertThat(keys).hasSize(2).doesNotHaveDuplicates();
  }
}
