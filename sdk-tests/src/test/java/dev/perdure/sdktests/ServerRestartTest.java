package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.durabletask.OrchestrationMetadata;
import com.microsoft.durabletask.OrchestrationRuntimeStatus;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that ends, gently or not, and comes back. */
class ServerRestartTest extends SdkTest {
  private static final Consumer<Code> CODE =
      code ->
          code.orchestrator("empty", ctx -> {})
              .orchestrator(
                  "wait", ctx -> ctx.complete(ctx.waitForExternalEvent("go", String.class).await()))
              .orchestrator(
                  "sleep",
                  ctx -> {
                    ctx.createTimer(Duration.ofMillis(ctx.getInput(int.class))).await();
                    ctx.complete("awake");
                  })
              .orchestrator(
                  "twoSteps",
                  ctx -> {
                    ctx.setCustomStatus("waiting");
                    int before = ctx.callActivity("plusOne", 1, int.class).await();
                    ctx.waitForExternalEvent("go").await();
                    ctx.complete(ctx.callActivity("plusOne", before, int.class).await());
                  })
              .activity("plusOne", ctx -> ctx.getInput(int.class) + 1);

  @TempDir static Path directory;
  private static ServerProcess server;

  @BeforeAll
  static void startServer() throws Exception {
    server = ServerProcess.start(directory.resolve("store"));
  }

  @AfterAll
  static void auditServer() throws Exception {
    server.close();
    server.audit();
  }

  @Override
  ServerProcess server() {
    return server;
  }

  @Test
  void everythingThatWaitsIsStillThereAfterAKill() throws Exception {
    final String asleep;
    final String buffered;
    final String suspended;
    final String halfDone;
    final String scheduled;
    final String pending;
    final String ended;
    Instant startTime = Instant.now().plusSeconds(3);
    try (SdkWorker worker = SdkWorker.start(port(), CODE)) {
      asleep = start("sleep", 3000);
      buffered = start("wait");
      suspended = start("wait");
      halfDone = start("twoSteps");
      scheduled = startAt(startTime, "empty");
      ended = start("empty");
      for (String id : List.of(asleep, buffered, suspended)) {
        awaitStart(id);
      }
      await(
          "the first step", () -> "waiting".equals(get(halfDone).readCustomStatusAs(String.class)));
      completed(ended);
      assertThat(worker.isRunning()).isTrue();
    }
    pending = start("wait");
    client.raiseEvent(buffered, "go", "kept");
    client.suspendInstance(suspended);
    client.raiseEvent(suspended, "go", "kept, too");
    OrchestrationMetadata asItWas = get(asleep);

    server.killAndRestart();
    client = newClient();

    assertThat(get(ended).getRuntimeStatus()).isEqualTo(OrchestrationRuntimeStatus.COMPLETED);
    assertThat(status(pending)).isEqualTo(OrchestrationRuntimeStatus.PENDING);
    assertThat(status(suspended)).isEqualTo(OrchestrationRuntimeStatus.SUSPENDED);
    assertThat(get(asleep).getCreatedAt()).isEqualTo(asItWas.getCreatedAt());
    assertThat(get(asleep).readInputAs(int.class)).isEqualTo(3000);
    worker(CODE);
    assertThat(output(buffered, String.class)).isEqualTo("kept");
    client.raiseEvent(halfDone, "go");
    assertThat(output(halfDone, int.class)).isEqualTo(3);
    client.raiseEvent(pending, "go", "late");
    assertThat(output(pending, String.class)).isEqualTo("late");
    client.resumeInstance(suspended);
    assertThat(output(suspended, String.class)).isEqualTo("kept, too");
    assertThat(output(asleep, String.class)).isEqualTo("awake");
    assertThat(completed(scheduled).getLastUpdatedAt()).isAfter(startTime);
  }

  @Test
  void aWorkerComesBackByItself() throws Exception {
    SdkWorker worker = worker(CODE);
    String id = start("wait");
    awaitStart(id);

    server.killAndRestart();
    client = newClient();

    client.raiseEvent(id, "go", "again");
    assertThat(output(id, String.class)).isEqualTo("again");
    assertThat(worker.isRunning()).isTrue();
  }

  @Test
  void aWorkerMayBeThereBeforeTheServer() throws Exception {
    String id = start("empty");
    server.kill();
    worker(CODE);
    Thread.sleep(200); // the worker's first attempt fails

    server.restart();
    client = newClient();

    completed(id);
  }

  @Test
  void aClientThatWaitsIsToldAndAsksAgain() throws Exception {
    String id = start("wait");
    CompletableFuture<Object> interrupted = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                interrupted.complete(client.waitForInstanceCompletion(id, PATIENCE, true));
              } catch (StatusRuntimeException e) {
                interrupted.complete(e.getStatus().getCode());
              } catch (Exception e) {
                interrupted.completeExceptionally(e);
              }
            });
    Thread.sleep(200); // it waits

    server.kill();

    assertThat(interrupted.get(10, TimeUnit.SECONDS)).isEqualTo(Status.Code.UNAVAILABLE);
    server.restart();
    worker(CODE);
    Patiently.call(
        PATIENCE,
        () -> {
          client.raiseEvent(id, "go", "here");
          return null;
        });
    assertThat(Patiently.end(client, PATIENCE, id).readOutputAs(String.class)).isEqualTo("here");
  }

  @Test
  void aServerThatIsAskedToEndDoesSoAtOnce() throws Exception {
    worker(CODE);
    String id = start("wait");
    awaitStart(id);
    long before = System.nanoTime();

    int exitCode = server.stop();

    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
    assertThat(exitCode).isIn(0, 143);
    server.restart();
    client = newClient();
    client.raiseEvent(id, "go", "again");
    assertThat(output(id, String.class)).isEqualTo("again");
  }

  @Test
  void aTaskHubCanBeCreatedAndEmptied() {
    SdkWorker worker = worker(CODE);
    String id = start("empty");
    completed(id);

    client.createTaskHub(false);
    assertThat(get(id).isInstanceFound()).isTrue();
    client.createTaskHub(true);
    assertThat(get(id).isInstanceFound()).isFalse();

    id = start("empty");
    completed(id);
    client.deleteTaskHub();
    client.createTaskHub(false);
    assertThat(get(id).isInstanceFound()).isFalse();
    completed(start("empty"));
    assertThat(worker.isRunning()).isTrue();
  }
}
