package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestratorMisuseException;
import dev.perdure.api.Task;
import dev.perdure.api.TypeRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class MisuseTest extends Scenarios {
  private static final TypeRef<List<String>> TEXTS = new TypeRef<>() {};

  /** Something that a thread other than the orchestrator's tries to do. */
  private interface Attempt {
    void make(OrchestrationContext ctx, Task<String> task) throws Exception;
  }

  private static final List<Attempt> ATTEMPTS =
      List.of(
          (ctx, task) -> task.await(),
          (ctx, task) -> task.cancel(),
          (ctx, task) -> task.thenApply(x -> x),
          (ctx, task) -> task.thenCompose(x -> task),
          (ctx, task) -> task.exceptionally(x -> "x"),
          (ctx, task) -> ctx.callActivity("x"),
          (ctx, task) -> ctx.callSubOrchestrator("x", null, String.class),
          (ctx, task) -> ctx.createTimer(Duration.ZERO),
          (ctx, task) -> ctx.createTimer(TestHub.NOON),
          (ctx, task) -> ctx.waitForExternalEvent("e", String.class),
          (ctx, task) -> ctx.waitForExternalEvent("e", Duration.ZERO, String.class),
          (ctx, task) -> ctx.allOf(task),
          (ctx, task) -> ctx.anyOf(task),
          (ctx, task) -> ctx.inCompletionOrder(List.of(task)),
          (ctx, task) -> ctx.sendEvent("x", "e", null),
          (ctx, task) -> ctx.setCustomStatus("x"),
          (ctx, task) -> ctx.continueAsNew("x"),
          (ctx, task) -> ctx.currentInstant(),
          (ctx, task) -> ctx.newUuid(),
          (ctx, task) -> ctx.random(),
          (ctx, task) -> ctx.input(String.class));

  @Test
  void aContextAndItsTasksBelongToTheThreadOfTheOrchestrator() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      Task<String> task = ctx.waitForExternalEvent("go", String.class);
                      AtomicInteger refused = new AtomicInteger();
                      Thread other =
                          Thread.ofPlatform()
                              .name("an executor's thread")
                              .start(
                                  () -> {
                                    for (Attempt attempt : ATTEMPTS) {
                                      try {
                                        attempt.make(ctx, task);
                                      } catch (OrchestratorMisuseException e) {
                                        assertThat(e).hasMessageContaining("an executor's thread");
                                        refused.incrementAndGet();
                                      } catch (Exception e) {
                                        throw new AssertionError(e);
                                      }
                                    }
                                  });
                      other.join();
                      task.await();
                      return refused.get();
                    }));
    String id = hub.start("main");

    hub.client().raiseEvent(id, "go");

    assertThat(hub.output(id, int.class)).isEqualTo(ATTEMPTS.size());
  }

  @Test
  void aContextEndsWithItsOrchestration() {
    AtomicReference<OrchestrationContext> kept = new AtomicReference<>();
    AtomicReference<Task<String>> keptTask = new AtomicReference<>();
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      kept.set(ctx);
                      keptTask.set(ctx.waitForExternalEvent("never", String.class));
                      return null;
                    }));
    hub.end(hub.client().startNew("main"));

    for (Attempt attempt : ATTEMPTS) {
      assertThatThrownBy(() -> attempt.make(kept.get(), keptTask.get()))
          .isInstanceOf(OrchestratorMisuseException.class)
          .hasMessageContaining("ended");
    }
    assertThat(kept.get().name()).isEqualTo("main"); // harmless
  }

  @Test
  void aTaskOfAnotherOrchestrationIsRefused() {
    ConcurrentHashMap<String, Task<String>> tasks = new ConcurrentHashMap<>();
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "owner",
                        ctx -> {
                          tasks.put("its", ctx.waitForExternalEvent("e", String.class));
                          return tasks.get("its").await();
                        })
                    .orchestrator(
                        "thief",
                        Integer.class,
                        (ctx, which) -> {
                          Task<String> stolen = tasks.get("its");
                          return switch (which) {
                            case 0 -> ctx.allOf(stolen).await();
                            case 1 -> ctx.anyOf(stolen).await();
                            case 2 -> stolen.await();
                            default ->
                                ctx.createTimer(Duration.ZERO).thenCompose(x -> stolen).await();
                          };
                        }));
    hub.start("owner");

    for (int which = 0; which < 4; which++) {
      assertThat(hub.failure(hub.client().startNew("thief", which)).errorType())
          .isEqualTo(OrchestratorMisuseException.class.getName());
    }
  }

  @Test
  void aClientIsNotForUseInsideAnOrchestrator() {
    AtomicReference<TestHub> itself = new AtomicReference<>();
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          List<Runnable> uses =
                              List.of(
                                  () -> itself.get().client().startNew("main"),
                                  () -> itself.get().client().status("x"),
                                  () -> itself.get().client().raiseEvent("x", "e"),
                                  () -> itself.get().client().history("x"),
                                  () -> itself.get().client().restart("x", true),
                                  () -> itself.get().client().purge("x"),
                                  () ->
                                      itself
                                          .get()
                                          .client()
                                          .waitForCompletion("x", Duration.ofDays(1)));
                          int refused = 0;
                          for (Runnable use : uses) {
                            try {
                              use.run();
                            } catch (OrchestratorMisuseException e) {
                              refused++;
                            }
                          }
                          return uses.size() - refused;
                        })
                    .orchestrator(
                        "through an activity",
                        ctx -> ctx.callActivity("start", null, String.class).await())
                    .activity("start", () -> itself.get().client().startNew("main")));
    itself.set(hub);

    assertThat(hub.run("main", null, int.class)).isZero();
    String started = hub.run("through an activity", null, String.class);
    assertThat(hub.output(started, int.class)).isZero();
  }

  // ---- code that catches everything -------------------------------------------------------------

  @Test
  void catchingThrowableDoesNotDisturb() {
    List<String> calls = new ArrayList<>();
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          List<String> results = new ArrayList<>();
                          for (int i = 0; i < 4; i++) {
                            try {
                              results.add(ctx.callActivity("note", i, String.class).await());
                            } catch (Throwable e) {
                              results.add("caught");
                              swallow(() -> ctx.callActivity("note", -1));
                              swallow(() -> ctx.setCustomStatus("caught"));
                              swallow(() -> ctx.continueAsNew("caught"));
                              swallow(() -> ctx.createTimer(Duration.ZERO).await());
                            }
                          }
                          return results;
                        })
                    .activity(
                        "note",
                        Integer.class,
                        i -> {
                          synchronized (calls) {
                            calls.add("call " + i);
                          }
                          return "result " + i;
                        }));

    String id = hub.client().startNew("main");

    assertThat(hub.end(id).output(TEXTS))
        .containsExactly("result 0", "result 1", "result 2", "result 3");
    assertThat(calls).containsExactly("call 0", "call 1", "call 2", "call 3");
    assertThat(hub.status(id).serializedCustomStatus()).isNull();
  }

  private static void swallow(Runnable code) {
    try {
      code.run();
    } catch (Throwable e) {
      // as careless code does
    }
  }

  @Test
  void finallyBlocksDoNotDisturb() {
    AtomicInteger cleanings = new AtomicInteger();
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          try {
                            ctx.createTimer(Duration.ZERO).await();
                            ctx.createTimer(Duration.ZERO).await();
                            return "done";
                          } finally {
                            ctx.callActivity("clean").await();
                          }
                        })
                    .activity("clean", cleanings::incrementAndGet));

    assertThat(hub.run("main", null, String.class)).isEqualTo("done");
    assertThat(cleanings).hasValue(1);
  }

  @Test
  @SuppressWarnings("finally") // that is what some code does
  void returningFromFinallyDoesNotEndAnOrchestrationThatIsTakenOutOfMemory() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      String result = "nothing yet";
                      try {
                        ctx.createTimer(Duration.ZERO).await();
                        result = "fired";
                      } finally {
                        return result;
                      }
                    }));

    assertThat(hub.run("main", null, String.class)).isEqualTo("fired");
  }

  @Test
  void throwingSomethingElseInsteadDoesNotFailAnOrchestrationThatIsTakenOutOfMemory() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      try {
                        ctx.createTimer(Duration.ZERO).await();
                        return "fired";
                      } catch (Throwable e) {
                        throw new IllegalStateException("wrapped", e);
                      }
                    }));

    assertThat(hub.run("main", null, String.class)).isEqualTo("fired");
  }

  @Test
  void aLoopThatSwallowsEverythingDoesNotSpinForEver() {
    AtomicInteger swallowed = new AtomicInteger();
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      List<String> results = new ArrayList<>();
                      while (results.size() < 3) {
                        try {
                          results.add(ctx.waitForExternalEvent("e", String.class).await());
                        } catch (Throwable e) {
                          swallowed.incrementAndGet();
                        }
                      }
                      return results;
                    }));

    try (CapturedLog log = new CapturedLog("dev.perdure.orchestrator")) {
      String id = hub.start("main");
      for (String event : List.of("a", "b", "c")) {
        hub.client().raiseEvent(id, "e", event);
      }

      assertThat(hub.end(id).output(TEXTS)).containsExactly("a", "b", "c");
      if (mode == RunMode.REPLAYED_AT_EVERY_WAIT) {
        hub.until("it is reported", () -> !log.messages().isEmpty());
        assertThat(log.messages().getFirst()).contains(id, "Throwable");
      }
    }
    assertThat(swallowed.get()).isLessThan(10_000);
  }

  @Test
  void anInterruptedOrchestratorThreadStillWaits() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      Thread.currentThread().interrupt();
                      return ctx.waitForExternalEvent("e", String.class).await();
                    }));
    String id = hub.start("main");

    hub.client().raiseEvent(id, "e", "came");

    assertThat(hub.output(id, String.class)).isEqualTo("came");
  }

  // ---- code that does not let go --------------------------------------------------------------

  @Test
  void codeThatBlocksIsReportedWithItsStack() throws InterruptedException {
    CountDownLatch release = new CountDownLatch(1);
    TestHub hub =
        hub(
            options -> options.withStepWarning(Duration.ofMillis(1)),
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      release.await();
                      return "released";
                    }));

    try (CapturedLog log = new CapturedLog("dev.perdure.orchestrator")) {
      String id = hub.client().startNew("main");
      hub.until(
          "it is reported",
          () -> {
            hub.advance(Duration.ofSeconds(1));
            return !log.messages().isEmpty();
          });
      assertThat(log.next()).contains(id, "'main'", "blocks", "CountDownLatch", "MisuseTest.java");
      release.countDown();
      assertThat(hub.output(id, String.class)).isEqualTo("released");
      assertThat(log.messages()).isEmpty(); // once is enough
    }
  }

  @Test
  void codeThatSpinsIsReportedWithItsStack() throws InterruptedException {
    AtomicReference<String> stop = new AtomicReference<>();
    TestHub hub =
        hub(
            options -> options.withStepWarning(Duration.ofMillis(1)),
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      while (stop.get() == null) {
                        Thread.onSpinWait();
                      }
                      return stop.get();
                    }));

    try (CapturedLog log = new CapturedLog("dev.perdure.orchestrator")) {
      String id = hub.client().startNew("main");
      hub.until(
          "it is reported",
          () -> {
            hub.advance(Duration.ofSeconds(1));
            return !log.messages().isEmpty();
          });
      assertThat(log.next()).contains(id, "computes", "MisuseTest.java");
      stop.set("stopped");
      assertThat(hub.output(id, String.class)).isEqualTo("stopped");
    }
  }

  @Test
  void oneThatBlocksDoesNotHoldUpOthers() {
    CountDownLatch release = new CountDownLatch(1);
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "blocked",
                        ctx -> {
                          release.await();
                          return "released";
                        })
                    .orchestrator("other", ctx -> "free"));
    List<String> blocked = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      blocked.add(hub.client().startNew("blocked"));
    }

    assertThat(hub.run("other", null, String.class)).isEqualTo("free");
    release.countDown();
    blocked.forEach(id -> hub.output(id, String.class));
  }

  @Test
  void aBlockedOrchestrationMayBeTerminated() {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch inside = new CountDownLatch(1);
    AtomicReference<String> after = new AtomicReference<>();
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      inside.countDown();
                      release.await();
                      ctx.callActivity("never");
                      after.set("went on");
                      return null;
                    }));
    String id = hub.client().startNew("main");
    hub.until("it blocks", () -> inside.getCount() == 0);

    hub.client().terminate(id, "stuck");
    release.countDown();

    assertThat(hub.end(id).output(String.class)).isEqualTo("stuck");
    hub.close();
    assertThat(after).hasNullValue();
  }

  @Test
  void tooManyOpenTasksAreRefused() {
    TestHub hub =
        hub(
            options -> options.withLimits(options.limits().withOpenTasksMax(10)),
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      for (int i = 0; ; i++) {
                        ctx.createTimer(Duration.ofDays(1));
                      }
                    }));

    assertThat(hub.failure(hub.client().startNew("main")).message())
        .contains("10 tasks", "openTasksMax");
  }

  @Test
  void waitsForEventsAreOpenTasks() {
    TestHub hub =
        hub(
            options -> options.withLimits(options.limits().withOpenTasksMax(10)),
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          for (int i = 0; i < 11; i++) {
                            ctx.waitForExternalEvent("event" + i, String.class);
                          }
                          return "none was refused";
                        })
                    .orchestrator(
                        "oneByOne",
                        ctx -> {
                          for (int i = 0; i < 30; i++) {
                            var came = ctx.waitForExternalEvent("came", String.class);
                            ctx.sendEvent(ctx.instanceId(), "came", "x");
                            came.await();
                          }
                          return "all came";
                        })
                    .orchestrator(
                        "isThere",
                        ctx -> {
                          ctx.sendEvent(ctx.instanceId(), "early", "was there");
                          ctx.sendEvent(ctx.instanceId(), "second", "x");
                          ctx.waitForExternalEvent("second").await(); // "early" came before it
                          for (int i = 0; i < 10; i++) {
                            ctx.waitForExternalEvent("never" + i, String.class);
                          }
                          return ctx.waitForExternalEvent("early", String.class).await();
                        }));

    assertThat(hub.failure(hub.client().startNew("main")).message())
        .contains("10 tasks", "openTasksMax");
    assertThat(hub.run("oneByOne", null, String.class)).isEqualTo("all came");
    assertThat(hub.run("isThere", null, String.class)).isEqualTo("was there");
  }
}
