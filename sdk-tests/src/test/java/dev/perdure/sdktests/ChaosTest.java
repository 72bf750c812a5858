package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.durabletask.DurableTaskClient;
import com.microsoft.durabletask.OrchestrationMetadata;
import com.microsoft.durabletask.OrchestrationRuntimeStatus;
import com.microsoft.durabletask.OrchestrationStatusQuery;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Workers, servers and networks fail while orchestrations of every kind run; each of them ends once
 * and right.
 */
@TestMethodOrder(OrderAnnotation.class)
class ChaosTest extends SdkTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int INSTANCES = 60;

  @TempDir static Path directory;
  private static ServerProcess server;
  private static HalfOpen halfOpen;

  /** The beginning of the ids of this test. */
  private final String prefix = unique("chaos") + "/";

  @BeforeAll
  static void startServers() throws Exception {
    server = ServerProcess.start(directory.resolve("store"));
    halfOpen = new HalfOpen(directory.resolve("other"));
  }

  @AfterAll
  static void auditServers() throws Exception {
    halfOpen.close();
    server.close();
    server.audit();
  }

  @Override
  ServerProcess server() {
    return server;
  }

  @Test
  void workersThatVanish() throws Exception {
    startLoad(client);

    for (int done : List.of(10, 20, 30)) {
      SdkWorker one = worker(Workload::register);
      SdkWorker two = worker(Workload::register);
      awaitEnded(done);
      one.close();
      two.close();
    }
    worker(Workload::register);

    checkLoad(client);
  }

  @Test
  void workerProcessesThatAreKilled() throws Exception {
    startLoad(client);

    for (int done : List.of(10, 30)) {
      try (WorkerProcess one = WorkerProcess.start(port());
          WorkerProcess two = WorkerProcess.start(port())) {
        awaitEnded(done);
      }
    }
    worker(Workload::register);

    checkLoad(client);
  }

  @Test
  void aServerThatIsKilled() throws Exception {
    SdkWorker one = worker(Workload::register);
    SdkWorker two = worker(Workload::register);
    startLoad(client);

    for (int done : List.of(10, 30)) {
      awaitEnded(done);
      server.killAndRestart();
    }

    checkLoad(client);
    assertThat(one.isRunning() && two.isRunning()).isTrue();
  }

  @Test
  void aServerThatIsKilledWhileItIsAskedToStartThings() throws Exception {
    Thread killer =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    awaitStarted(INSTANCES / 2);
                    server.killAndRestart();
                  } catch (Exception e) {
                    throw new AssertionError(e);
                  }
                });

    startLoad(client);
    killer.join();
    worker(Workload::register);

    checkLoad(client);
  }

  @Test
  void connectionsThatAreCut() throws Exception {
    try (ChaosProxy proxy = ChaosProxy.inFrontOf(port())) {
      DurableTaskClient far = newClient(proxy.port());
      startLoad(far);
      try (SdkWorker one = SdkWorker.start(proxy.port(), Workload::register);
          SdkWorker two = SdkWorker.start(proxy.port(), Workload::register)) {
        for (int done : List.of(10, 30)) {
          awaitEnded(done);
          proxy.cut();
        }

        checkLoad(far);
        assertThat(one.isRunning() && two.isRunning()).isTrue();
        assertThat(proxy.accepted()).isGreaterThan(3);
      }
    }
  }

  @Test
  void aSlowNetwork() throws Exception {
    try (ChaosProxy proxy = ChaosProxy.inFrontOf(port())) {
      proxy.delay(Duration.ofMillis(3));
      DurableTaskClient far = newClient(proxy.port());
      try (SdkWorker one = SdkWorker.start(proxy.port(), Workload::register);
          SdkWorker two = SdkWorker.start(proxy.port(), Workload::register)) {
        startLoad(far);
        checkLoad(far);
        assertThat(one.isRunning() && two.isRunning()).isTrue();
      }
    }
  }

  /** It has begun with the first test, because it takes a server a while to find out. */
  @Test
  @Order(Integer.MAX_VALUE)
  void aWorkerBehindAHalfOpenConnection() throws Exception {
    halfOpen.check();
  }

  private String id(int i) {
    return prefix + i;
  }

  private static String kind(int i) {
    return Workload.KINDS.get(i % Workload.KINDS.size());
  }

  private void startLoad(DurableTaskClient from) throws Exception {
    for (int i = 0; i < INSTANCES; i++) {
      Patiently.start(from, PATIENCE, kind(i), i, id(i));
    }
  }

  private void awaitEnded(int count) {
    await(
        count + " instances that have ended",
        PATIENCE,
        () -> count(OrchestrationRuntimeStatus.COMPLETED) >= count);
  }

  private void awaitStarted(int count) {
    await(
        count + " instances that have started",
        PATIENCE,
        () -> count(OrchestrationRuntimeStatus.PENDING) >= count);
  }

  private int count(OrchestrationRuntimeStatus status) {
    try {
      return Patiently.call(
          PATIENCE,
          () ->
              client
                  .queryInstances(
                      new OrchestrationStatusQuery()
                          .setInstanceIdPrefix(prefix)
                          .setRuntimeStatusList(List.of(status)))
                  .getOrchestrationState()
                  .size());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void checkLoad(DurableTaskClient from) throws Exception {
    List<String> left = new ArrayList<>();
    for (int i = 0; i < INSTANCES; i++) {
      Workload.check(Patiently.end(from, PATIENCE, id(i)), kind(i), i);
    }
    for (OrchestrationMetadata each :
        client
            .queryInstances(
                new OrchestrationStatusQuery()
                    .setRuntimeStatusList(
                        List.of(
                            OrchestrationRuntimeStatus.RUNNING,
                            OrchestrationRuntimeStatus.PENDING,
                            OrchestrationRuntimeStatus.SUSPENDED)))
            .getOrchestrationState()) {
      left.add(each.getName() + " " + each.getInstanceId());
    }
    assertThat(left).as("what has not ended though everything has that was started").isEmpty();
  }
}
