package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.DataConversionException;
import dev.perdure.api.EntityId;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.FunctionNotFoundException;
import dev.perdure.api.HubBusyException;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.InstanceAlreadyExistsException;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InvalidInstanceIdException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PayloadTooLargeException;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import dev.perdure.api.StartOptions.IdReusePolicy;
import dev.perdure.api.StartOptions.IdReusePolicy.Otherwise;
import dev.perdure.api.TaskOptions;
import dev.perdure.api.WaitTimeoutException;
import dev.perdure.engine.EngineOptions.Limits;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartingTest extends Scenarios {

  /** "wait" ends with an event, "echo" at once, "fail" too. */
  private TestHub standardHub() {
    return hub(
        f ->
            f.orchestrator(
                    "wait",
                    String.class,
                    (ctx, input) -> ctx.waitForExternalEvent("go", String.class).await() + input)
                .orchestrator("echo", String.class, (ctx, input) -> input)
                .orchestrator(
                    "fail",
                    ctx -> {
                      throw new IllegalStateException("on purpose");
                    }));
  }

  private static StartOptions as(String id, IdReusePolicy policy) {
    return StartOptions.id(id).withIdReuse(policy);
  }

  @Test
  void idsThatNobodyChoseAreAllDifferent() {
    TestHub hub = standardHub();
    Set<String> ids = new HashSet<>();

    for (int i = 0; i < 100; i++) {
      ids.add(hub.client().startNew("echo"));
    }

    assertThat(ids).hasSize(100);
  }

  @Test
  void theStatusTellsEverythingThatIsKnown() {
    TestHub hub = standardHub();
    String id =
        hub.start("wait", "input", StartOptions.id("my id").withTags(Map.of("a", "1", "b", "2")));
    hub.advance(Duration.ofSeconds(5));
    hub.client().raiseEvent(id, "go", "out");
    hub.end(id);

    OrchestrationMetadata status = hub.status(id);

    assertThat(status.instanceId()).isEqualTo("my id");
    assertThat(status.name()).isEqualTo("wait");
    assertThat(status.version()).isEmpty();
    assertThat(status.status()).isEqualTo(OrchestrationStatus.COMPLETED);
    assertThat(status.isTerminal()).isTrue();
    assertThat(status.createdAt()).isEqualTo(TestHub.NOON);
    assertThat(status.lastUpdatedAt()).isEqualTo(TestHub.NOON.plusSeconds(5));
    assertThat(status.completedAt()).isEqualTo(TestHub.NOON.plusSeconds(5));
    assertThat(status.tags()).containsOnly(Map.entry("a", "1"), Map.entry("b", "2"));
    assertThat(status.input(String.class)).isEqualTo("input");
    assertThat(status.output(String.class)).isEqualTo("outinput");
    assertThat(status.failureDetails()).isEmpty();
    assertThat(status.toString()).contains("my id", "COMPLETED").doesNotContain("outinput");
  }

  @Test
  void theStatusMayBeHadWithoutPayloads() {
    TestHub hub = standardHub();
    String id = hub.client().startNew("echo", "large");
    hub.end(id);

    OrchestrationMetadata status = hub.client().status(id, false).orElseThrow();

    assertThat(status.serializedInput()).isNull();
    assertThat(status.serializedOutput()).isNull();
    assertThat(status.output(String.class)).isNull();
    assertThat(status.status()).isEqualTo(OrchestrationStatus.COMPLETED);
  }

  @Test
  void whatDoesNotExistHasNoStatus() {
    TestHub hub = standardHub();

    assertThat(hub.client().status("nobody")).isEmpty();
    assertThatThrownBy(() -> hub.client().waitForCompletion("nobody", TestHub.PATIENCE))
        .isInstanceOf(InstanceNotFoundException.class)
        .hasMessageContaining("nobody");
    assertThatThrownBy(() -> hub.client().waitForStart("nobody", TestHub.PATIENCE))
        .isInstanceOf(InstanceNotFoundException.class);
    assertThatThrownBy(() -> hub.client().history("nobody"))
        .isInstanceOf(InstanceNotFoundException.class);
    assertThatThrownBy(() -> hub.client().explain("nobody"))
        .isInstanceOf(InstanceNotFoundException.class);
  }

  // ---- ids in use -----------------------------------------------------------------------------

  @Test
  void byDefaultAnEndedInstanceIsReplacedAndARunningOneIsNot() {
    TestHub hub = standardHub();
    hub.start("wait", "x", StartOptions.id("id"));

    assertThatThrownBy(() -> hub.client().startNew("echo", "y", StartOptions.id("id")))
        .isInstanceOf(InstanceAlreadyExistsException.class)
        .hasMessageContaining("'id'")
        .hasMessageContaining("RUNNING");
    hub.client().raiseEvent("id", "go", "");
    String first = hub.end("id").executionId();
    hub.client().startNew("echo", "y", StartOptions.id("id"));

    assertThat(hub.output("id", String.class)).isEqualTo("y");
    assertThat(hub.status("id").executionId()).isNotEqualTo(first);
  }

  @Test
  void errorRefusesWhateverTheStatus() {
    TestHub hub = standardHub();
    hub.end(hub.client().startNew("echo", "x", StartOptions.id("id")));

    assertThatThrownBy(() -> hub.client().startNew("echo", "y", as("id", IdReusePolicy.ERROR)))
        .isInstanceOf(InstanceAlreadyExistsException.class);
    assertThat(hub.output("id", String.class)).isEqualTo("x");
  }

  @Test
  void ignoreLeavesWhatIsThere() {
    TestHub hub = standardHub();
    hub.start("wait", "x", StartOptions.id("running"));
    hub.end(hub.client().startNew("echo", "x", StartOptions.id("ended")));

    for (String id : List.of("running", "ended")) {
      assertThat(hub.client().startNew("echo", "y", as(id, IdReusePolicy.IGNORE))).isEqualTo(id);
    }

    assertThat(hub.status("running").status()).isEqualTo(OrchestrationStatus.RUNNING);
    assertThat(hub.output("ended", String.class)).isEqualTo("x");
    hub.client().startNew("echo", "y", as("fresh", IdReusePolicy.IGNORE));
    assertThat(hub.output("fresh", String.class)).isEqualTo("y");
  }

  @Test
  void replaceTakesTheIdOfARunningInstance() {
    TestHub hub = standardHub();
    hub.start("wait", "x", StartOptions.id("id").withTags(Map.of("old", "1")));
    hub.client().raiseEvent("id", "left over", "old");

    hub.client().startNew("wait", "y", as("id", IdReusePolicy.REPLACE));
    hub.client().waitForStart("id", TestHub.PATIENCE);
    hub.client().raiseEvent("id", "go", "new ");

    assertThat(hub.output("id", String.class)).isEqualTo("new y");
    assertThat(hub.status("id").tags()).isEmpty();
  }

  @Test
  void replaceTerminatesSubOrchestrationsSoThatTheirIdsAreFree() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator("child", ctx -> ctx.waitForExternalEvent("go", String.class).await())
                    .orchestrator(
                        "parent",
                        ctx ->
                            ctx.callSubOrchestrator(
                                    "child",
                                    null,
                                    TaskOptions.NONE.withInstanceId("child"),
                                    String.class)
                                .await()));
    hub.start("parent", null, StartOptions.id("id"));
    String first = hub.client().waitForStart("child", TestHub.PATIENCE).executionId();

    hub.client().startNew("parent", null, as("id", IdReusePolicy.REPLACE));
    hub.until(
        "another child has begun",
        () ->
            hub.client()
                .status("child")
                .filter(child -> !child.executionId().equals(first))
                .isPresent());
    hub.client().raiseEvent("child", "go", "done");

    assertThat(hub.output("id", String.class)).isEqualTo("done");
  }

  @Test
  void whoWaitsForAReplacedInstanceIsToldThatItWasTerminated() throws Exception {
    TestHub hub = standardHub();
    hub.start("wait", "x", StartOptions.id("id"));
    CompletableFuture<OrchestrationMetadata> waiting =
        CompletableFuture.supplyAsync(() -> hub.end("id"));
    hub.until(
        "it is replaced while somebody waits",
        () -> {
          hub.client().startNew("wait", "y", as("id", IdReusePolicy.REPLACE));
          return waiting.isDone();
        });

    assertThat(waiting.get().status()).isEqualTo(OrchestrationStatus.TERMINATED);
  }

  @Test
  void thePolicyMayDependOnTheStatus() {
    TestHub hub = standardHub();
    IdReusePolicy failedOnly =
        new IdReusePolicy(Set.of(OrchestrationStatus.FAILED), Otherwise.IGNORE);
    hub.end(hub.client().startNew("fail", null, StartOptions.id("failed")));
    hub.end(hub.client().startNew("echo", "x", StartOptions.id("completed")));

    hub.client().startNew("echo", "again", as("failed", failedOnly));
    hub.client().startNew("echo", "again", as("completed", failedOnly));

    assertThat(hub.output("failed", String.class)).isEqualTo("again");
    assertThat(hub.output("completed", String.class)).isEqualTo("x");
  }

  // ---- later ----------------------------------------------------------------------------------

  @Test
  void aScheduledStartIsPendingUntilItsTime() {
    TestHub hub = standardHub();
    Instant at = TestHub.NOON.plus(Duration.ofDays(400));
    String id = hub.client().startNew("echo", "x", StartOptions.DEFAULT.withScheduledStart(at));

    assertThat(hub.status(id).status()).isEqualTo(OrchestrationStatus.PENDING);
    assertThat(hub.status(id).scheduledStart()).isEqualTo(at);
    hub.advance(Duration.ofDays(400).minusMillis(1));
    assertThat(hub.status(id).status()).isEqualTo(OrchestrationStatus.PENDING);
    hub.advance(Duration.ofMillis(1));

    assertThat(hub.output(id, String.class)).isEqualTo("x");
  }

  @Test
  void aScheduledStartInThePastIsAtOnce() {
    TestHub hub = standardHub();

    String id =
        hub.client()
            .startNew(
                "echo", "x", StartOptions.DEFAULT.withScheduledStart(TestHub.NOON.minusSeconds(9)));

    assertThat(hub.output(id, String.class)).isEqualTo("x");
  }

  @Test
  void aScheduledStartMayBeTerminatedBeforehand() {
    TestHub hub = standardHub();
    String id =
        hub.client()
            .startNew(
                "echo", "x", StartOptions.DEFAULT.withScheduledStart(TestHub.NOON.plusSeconds(9)));

    hub.client().terminate(id, "no need");
    hub.advance(Duration.ofSeconds(10));

    assertThat(hub.end(id).output(String.class)).isEqualTo("no need");
    assertThat(hub.status(id).status()).isEqualTo(OrchestrationStatus.TERMINATED);
  }

  @Test
  void aScheduledStartOutsideOfAllReasonIsRefused() {
    TestHub hub = standardHub();

    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                hub.client()
                    .startNew("echo", "x", StartOptions.id("far").withScheduledStart(Instant.MAX)))
        .withMessageContaining("scheduled start");
    assertThat(hub.client().status("far")).isEmpty();
    String past =
        hub.client().startNew("echo", "x", StartOptions.DEFAULT.withScheduledStart(Instant.MIN));
    assertThat(hub.output(past, String.class)).isEqualTo("x");
  }

  // ---- waiting --------------------------------------------------------------------------------

  @Test
  void waitingEndsWithAnErrorWhenTheTimeIsOver() {
    TestHub hub = standardHub();
    String id = hub.start("wait", "x");
    String later =
        hub.client()
            .startNew(
                "echo", "x", StartOptions.DEFAULT.withScheduledStart(TestHub.NOON.plusSeconds(9)));

    for (Duration timeout : List.of(Duration.ofMillis(5), Duration.ZERO, Duration.ofSeconds(-1))) {
      assertThatThrownBy(() -> hub.client().waitForCompletion(id, timeout))
          .isInstanceOf(WaitTimeoutException.class)
          .hasMessageContaining(id)
          .hasMessageContaining("ended");
      assertThatThrownBy(() -> hub.client().waitForStart(later, timeout))
          .isInstanceOf(WaitTimeoutException.class)
          .hasMessageContaining("begun");
    }
    hub.client().raiseEvent(id, "go", "");
    assertThat(hub.output(id, String.class)).isEqualTo("x"); // and the wait did no harm
  }

  @Test
  void waitingForWhatHasHappenedReturnsAtOnce() {
    TestHub hub = standardHub();
    String id = hub.client().startNew("echo", "x");
    hub.end(id);

    assertThat(hub.client().waitForStart(id, Duration.ofDays(365_000_000)).output(String.class))
        .isEqualTo("x");
    assertThat(hub.end(id).output(String.class)).isEqualTo("x");
    for (int i = 0; i < 1_000; i++) { // it would be seen by luck, mostly
      assertThat(hub.client().waitForCompletion(id, Duration.ZERO).output(String.class))
          .isEqualTo("x");
      assertThat(hub.client().waitForStart(id, Duration.ofSeconds(-1)).instanceId()).isEqualTo(id);
    }
    assertThatThrownBy(() -> hub.client().waitForCompletion("nobody", Duration.ZERO))
        .isInstanceOf(InstanceNotFoundException.class);
  }

  @Test
  void manyMayWaitForOne() {
    TestHub hub = standardHub();
    String id = hub.start("wait", "x");
    List<CompletableFuture<String>> waiting =
        java.util.stream.Stream.generate(
                () -> CompletableFuture.supplyAsync(() -> hub.output(id, String.class)))
            .limit(20)
            .toList();

    hub.client().raiseEvent(id, "go", "");

    assertThat(waiting).extracting(CompletableFuture::join).containsOnly("x");
  }

  @Test
  void whoeverWaitsWhenTheHubClosesIsTold() throws Exception {
    TestHub hub = standardHub();
    String id = hub.start("wait", "x");
    CompletableFuture<Object> waiting =
        CompletableFuture.supplyAsync(() -> hub.client().waitForCompletion(id, Duration.ofDays(1)));
    hub.status(id); // by now the wait is under way, or will be refused

    hub.close();

    assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(HubClosedException.class);
  }

  @Test
  void aClosedHubSaysSo() {
    TestHub hub = standardHub();
    hub.close();

    assertThatThrownBy(() -> hub.client().startNew("echo")).isInstanceOf(HubClosedException.class);
    assertThatThrownBy(() -> hub.client().status("x")).isInstanceOf(HubClosedException.class);
    assertThatThrownBy(() -> hub.client().query(dev.perdure.api.InstanceQuery.ALL))
        .isInstanceOf(HubClosedException.class);
  }

  // ---- bad input ------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\t", "a\u0000b", "a\nb", "half\ud83d", "@counter"})
  void idsThatCannotBeOneAreRefusedEverywhere(String id) {
    TestHub hub = standardHub();
    List<Runnable> uses =
        List.of(
            () -> hub.client().startNew("echo", "x", StartOptions.id(id)),
            () -> hub.client().status(id),
            () -> hub.client().waitForStart(id, TestHub.PATIENCE),
            () -> hub.client().waitForCompletion(id, TestHub.PATIENCE),
            () -> hub.client().raiseEvent(id, "e"),
            () -> hub.client().suspend(id, null),
            () -> hub.client().resume(id, null),
            () -> hub.client().terminate(id, null),
            () -> hub.client().rewind(id, null),
            () -> hub.client().restart(id, true),
            () -> hub.client().requeue(id, null),
            () -> hub.client().purge(id),
            () -> hub.client().purge(id, true),
            () -> hub.client().history(id),
            () -> hub.client().explain(id));

    for (Runnable use : uses) {
      assertThatThrownBy(use::run).isInstanceOf(InvalidInstanceIdException.class);
    }
  }

  @Test
  void longIdsAndNullAreRefusedAndTheLongestIsNot() {
    TestHub hub = standardHub();

    assertThatThrownBy(() -> hub.client().startNew("echo", "x", StartOptions.id("x".repeat(257))))
        .isInstanceOf(InvalidInstanceIdException.class)
        .hasMessageContaining("257")
        .hasMessageContaining("256");
    assertThatThrownBy(() -> hub.client().status(null))
        .isInstanceOf(InvalidInstanceIdException.class);
    String longest = "\u00e4".repeat(256);
    hub.client().startNew("echo", "x", StartOptions.id(longest));
    assertThat(hub.output(longest, String.class)).isEqualTo("x");
  }

  @Test
  void anUnknownFunctionIsRefusedWithTheNamesThatMayHaveBeenMeant() {
    TestHub hub = standardHub();

    assertThatThrownBy(() -> hub.client().startNew("ecko"))
        .isInstanceOf(FunctionNotFoundException.class)
        .hasMessageContaining("ecko")
        .hasMessageContaining("'echo'");
    assertThatNullPointerException()
        .isThrownBy(() -> hub.client().startNew((String) null))
        .withMessageContaining("name is null");
  }

  @Test
  void inputThatCannotBeWrittenOrIsTooLargeIsRefusedAndNothingStarts() {
    TestHub hub =
        hub(
            options -> options.withLimits(Limits.DEFAULTS.withPayloadBytesMax(1024)),
            f ->
                f.orchestrator("wait", ctx -> ctx.waitForExternalEvent("e", String.class).await()));
    String id = hub.start("wait");

    assertThatThrownBy(
            () ->
                hub.client().startNew("wait", new FailuresTest.Unwritable(), StartOptions.id("a")))
        .isInstanceOf(DataConversionException.class);
    assertThatThrownBy(() -> hub.client().startNew("wait", "x".repeat(2000), StartOptions.id("a")))
        .isInstanceOf(PayloadTooLargeException.class)
        .hasMessageContaining("'a'")
        .hasMessageContaining("2002")
        .hasMessageContaining("1024");
    assertThatThrownBy(() -> hub.client().raiseEvent(id, "e", "x".repeat(2000)))
        .isInstanceOf(PayloadTooLargeException.class)
        .hasMessageContaining("event 'e'");
    String reason = "x".repeat(2000);
    assertThatThrownBy(() -> hub.client().terminate(id, reason))
        .isInstanceOf(PayloadTooLargeException.class);
    assertThatThrownBy(() -> hub.client().suspend(id, reason))
        .isInstanceOf(PayloadTooLargeException.class)
        .hasMessageContaining("reason");
    assertThatThrownBy(() -> hub.client().resume(id, reason))
        .isInstanceOf(PayloadTooLargeException.class);
    assertThatThrownBy(() -> hub.client().rewind(id, reason))
        .isInstanceOf(PayloadTooLargeException.class);
    assertThatThrownBy(() -> hub.client().requeue(id, reason))
        .isInstanceOf(PayloadTooLargeException.class);

    assertThat(hub.client().status("a")).isEmpty();
    assertThat(hub.status(id).status()).isEqualTo(OrchestrationStatus.RUNNING);
  }

  /** The row of an instance has them, and every list that the instance is in. */
  @Test
  void tagsAndVersionsThatAreTooLongAreRefusedAndNothingStarts() {
    Map<String, String> enough = Map.of("k", "x".repeat(StartSize.CHARS_MAX - "any".length() - 1));
    Map<String, String> tooMuch = Map.of("k", enough.get("k") + "x");
    TestHub hub =
        hub(
            f ->
                f.orchestrator("any", ctx -> "started")
                    .orchestrator(
                        "parent",
                        Boolean.class,
                        (ctx, much) ->
                            ctx.callSubOrchestrator(
                                    "any",
                                    null,
                                    TaskOptions.NONE.withTags(much ? tooMuch : enough),
                                    String.class)
                                .await())
                    .entity(
                        "starter",
                        ctx -> ctx.startNew("any", null, StartOptions.id("b").withTags(tooMuch)))
                    .orchestrator(
                        "caller",
                        ctx ->
                            ctx.callEntity(EntityId.of("starter", "a"), "go", null, String.class)
                                .await()));
    PerdureClient client = hub.client();

    assertThatThrownBy(() -> client.startNew("any", null, StartOptions.id("a").withTags(tooMuch)))
        .isInstanceOf(PayloadTooLargeException.class)
        .hasMessageContaining("'any'")
        .hasMessageContaining("32,769")
        .hasMessageContaining("32,768");
    FailureDetails ofChild = hub.failure(client.startNew("parent", true));
    FailureDetails ofEntity = hub.failure(client.startNew("caller"));

    assertThat(client.status("a")).isEmpty();
    assertThat(client.status("b")).isEmpty();
    assertThat(ofChild.isCausedBy(PayloadTooLargeException.class)).isTrue();
    assertThat(ofEntity.isCausedBy(PayloadTooLargeException.class)).isTrue();
    assertThat(
            hub.output(
                client.startNew("any", null, StartOptions.DEFAULT.withTags(enough)), String.class))
        .isEqualTo("started");
    assertThat(hub.output(client.startNew("parent", false), String.class)).isEqualTo("started");
  }

  @Test
  void aHubWithTooMuchUnfinishedWorkTakesNoMore() {
    TestHub hub =
        hub(
            options ->
                options.withLimits(
                    Limits.DEFAULTS.withUnfinishedInstancesMax(3, Duration.ofMillis(20))),
            f ->
                f.orchestrator("wait", ctx -> ctx.waitForExternalEvent("e", String.class).await()));
    List<String> ids = List.of(hub.start("wait"), hub.start("wait"), hub.start("wait"));

    assertThatThrownBy(() -> hub.client().startNew("wait"))
        .isInstanceOf(HubBusyException.class)
        .hasMessageContaining("unfinishedInstancesMax");
    hub.client().raiseEvent(ids.getFirst(), "e", "x");
    hub.end(ids.getFirst());

    hub.start("wait");
  }
}
