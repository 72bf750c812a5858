package dev.perdure.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.Activity;
import dev.perdure.api.ActivityContext;
import dev.perdure.api.DurableHttpRequest;
import dev.perdure.api.DurableHttpResponse;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityOperations;
import dev.perdure.api.FunctionNotFoundException;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.Problem;
import dev.perdure.api.RetryPolicy;
import dev.perdure.api.StartOptions;
import dev.perdure.api.Task;
import dev.perdure.api.TaskFailedException;
import dev.perdure.api.TaskOptions;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TestHubTest {

  static final class Shop {
    @Orchestrator
    String order(OrchestrationContext ctx, String item) {
      String payment = ctx.call(Shop::charge, item).await();
      try {
        ctx.callActivity("ship", item, Void.class).await();
      } catch (TaskFailedException e) {
        ctx.callActivity("refund", payment, Void.class).await();
        return "refunded";
      }
      return payment;
    }

    @Activity
    String charge(String item) {
      throw new AssertionError("A test must not charge a card");
    }

    @Activity
    void ship(String item) {
      throw new IllegalStateException("out of stock");
    }

    @Activity
    void refund(String payment) {}
  }

  // ---- activities -------------------------------------------------------------------------------

  @Test
  void aReplacedActivityRunsInsteadWhetherCalledByNameOrByReference() {
    try (TestHub hub =
            TestHub.builder()
                .register(new Shop())
                .replaceActivity("charge", String.class, item -> "paid for " + item)
                .replaceActivity("ship", null)
                .open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      assertThat(hub.run("order", "tea", String.class)).isEqualTo("paid for tea");
      assertThat(hub.calls("charge"))
          .singleElement()
          .satisfies(
              call -> {
                assertThat(call.input(String.class)).isEqualTo("tea");
                assertThat(call.instanceId()).isEqualTo("instance-1");
                assertThat(call.at()).isEqualTo(hub.now());
              });
      assertThat(hub.calls()).extracting(ActivityCall::activity).containsExactly("charge", "ship");
      hub.assertHistory("instance-1")
          .calledInOrder("charge", "ship")
          .neverCalled("refund")
          .completed();
    }
  }

  @Test
  void whatIsNotReplacedRunsAsItIs() {
    try (TestHub hub =
            TestHub.builder().register(new Shop()).replaceActivity("charge", "P-1").open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      assertThat(hub.run("order", "tea", String.class)).isEqualTo("refunded");
      assertThat(hub.calls("refund")).extracting(ActivityCall::input).containsExactly("P-1");
    }
  }

  @Test
  void activitiesHaveTheirLimitsHereToo() {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (TestHub hub =
            TestHub.builder()
                .orchestrator(
                    "all",
                    ctx -> {
                      List<Task<Integer>> calls = new ArrayList<>();
                      for (int i = 0; i < 5; i++) {
                        calls.add(ctx.callActivity("alone", i, Integer.class));
                      }
                      return ctx.allOf(calls).await();
                    })
                .activity(
                    "alone",
                    Integer.class,
                    1,
                    n -> {
                      most.accumulateAndGet(running.incrementAndGet(), Math::max);
                      Thread.sleep(5);
                      running.decrementAndGet();
                      return n;
                    })
                .open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      assertThat(hub.run("all", null, Integer[].class)).containsExactly(0, 1, 2, 3, 4);
    }
    assertThat(most).hasValue(1);
  }

  @Test
  void replacingWhatIsNotThereIsRefused() {
    TestHub.Builder builder =
        TestHub.builder().register(new Shop()).replaceActivity("chrage", "P-1");
    assertThatThrownBy(builder::open)
        .isInstanceOf(FunctionNotFoundException.class)
        .hasMessageContaining("'chrage'")
        .hasMessageContaining("Did you mean 'charge'");
  }

  @Test
  void retriesWaitInTheTimeOfTheHub() {
    AtomicInteger tries = new AtomicInteger();
    try (TestHub hub =
            TestHub.builder()
                .activity(
                    "flaky",
                    () -> {
                      if (tries.incrementAndGet() < 4) {
                        throw new IllegalStateException("not yet");
                      }
                      return "done";
                    })
                .orchestrator(
                    "o",
                    ctx ->
                        ctx.callActivity(
                                "flaky",
                                null,
                                TaskOptions.retry(RetryPolicy.of(5, Duration.ofHours(1))),
                                String.class)
                            .await())
                .open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      var began = hub.now();
      assertThat(hub.run("o", null, String.class)).isEqualTo("done");
      assertThat(Duration.between(began, hub.now())).isEqualTo(Duration.ofHours(3));
      assertThat(hub.calls("flaky")).extracting(ActivityCall::attempt).containsExactly(1, 2, 3, 4);
      assertThat(hub.calls("flaky"))
          .extracting(ActivityCall::idempotencyKey)
          .containsOnly(hub.calls("flaky").getFirst().idempotencyKey());
      hub.assertHistory("instance-1").called("flaky", 1).tried("flaky", 4).timersFired(3);
    }
  }

  @Test
  void requestsAreAnsweredByTheTest() {
    AtomicInteger requests = new AtomicInteger();
    URI address = URI.create("https://example.org/rates");
    try (TestHub hub =
            TestHub.builder()
                .replaceHttp(
                    request ->
                        requests.incrementAndGet() < 3
                            ? new DurableHttpResponse(503, Map.of(), "busy")
                            : new DurableHttpResponse(200, Map.of(), request.uri().getPath()))
                .orchestrator(
                    "ask",
                    ctx ->
                        ctx.callHttp(
                                DurableHttpRequest.get(address)
                                    .withRetry(RetryPolicy.of(5, Duration.ofHours(1))))
                            .await()
                            .body())
                .orchestrator(
                    "askOnce",
                    ctx -> ctx.callHttp(DurableHttpRequest.get(address)).await().statusCode())
                .open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      assertThat(hub.run("askOnce", null, Integer.class)).isEqualTo(503);
      assertThat(hub.run("ask", null, String.class)).isEqualTo("/rates");
      assertThat(hub.calls("perdure.http")).hasSize(3);
      assertThat(hub.calls("perdure.http").getLast().input(DurableHttpRequest.class).uri())
          .isEqualTo(address);
    }
  }

  // ---- entities ---------------------------------------------------------------------------------

  @Test
  void aCriticalSectionHoldsOtherOperationsBack() {
    EntityId counter = EntityId.of("counter", "a");
    try (TestHub hub =
            TestHub.builder()
                .entity(
                    "counter",
                    EntityOperations.of(Integer.class, () -> 0)
                        .operation("add", Integer.class, (value, n) -> value + n))
                .orchestrator(
                    "slowly",
                    ctx -> {
                      try (var section = ctx.lockEntities(counter).await()) {
                        ctx.callEntity(counter, "add", 1, Integer.class).await();
                        ctx.createTimer(Duration.ofDays(1)).await();
                        return ctx.callEntity(counter, "add", 1, Integer.class).await();
                      }
                    })
                .open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      String id = hub.client().startNew("slowly");
      hub.runUntilIdle();
      hub.client().signalEntity(counter, "add", 100);
      assertThat(hub.entityState(counter, Integer.class)).isEqualTo(1);
      assertThat(hub.output(id, Integer.class)).isEqualTo(2);
      assertThat(hub.entityState(counter, Integer.class)).isEqualTo(102);
      assertThat(hub.entityState(EntityId.of("counter", "other"), Integer.class)).isNull();
    }
  }

  // ---- what is wrong ----------------------------------------------------------------------------

  @Test
  void codeThatIsNotDeterministicIsFoundByAnyTestThatRunsIt() {
    try (TestHub hub =
            TestHub.builder()
                .activity("a", () -> 1)
                .activity("b", () -> 2)
                .orchestrator(
                    "dice",
                    ctx -> {
                      int sum = 0;
                      for (int i = 0; i < 40; i++) {
                        String one = ThreadLocalRandom.current().nextBoolean() ? "a" : "b";
                        sum += ctx.callActivity(one, null, Integer.class).await();
                      }
                      return sum;
                    })
                .open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      String id = hub.client().startNew("dice");
      assertThatThrownBy(() -> hub.await(id))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("NONDETERMINISM")
          .hasMessageContaining("the history holds call of activity")
          .hasMessageContaining("TestHubTest.java:");
      hub.checkNothingIsStuck(); // it has been noticed
    }
  }

  private static TestHub.Builder version(String activity) {
    return TestHub.builder()
        .activity("old", () -> "old")
        .activity("new", () -> "new")
        .orchestrator(
            "o",
            ctx -> {
              String first = ctx.callActivity(activity, null, String.class).await();
              ctx.waitForExternalEvent("go", String.class).await();
              return first;
            });
  }

  @Test
  void aRestartGoesOnWithTheProgramOfTheLastUpgrade() {
    try (TestHub hub = version("old").open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      hub.restart(version("new"));
      String id = hub.client().startNew("o");
      hub.runUntilIdle();
      hub.restart();
      hub.client().raiseEvent(id, "go");
      assertThat(hub.output(id, String.class)).isEqualTo("new");
    }
  }

  @Test
  void anUpgradeThatBreaksWhatIsUnderWayIsFound() {
    try (TestHub hub = version("old").open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      String id = hub.client().startNew("o");
      hub.runUntilIdle();
      hub.restart(version("new"));
      hub.client().raiseEvent(id, "go");
      assertThatThrownBy(hub::checkNothingIsStuck)
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("'instance-1' was set aside")
          .hasMessageContaining("call of activity 'old'")
          .hasMessageContaining("call of activity 'new'");
      assertThat(hub.problem(id).orElseThrow().kind()).isEqualTo(Problem.Kind.NONDETERMINISM);
      hub.checkNothingIsStuck(); // it has been noticed
      hub.restart(version("old"));
      assertThat(hub.output(id, String.class)).isEqualTo("old");
    }
  }

  @Test
  void callsOfAnActivityThatReturnsAValueHaveTheirInputs() {
    try (TestHub hub =
            TestHub.builder()
                .register(new Shop())
                .replaceActivity("charge", "P-1")
                .replaceActivity("ship", null)
                .open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      assertThat(hub.run("order", "tea", String.class)).isEqualTo("P-1");
      assertThat(hub.calls("charge").getFirst().input(String.class)).isEqualTo("tea");
    }
  }

  /** Whoever stands in for a server writes headers as they are usually written. */
  @Test
  void anAnswerIsPolledHoweverItsHeadersAreWritten() {
    AtomicInteger requests = new AtomicInteger();
    URI address = URI.create("http://example.com/jobs");
    try (TestHub hub =
            TestHub.builder()
                .replaceHttp(
                    request ->
                        requests.incrementAndGet() < 3
                            ? new DurableHttpResponse(
                                202, Map.of("Location", List.of("/jobs/1")), null)
                            : new DurableHttpResponse(200, Map.of(), "done"))
                .orchestrator(
                    "ask", ctx -> ctx.callHttp(DurableHttpRequest.get(address)).await().body())
                .open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      assertThat(hub.run("ask", null, String.class)).isEqualTo("done");
      assertThat(requests).hasValue(3);
    }
  }

  @Test
  void anErrorOfTheServerFailsARequestWithARetryPolicyAsInProduction() {
    URI address = URI.create("http://example.com/jobs?key=secret");
    try (TestHub hub =
            TestHub.builder()
                .replaceHttp(request -> new DurableHttpResponse(503, Map.of(), null))
                .orchestrator(
                    "ask",
                    ctx -> {
                      try {
                        return ctx.callHttp(
                                DurableHttpRequest.get(address)
                                    .withRetry(RetryPolicy.of(2, Duration.ofSeconds(1))))
                            .await()
                            .body();
                      } catch (TaskFailedException e) {
                        return e.getMessage() + e.isCausedBy(IOException.class);
                      }
                    })
                .open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      assertThat(hub.run("ask", null, String.class))
          .contains("PD-1019", "status 503", "http://example.com/jobs ", "false")
          .doesNotContain("secret");
    }
  }

  @Test
  void anOutputThatIsAFailureShowsItsStackTrace() {
    try (TestHub hub =
            TestHub.builder()
                .orchestrator(
                    "bad",
                    ctx -> {
                      throw new IllegalStateException("no luck");
                    })
                .open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      assertThatThrownBy(() -> hub.run("bad", null, String.class))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("is FAILED instead of COMPLETED")
          .hasMessageContaining("IllegalStateException: no luck")
          .hasMessageContaining("TestHubTest.java:");
      assertThat(hub.failure("instance-1").message()).isEqualTo("no luck");
      assertThatThrownBy(() -> hub.failure(hub.client().startNew("nothing")))
          .isInstanceOf(FunctionNotFoundException.class);
    }
  }

  // ---- hosts come and go ------------------------------------------------------------------------

  @Test
  void whatWasUnderWayGoesOnAfterACrash() {
    AtomicInteger keys = new AtomicInteger();
    try (TestHub hub =
            TestHub.builder()
                .activity(
                    "a", Void.class, (ActivityContext ctx, Void none) -> keys.incrementAndGet())
                .orchestrator(
                    "o",
                    ctx -> {
                      int before = ctx.callActivity("a", null, Integer.class).await();
                      ctx.waitForExternalEvent("go", String.class).await();
                      return before + ctx.callActivity("a", null, Integer.class).await();
                    })
                .open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      var client = hub.client();
      String id = client.startNew("o", null, StartOptions.id("one"));
      hub.runUntilIdle();
      hub.crash();
      client.raiseEvent(id, "go");
      hub.crash();
      int output = hub.output(id, Integer.class);
      int runs = hub.calls("a").size();
      assertThat(runs).isBetween(2, 3); // once more if it had run, and not on record, at the crash
      assertThat(output).isEqualTo(1 + runs);
      assertThat(client.status(id).orElseThrow().status()).isEqualTo(OrchestrationStatus.COMPLETED);
    }
  }

  @Test
  void aFailedAssertionAboutAHistoryShowsIt() {
    try (TestHub hub =
            TestHub.builder().register(new Shop()).replaceActivity("charge", "P-1").open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      String id = hub.client().startNew("order", "tea");
      hub.await(id);
      HistoryAssert history = hub.assertHistory(id);
      assertThatThrownBy(() -> history.called("ship", 2))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("expected 2 calls of activity 'ship', but there are 1")
          .hasMessageContaining("TaskScheduled")
          .hasMessageContaining("out of stock");
      assertThatThrownBy(() -> history.calledInOrder("ship", "charge"))
          .hasMessageContaining("'charge' is missing");
      for (Runnable wrong :
          List.<Runnable>of(
              history::failed,
              history::terminated,
              history::notEnded,
              () -> history.raised("x", 1),
              () -> history.timersFired(1),
              () -> history.startedChild("x", 1),
              () -> history.neverCalled("refund"))) {
        assertThatThrownBy(wrong::run).isInstanceOf(AssertionError.class);
      }
    }
  }
}
