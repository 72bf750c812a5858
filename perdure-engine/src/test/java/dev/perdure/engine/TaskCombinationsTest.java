package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.CompositeTaskFailedException;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestratorMisuseException;
import dev.perdure.api.RetryPolicy;
import dev.perdure.api.Task;
import dev.perdure.api.TaskFailedException;
import dev.perdure.api.TaskOptions;
import dev.perdure.api.TypeRef;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TaskCombinationsTest extends Scenarios {
  private static final TypeRef<List<String>> TEXTS = new TypeRef<>() {};

  /** Runs some code as an orchestrator that may call "echo" and "fail". */
  private TestHub hubOf(Function<OrchestrationContext, Object> code) {
    return hub(
        f ->
            f.orchestrator("main", code::apply)
                .activity("echo", Integer.class, number -> number)
                .activity(
                    "fail",
                    String.class,
                    message -> {
                      throw new IOException(message);
                    }));
  }

  private <T> T result(Class<T> type, Function<OrchestrationContext, Object> code) {
    return hubOf(code).run("main", null, type);
  }

  private List<String> texts(Function<OrchestrationContext, Object> code) {
    TestHub hub = hubOf(code);
    String id = hub.client().startNew("main");
    hub.output(id, Object.class);
    return hub.status(id).output(TEXTS);
  }

  private static Task<Integer> echo(OrchestrationContext ctx, int number) {
    return ctx.callActivity("echo", number, Integer.class);
  }

  private static Task<String> fail(OrchestrationContext ctx, String message) {
    return ctx.callActivity("fail", message, String.class);
  }

  // ---- code that fails ----------------------------------------------------------------------

  /** What a callback throws is the failure of its task, and no business of other tasks. */
  @Test
  void anErrorInACallbackFailsTheTaskThatWasMadeWithIt() {
    List<String> results =
        texts(
            ctx -> {
              Task<Integer> broken =
                  echo(ctx, 1)
                      .thenApply(
                          n -> {
                            throw new AssertionError("broken");
                          });
              List<String> seen = new ArrayList<>();
              ctx.createTimer(Duration.ofMillis(0)).await();
              seen.add(fails(broken::await));
              seen.add("" + broken.isFailed());
              seen.add(fails(() -> broken.thenApply(n -> n + 1).await()));
              seen.add(fails(() -> broken.exceptionally(e -> 1).await()));
              seen.add(fails(() -> ctx.allOf(List.of(echo(ctx, 2), broken)).await()));
              return seen;
            });
    assertThat(results).containsExactly("broken", "true", "broken", "broken", "broken");
  }

  private static String fails(Runnable code) {
    try {
      code.run();
      return "it did not fail";
    } catch (AssertionError e) {
      return e.getMessage();
    }
  }

  @Test
  void anErrorInARetryHandlerFailsTheCall() {
    String result =
        result(
            String.class,
            ctx -> {
              Task<String> call =
                  ctx.callActivity(
                      "fail",
                      "x",
                      TaskOptions.retry(
                          RetryPolicy.of(3, Duration.ofMillis(0))
                              .withHandler(
                                  failure -> {
                                    throw new AssertionError("no decision");
                                  })),
                      String.class);
              ctx.allOf(List.of(echo(ctx, 1), echo(ctx, 2))).await();
              return fails(call::await);
            });
    assertThat(result).isEqualTo("no decision");
  }

  // ---- all of them --------------------------------------------------------------------------

  @Test
  void allOfGivesTheResultsInTheOrderOfTheTasks() {
    List<String> results =
        texts(
            ctx -> {
              List<Task<String>> tasks = new ArrayList<>();
              for (int i = 5; i > 0; i--) {
                int number = i;
                tasks.add(ctx.createTimer(Duration.ofMillis(0)).thenApply(x -> "t" + number));
              }
              return ctx.allOf(tasks).await();
            });

    assertThat(results).containsExactly("t5", "t4", "t3", "t2", "t1");
  }

  @Test
  void allOfNothingIsDoneAtOnce() {
    assertThat(
            result(
                boolean.class,
                ctx -> {
                  Task<List<Object>> none = ctx.allOf(List.of());
                  return none.isDone() && none.await().isEmpty() && ctx.allOf().await() == null;
                }))
        .isTrue();
  }

  @Test
  void allOfMayHoldTheSameTaskTwiceAndNulls() {
    assertThat(
            texts(
                ctx -> {
                  Task<Integer> one = echo(ctx, 1);
                  Task<Integer> none = ctx.callActivity("echo", null, Integer.class);
                  List<String> texts = new ArrayList<>();
                  ctx.allOf(List.of(one, none, one)).await().forEach(i -> texts.add("" + i));
                  return texts;
                }))
        .containsExactly("1", "null", "1");
  }

  @Test
  void allOfFailsOnceAllHaveEndedAndTellsOfEveryFailure() {
    String text =
        result(
            String.class,
            ctx -> {
              Task<?> slow = ctx.createTimer(Duration.ZERO).thenCompose(x -> echo(ctx, 3));
              try {
                ctx.allOf(fail(ctx, "first"), echo(ctx, 1), slow, fail(ctx, "second")).await();
                return "no failure";
              } catch (CompositeTaskFailedException e) {
                assertThat(slow.isDone()).isTrue();
                assertThat(e.isCausedBy(IOException.class)).isTrue();
                assertThat(e.isCausedBy(IllegalStateException.class)).isFalse();
                assertThat(e.getCause()).isSameAs(e.failures().getFirst());
                assertThat(e)
                    .hasMessageContaining("2 of 4 tasks failed")
                    .hasMessageContaining("first");
                return String.join(
                    " ",
                    e.failures().stream()
                        .map(failure -> ((TaskFailedException) failure).details().message())
                        .toList());
              }
            });

    assertThat(text).isEqualTo("first second");
  }

  @Test
  void theFailureOfAllOfIsRecordedWithItsCause() {
    TestHub hub = hubOf(ctx -> ctx.allOf(fail(ctx, "x"), echo(ctx, 1)).await());

    FailureDetails failure = hub.failure(hub.client().startNew("main"));

    assertThat(failure.errorType()).isEqualTo(CompositeTaskFailedException.class.getName());
    assertThat(failure.isCausedBy(IOException.class)).isTrue();
  }

  // ---- any of them --------------------------------------------------------------------------

  @Test
  void anyOfGivesTheTaskThatEndedFirst() {
    assertThat(
            result(
                String.class,
                ctx -> {
                  Task<?> timer = ctx.createTimer(Duration.ofDays(1));
                  Task<Integer> echo = echo(ctx, 1);
                  return ctx.anyOf(timer, echo).await() == echo ? "echo" : "timer";
                }))
        .isEqualTo("echo");
  }

  @Test
  void anyOfTakesAFailureForAnEndAndDoesNotThrowIt() {
    assertThat(
            result(
                boolean.class,
                ctx -> {
                  Task<?> first =
                      ctx.anyOf(ctx.createTimer(Duration.ofDays(1)), fail(ctx, "x")).await();
                  return first.isFailed() && first.isDone() && !first.isCancelled();
                }))
        .isTrue();
  }

  @Test
  void anyOfPrefersTheEarlierInTheListAmongThoseThatHaveEnded() {
    assertThat(
            result(
                boolean.class,
                ctx -> {
                  Task<Integer> one = echo(ctx, 1);
                  Task<Integer> two = echo(ctx, 2);
                  ctx.allOf(one, two).await();
                  return ctx.anyOf(two, one).await() == two && ctx.anyOf(one, two).await() == one;
                }))
        .isTrue();
  }

  @Test
  void anyOfNothingIsAMistake() {
    TestHub hub = hubOf(ctx -> ctx.anyOf().await());

    assertThat(hub.failure(hub.client().startNew("main")).errorType())
        .isEqualTo(IllegalArgumentException.class.getName());
  }

  @Test
  void anActivityMayRaceWithATimer() {
    TestHub hub =
        hubOf(
            ctx -> {
              Task<String> event = ctx.waitForExternalEvent("never", String.class);
              Task<?> timeout = ctx.createTimer(Duration.ofMinutes(5));
              return ctx.anyOf(event, timeout).await() == timeout ? "timeout" : "event";
            });
    String id = hub.start("main");

    hub.advance(Duration.ofMinutes(5));

    assertThat(hub.output(id, String.class)).isEqualTo("timeout");
  }

  @Test
  void waitingForOneOfManyAgainAndAgainLeavesNothingBehind() {
    int count = mode == RunMode.REPLAYED_AT_EVERY_WAIT ? 200 : 3_000;
    TestHub hub =
        hubOf(
            ctx -> {
              List<Task<?>> open = new ArrayList<>();
              for (int i = 0; i < count; i++) {
                open.add(echo(ctx, i));
              }
              int sum = 0;
              while (!open.isEmpty()) {
                Task<?> done = ctx.anyOf(open).await();
                open.remove(done);
                sum += (Integer) done.await();
              }
              return sum;
            });

    assertThat(hub.run("main", null, int.class)).isEqualTo(count * (count - 1) / 2);
  }

  @Test
  void aLongLoopOverAnyOfWithATaskThatNeverEndsStaysSmall() {
    // Each turn listens to the same ten thousand open tasks: what a turn leaves behind would add up
    // to forty million listeners, which is more than the heap of the tests holds.
    int turns = mode == RunMode.REPLAYED_AT_EVERY_WAIT ? 3 : 4_000;
    TestHub hub =
        hubOf(
            ctx -> {
              List<Task<?>> open = new ArrayList<>();
              for (int i = 0; i < 10_000; i++) {
                open.add(ctx.waitForExternalEvent("never", String.class));
              }
              open.add(null);
              for (int i = 0; i < turns; i++) {
                open.set(10_000, ctx.createTimer(Duration.ZERO));
                ctx.anyOf(open).await();
              }
              return "small";
            });

    assertThat(hub.run("main", null, String.class)).isEqualTo("small");
  }

  // ---- in the order of their ends -------------------------------------------------------------

  @Test
  void tasksAreHandedOverInTheOrderInWhichTheyEnd() {
    TestHub hub =
        hubOf(
            ctx -> {
              List<Task<String>> tasks = new ArrayList<>();
              for (String name : List.of("c", "a", "b")) {
                tasks.add(ctx.waitForExternalEvent(name, String.class));
              }
              List<String> order = new ArrayList<>();
              for (Task<String> task : ctx.inCompletionOrder(tasks)) {
                order.add(task.await());
              }
              return order;
            });
    String id = hub.start("main");

    for (String name : List.of("a", "b", "c")) {
      hub.client().raiseEvent(id, name, name.toUpperCase(java.util.Locale.ROOT));
    }

    assertThat(hub.end(id).output(TEXTS)).containsExactly("A", "B", "C");
  }

  @Test
  void completionOrderHandsOverFailuresToo() {
    assertThat(
            result(
                int.class,
                ctx -> {
                  int failed = 0;
                  for (Task<String> task :
                      ctx.inCompletionOrder(List.of(fail(ctx, "a"), fail(ctx, "b")))) {
                    failed += task.isFailed() ? 1 : 0;
                  }
                  return failed;
                }))
        .isEqualTo(2);
  }

  @Test
  void completionOrderEndsWhenAllHaveBeenHandedOver() {
    assertThat(
            result(
                String.class,
                ctx -> {
                  Iterator<Task<Integer>> each =
                      ctx.inCompletionOrder(List.of(echo(ctx, 1))).iterator();
                  each.next();
                  try {
                    each.next();
                    return each.hasNext() + " and another";
                  } catch (NoSuchElementException e) {
                    return "over";
                  }
                }))
        .isEqualTo("over");
  }

  @Test
  void tenThousandTasksInCompletionOrderTakeNoTimeToSpeakOf() {
    int count = mode == RunMode.REPLAYED_AT_EVERY_WAIT ? 100 : 10_000;

    assertThat(
            result(
                int.class,
                ctx -> {
                  List<Task<Integer>> tasks =
                      IntStream.range(0, count).mapToObj(i -> echo(ctx, 1)).toList();
                  int sum = 0;
                  for (Task<Integer> task : ctx.inCompletionOrder(tasks)) {
                    sum += task.await();
                  }
                  return sum;
                }))
        .isEqualTo(count);
  }

  // ---- derived tasks --------------------------------------------------------------------------

  @Test
  void thenApplyTransformsAResult() {
    assertThat(
            result(
                String.class,
                ctx -> echo(ctx, 4).thenApply(i -> i * i).thenApply(i -> "= " + i).await()))
        .isEqualTo("= 16");
  }

  @Test
  void thenApplyWorksOnATaskThatHasEndedAndOnOneThatIsNeverAwaited() {
    assertThat(
            texts(
                ctx -> {
                  List<String> log = new ArrayList<>();
                  Task<Integer> one = echo(ctx, 1);
                  one.thenApply(i -> log.add("listener " + i));
                  one.await();
                  log.add("awaited");
                  log.add("late " + one.thenApply(i -> i + 1).await());
                  return log;
                }))
        .containsExactly("listener 1", "awaited", "late 2");
  }

  @Test
  void listenersRunInTheOrderInWhichTheyWereAdded() {
    assertThat(
            texts(
                ctx -> {
                  List<String> log = new ArrayList<>();
                  Task<Integer> one = echo(ctx, 1);
                  for (int i = 0; i < 5; i++) {
                    int number = i;
                    one.thenApply(x -> log.add("" + number));
                  }
                  one.await();
                  return log;
                }))
        .containsExactly("0", "1", "2", "3", "4");
  }

  @Test
  void thenApplyPassesFailuresOnWithoutBeingCalled() {
    assertThat(
            result(
                String.class,
                ctx -> {
                  Task<String> derived =
                      fail(ctx, "x")
                          .thenApply(
                              y -> {
                                throw new AssertionError("called");
                              });
                  try {
                    return derived.await();
                  } catch (TaskFailedException e) {
                    return e.details().message();
                  }
                }))
        .isEqualTo("x");
  }

  @Test
  void whatAFunctionThrowsIsTheFailureOfItsTask() {
    assertThat(
            result(
                String.class,
                ctx -> {
                  Task<Object> derived =
                      echo(ctx, 1)
                          .thenApply(
                              i -> {
                                throw new IllegalStateException("in the function");
                              });
                  try {
                    derived.await();
                    return "nothing";
                  } catch (IllegalStateException e) {
                    return e.getMessage();
                  }
                }))
        .isEqualTo("in the function");
  }

  @Test
  void thenComposeGoesOnWithAnotherTask() {
    assertThat(
            result(
                int.class,
                ctx ->
                    echo(ctx, 1)
                        .thenCompose(i -> echo(ctx, i + 1))
                        .thenCompose(i -> ctx.createTimer(Duration.ZERO).thenApply(x -> i + 1))
                        .await()))
        .isEqualTo(3);
  }

  @Test
  void thenComposePassesOnTheFailuresOfBothTasks() {
    assertThat(
            texts(
                ctx -> {
                  List<String> failures = new ArrayList<>();
                  Task<String> first = fail(ctx, "first").thenCompose(x -> fail(ctx, "never"));
                  Task<String> second = echo(ctx, 1).thenCompose(x -> fail(ctx, "second"));
                  for (Task<String> task : List.of(first, second)) {
                    try {
                      task.await();
                    } catch (TaskFailedException e) {
                      failures.add(e.details().message());
                    }
                  }
                  return failures;
                }))
        .containsExactly("first", "second");
  }

  @Test
  void thenComposeNeedsATask() {
    TestHub hub = hubOf(ctx -> echo(ctx, 1).thenCompose(i -> (Task<Integer>) null).await());

    assertThat(hub.failure(hub.client().startNew("main")).errorType())
        .isEqualTo(OrchestratorMisuseException.class.getName());
  }

  @Test
  void exceptionallyTurnsAFailureIntoAResultAndLeavesResultsAlone() {
    assertThat(
            texts(
                ctx ->
                    List.of(
                        fail(ctx, "x")
                            .exceptionally(e -> "instead of " + e.getClass().getSimpleName())
                            .await(),
                        echo(ctx, 7).thenApply(i -> "" + i).exceptionally(e -> "never").await())))
        .containsExactly("instead of TaskFailedException", "7");
  }

  @Test
  void exceptionallyMayThrowAnotherException() {
    TestHub hub =
        hubOf(
            ctx ->
                fail(ctx, "x")
                    .exceptionally(
                        e -> {
                          throw new IllegalArgumentException("another", e);
                        })
                    .await());

    FailureDetails failure = hub.failure(hub.client().startNew("main"));

    assertThat(failure.errorType()).isEqualTo(IllegalArgumentException.class.getName());
    assertThat(failure.isCausedBy(IOException.class)).isTrue();
  }

  @Test
  void callbacksMayCallTheContext() {
    assertThat(
            result(
                int.class,
                ctx -> {
                  List<Task<Integer>> more = new ArrayList<>();
                  echo(ctx, 1)
                      .thenApply(i -> more.add(echo(ctx, 10)) && more.add(echo(ctx, 20)))
                      .await();
                  return ctx.allOf(more).await().stream().mapToInt(i -> i).sum();
                }))
        .isEqualTo(30);
  }

  @Test
  void callbacksMayNotWait() {
    TestHub hub =
        hubOf(
            ctx ->
                echo(ctx, 1).thenApply(i -> ctx.createTimer(Duration.ofDays(1)).await()).await());

    FailureDetails failure = hub.failure(hub.client().startNew("main"));

    assertThat(failure.errorType()).isEqualTo(OrchestratorMisuseException.class.getName());
    assertThat(failure.message()).contains("callback", "thenCompose");
  }

  @Test
  void cancellingADerivedTaskLeavesItsSourceAlone() {
    assertThat(
            result(
                boolean.class,
                ctx -> {
                  Task<Integer> source = echo(ctx, 1);
                  Task<Integer> derived = source.thenApply(i -> i + 1);
                  derived.cancel();
                  return source.await() == 1 && derived.isCancelled() && !source.isCancelled();
                }))
        .isTrue();
  }

  @Test
  void theResultOfACancelledActivityIsIgnored() {
    assertThat(
            result(
                String.class,
                ctx -> {
                  Task<Integer> task = echo(ctx, 1);
                  task.cancel();
                  echo(ctx, 2).await();
                  echo(ctx, 3).await();
                  return task.isCancelled() + " " + task.isFailed();
                }))
        .isEqualTo("true true");
  }

  @Test
  void combinationsMayBeCombined() {
    assertThat(
            result(
                int.class,
                ctx -> {
                  Task<List<Integer>> left = ctx.allOf(List.of(echo(ctx, 1), echo(ctx, 2)));
                  Task<List<Integer>> right = ctx.allOf(List.of(echo(ctx, 3), echo(ctx, 4)));
                  return ctx.allOf(List.of(left, right))
                      .thenApply(
                          lists -> lists.stream().flatMap(List::stream).mapToInt(i -> i).sum())
                      .await();
                }))
        .isEqualTo(10);
  }

  @Test
  void aLongChainOfCallbacksNeedsNoDeepStack() {
    assertThat(
            result(
                int.class,
                ctx -> {
                  Task<Integer> chain = echo(ctx, 0);
                  for (int i = 0; i < 20_000; i++) {
                    chain = chain.thenApply(n -> n + 1);
                  }
                  return chain.await();
                }))
        .isEqualTo(20_000);
  }

  @Test
  void manyTasksMayBeFoldedIntoOneWhoseFirstPartComesLast() {
    TestHub hub =
        hubOf(
            ctx -> {
              Task<Integer> sum = ctx.waitForExternalEvent("first", Integer.class);
              List<Task<Integer>> tasks = new ArrayList<>();
              for (int i = 0; i < 2_000; i++) {
                Task<Integer> task = echo(ctx, 1);
                tasks.add(task);
                sum = sum.thenCompose(before -> task.thenApply(n -> before + n));
              }
              ctx.allOf(tasks).await();
              return sum.await();
            });
    String id = hub.start("main");
    hub.untilWaitingFor(id, "event 'first'");
    hub.until("only the event is missing", () -> hub.client().explain(id).waits().size() == 1);

    hub.client().raiseEvent(id, "first", 5);

    assertThat(hub.output(id, int.class)).isEqualTo(2_005);
  }
}
