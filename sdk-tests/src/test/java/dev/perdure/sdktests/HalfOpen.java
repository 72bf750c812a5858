package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.durabletask.DurableTaskClient;
import com.microsoft.durabletask.DurableTaskGrpcClientBuilder;
import com.microsoft.durabletask.OrchestrationMetadata;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * The worst that can happen to a connection: both sides believe in it, and nothing gets through.
 * The server has to find out by itself, and to give to others what it had sent that way.
 */
final class HalfOpen implements AutoCloseable {
  /** Twice what the server takes to notice. */
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private final CountDownLatch taken = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicInteger executions = new AtomicInteger();
  private final ServerProcess server;
  private final ChaosProxy proxy;
  private final SdkWorker lost;
  private final SdkWorker other;
  private final DurableTaskClient client;
  private final String id;

  /** A worker takes an activity, and its connection freezes; another is there. */
  HalfOpen(Path store) throws Exception {
    server = ServerProcess.start(store);
    proxy = ChaosProxy.inFrontOf(server.port());
    client = new DurableTaskGrpcClientBuilder().port(server.port()).build();
    lost =
        worker(
            proxy.port(),
            () -> {
              taken.countDown();
              awaitRelease();
              return "from the lost worker";
            });
    id = client.scheduleNewOrchestrationInstance("main");
    assertThat(taken.await(30, TimeUnit.SECONDS)).isTrue();
    proxy.freeze();
    other = worker(server.port(), () -> "from the other worker");
  }

  private SdkWorker worker(int port, Supplier<String> work) {
    return SdkWorker.start(
        port,
        code ->
            code.orchestrator(
                    "main", ctx -> ctx.complete(ctx.callActivity("work", String.class).await()))
                .activity(
                    "work",
                    ctx -> {
                      executions.incrementAndGet();
                      return work.get();
                    }));
  }

  void check() throws Exception {
    OrchestrationMetadata end = client.waitForInstanceCompletion(id, PATIENCE, true);
    assertThat(end.readOutputAs(String.class)).isEqualTo("from the other worker");
    assertThat(executions).hasValue(2);

    // The lost one finishes at last, and its answer comes through: it is too late.
    release.countDown();
    proxy.thaw();
    String next = client.scheduleNewOrchestrationInstance("main");
    client.waitForInstanceCompletion(next, PATIENCE, true);
    OrchestrationMetadata after = client.getInstanceMetadata(id, true);
    assertThat(after.readOutputAs(String.class)).isEqualTo("from the other worker");
    assertThat(after.getLastUpdatedAt()).isEqualTo(end.getLastUpdatedAt());
    assertThat(lost.isRunning() && other.isRunning()).isTrue();
  }

  private void awaitRelease() {
    try {
      release.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws Exception {
    lost.close();
    other.close();
    client.close();
    proxy.close();
    server.close();
    server.audit();
  }
}
