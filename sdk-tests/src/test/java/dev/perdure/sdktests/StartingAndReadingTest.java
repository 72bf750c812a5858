package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.durabletask.NewOrchestrationInstanceOptions;
import com.microsoft.durabletask.OrchestrationMetadata;
import com.microsoft.durabletask.OrchestrationRuntimeStatus;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StartingAndReadingTest extends SdkTest {
  @Test
  void anEmptyOrchestratorCompletes() {
    worker(code -> code.orchestrator("empty", ctx -> {}));

    OrchestrationMetadata end = completed(start("empty"));

    assertThat(end.readOutputAs(String.class)).isNull();
    assertThat(end.getFailureDetails().getErrorType()).isEmpty();
    assertThat(end.isCompleted()).isTrue();
    assertThat(end.isRunning()).isFalse();
  }

  @Test
  void whatWasAskedForAndWhatCameOfItCanBeRead() {
    worker(
        code ->
            code.orchestrator(
                "greet", ctx -> ctx.complete("Hello, " + ctx.getInput(String.class))));
    Instant before = Instant.now();
    String id = startAs(unique("greeting"), "greet", "World");

    OrchestrationMetadata end = completed(id);

    assertThat(end.getInstanceId()).isEqualTo(id);
    assertThat(end.getName()).isEqualTo("greet");
    assertThat(end.readInputAs(String.class)).isEqualTo("World");
    assertThat(end.readOutputAs(String.class)).isEqualTo("Hello, World");
    assertThat(end.getCreatedAt())
        .isBetween(before.minusSeconds(1), Instant.now().plusSeconds(1))
        .isBeforeOrEqualTo(end.getLastUpdatedAt());
  }

  static Stream<Object> values() {
    return Stream.of(
        "null",
        "0",
        "false",
        "\"\"",
        "\"t\u00e4xt \u2026 \ud83d\ude00 \\\"quoted\\\"\\n\"",
        "-12.5",
        "[]",
        "[1,[2,{\"three\":null}]]",
        "{\"a\":{\"b\":[true]}}");
  }

  @ParameterizedTest
  @MethodSource("values")
  void valuesPassThroughChildrenAndActivitiesUnchanged(String json) {
    worker(
        code ->
            code.orchestrator(
                    "main",
                    ctx ->
                        ctx.complete(
                            ctx.callSubOrchestrator(
                                    "child", ctx.getInput(Object.class), Object.class)
                                .await()))
                .orchestrator(
                    "child",
                    ctx ->
                        ctx.complete(
                            ctx.callActivity("echo", ctx.getInput(Object.class), Object.class)
                                .await()))
                .activity("echo", ctx -> ctx.getInput(Object.class)));

    OrchestrationMetadata end = completed(start("main", Json.read(json)));

    assertThat(end.readOutputAs(Object.class)).isEqualTo(Json.read(json));
    assertThat(end.readInputAs(Object.class)).isEqualTo(Json.read(json));
  }

  @Test
  void largeValuesPassUnchanged() {
    String large = "0123456789abcdef".repeat(40_000);
    worker(
        code ->
            code.orchestrator(
                    "main",
                    ctx ->
                        ctx.complete(
                            ctx.callActivity("echo", ctx.getInput(String.class), String.class)
                                .await()))
                .activity("echo", ctx -> ctx.getInput(String.class)));

    assertThat(output(start("main", large), String.class)).isEqualTo(large);
  }

  @Test
  void inputAndOutputComeOnlyOnRequest() {
    worker(
        code ->
            code.orchestrator(
                "main",
                ctx -> {
                  ctx.setCustomStatus("well");
                  ctx.complete("out");
                }));
    String id = start("main", "in");
    completed(id);

    OrchestrationMetadata bare = client.getInstanceMetadata(id, false);

    assertThat(bare.getRuntimeStatus()).isEqualTo(OrchestrationRuntimeStatus.COMPLETED);
    assertThat(bare.getSerializedInput()).isNullOrEmpty();
    assertThat(bare.getSerializedOutput()).isNullOrEmpty();
    assertThat(bare.isCustomStatusFetched()).isFalse();
  }

  @Test
  void whatRunsHasNoOutput() {
    worker(code -> code.orchestrator("main", ctx -> ctx.waitForExternalEvent("go").await()));
    String id = start("main", "in");

    OrchestrationMetadata running = awaitStart(id);

    assertThat(running.getRuntimeStatus()).isEqualTo(OrchestrationRuntimeStatus.RUNNING);
    assertThat(running.isRunning()).isTrue();
    assertThat(running.readInputAs(String.class)).isEqualTo("in");
    assertThat(running.getSerializedOutput()).isNullOrEmpty();
    client.raiseEvent(id, "go");
    completed(id);
  }

  @Test
  void anUnknownIdIsNotFoundAndNoError() {
    assertThat(get(unique("nobody")).isInstanceFound()).isFalse();
  }

  @Test
  void idsAreKeptAsGivenAndOtherwiseMadeUp() {
    worker(code -> code.orchestrator("empty", ctx -> {}));
    String strange = "Gr\u00fc\u00dfe / an:#alle? " + UUID.randomUUID();

    assertThat(startAs(strange, "empty", null)).isEqualTo(strange);
    String first = start("empty");
    String second = start("empty");

    assertThat(completed(strange).getInstanceId()).isEqualTo(strange);
    assertThat(first).isNotBlank().isNotEqualTo(second);
    completed(first);
    completed(second);
  }

  @Test
  void aScheduledStartIsPendingUntilItsTime() throws Exception {
    worker(code -> code.orchestrator("now", ctx -> ctx.complete(ctx.getCurrentInstant())));

    Punctually.within(
        Duration.ofMillis(500),
        () -> {
          Instant time = Instant.now().plusMillis(1500);
          String id = startAt(time, "now");
          OrchestrationMetadata created = get(id);
          assertThat(created.getRuntimeStatus() == OrchestrationRuntimeStatus.PENDING)
              .isEqualTo(created.getLastUpdatedAt().isBefore(time));
          OrchestrationMetadata end = completed(id);
          assertThat(end.getCreatedAt()).isEqualTo(created.getCreatedAt()).isBefore(time);
          return Punctually.late(time, end.readOutputAs(Instant.class));
        });
  }

  @Test
  void aStartTimeThatHasPassedMeansNow() {
    worker(code -> code.orchestrator("now", ctx -> ctx.complete(ctx.getCurrentInstant())));
    Instant before = Instant.now();

    Instant ran = output(startAt(Instant.EPOCH, "now"), Instant.class);

    assertThat(ran).isBetween(before.minusMillis(1), Instant.now().plusMillis(1));
  }

  @Test
  void aVersionIsAccepted() {
    worker(code -> code.orchestrator("main", ctx -> ctx.complete("done")));

    String id =
        client.scheduleNewOrchestrationInstance(
            "main", new NewOrchestrationInstanceOptions().setVersion("1.2.3"));

    assertThat(output(id, String.class)).isEqualTo("done");
  }

  @Test
  void whatNoWorkerIsThereForIsPendingUntilOneConnects() throws Exception {
    String id = start("later");

    assertThatThrownBy(() -> client.waitForInstanceStart(id, Duration.ofMillis(300)))
        .isInstanceOf(java.util.concurrent.TimeoutException.class);
    assertThat(status(id)).isEqualTo(OrchestrationRuntimeStatus.PENDING);

    worker(code -> code.orchestrator("later", ctx -> ctx.complete("at last")));
    assertThat(output(id, String.class)).isEqualTo("at last");
  }

  @Test
  void anIdThatIsRunningIsRefused() {
    worker(code -> code.orchestrator("main", ctx -> ctx.waitForExternalEvent("go").await()));
    String id = startAs(unique("twice"), "main", "first");

    assertThat(codeOf(() -> startAs(id, "main", "second"))).isEqualTo(Status.Code.ALREADY_EXISTS);
    awaitStart(id);
    assertThat(codeOf(() -> startAs(id, "main", "third"))).isEqualTo(Status.Code.ALREADY_EXISTS);

    client.raiseEvent(id, "go");
    assertThat(completed(id).readInputAs(String.class)).isEqualTo("first");
  }

  @Test
  void anIdThatHasEndedIsReplaced() {
    worker(code -> code.orchestrator("main", ctx -> ctx.complete(ctx.getInput(int.class) + 1)));
    String id = startAs(unique("again"), "main", 10);
    assertThat(output(id, int.class)).isEqualTo(11);

    for (int i = 20; i < 25; i++) {
      startAs(id, "main", i);
      // What ended before must not be taken for what has just been started.
      assertThat(output(id, int.class)).isEqualTo(i + 1);
    }
  }

  @Test
  void ofManyWhoStartOneIdAtOnceOneSucceeds() throws Exception {
    worker(code -> code.orchestrator("main", ctx -> ctx.waitForExternalEvent("go").await()));
    String id = unique("race");
    CountDownLatch ready = new CountDownLatch(1);

    List<String> outcomes =
        Concurrently.run(
            8,
            i -> {
              ready.countDown();
              ready.await(10, TimeUnit.SECONDS);
              try {
                startAs(id, "main", i);
                return "started";
              } catch (io.grpc.StatusRuntimeException e) {
                return e.getStatus().getCode().toString();
              }
            });

    assertThat(outcomes).containsOnly("started", "ALREADY_EXISTS").containsOnlyOnce("started");
    client.raiseEvent(id, "go");
    completed(id);
  }

  @Test
  void mapsAndListsCanBeRead() {
    worker(
        code ->
            code.orchestrator(
                "main", ctx -> ctx.complete(Map.of("names", List.of("a", "b"), "count", 2))));

    Map<?, ?> output = output(start("main"), Map.class);

    assertThat(output.get("names")).isEqualTo(List.of("a", "b"));
    assertThat(output.get("count")).isEqualTo(2);
  }
}
