package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.microsoft.durabletask.DurableTaskClient;
import com.microsoft.durabletask.DurableTaskGrpcClientBuilder;
import com.microsoft.durabletask.NewOrchestrationInstanceOptions;
import com.microsoft.durabletask.OrchestrationMetadata;
import com.microsoft.durabletask.OrchestrationRuntimeStatus;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What a test with the Java SDK needs. Each test has its own client and its own workers, and leaves
 * no instance that has not ended: the next worker would be asked to go on with it.
 */
@ExtendWith(SharedServer.class)
abstract class SdkTest {
  /** How long anything may take that has nothing to wait for. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final List<AutoCloseable> open = new ArrayList<>();
  DurableTaskClient client;

  @BeforeEach
  void connect() {
    client = newClient();
  }

  @AfterEach
  void disconnect() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    server().auditWhileItRuns();
  }

  /** The server of this test. */
  ServerProcess server() {
    return SharedServer.server();
  }

  final int port() {
    return server().port();
  }

  DurableTaskClient newClient() {
    return newClient(port());
  }

  DurableTaskClient newClient(int port) {
    ManagedChannel channel =
        closing(
            ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build(),
            ManagedChannel::shutdownNow);
    return new DurableTaskGrpcClientBuilder().grpcChannel(channel).build();
  }

  /** Starts a worker, which ends with the test. */
  SdkWorker worker(Consumer<Code> code) {
    SdkWorker worker = SdkWorker.start(port(), code);
    open.add(worker);
    return worker;
  }

  /** Waits until so many workers are connected, no more and no fewer. */
  void awaitWorkers(int count) {
    await(
        count + " connected workers",
        () -> {
          try {
            return server().connectedWorkers() == count;
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }

  <T> T closing(T resource, Consumer<T> close) {
    open.add(() -> close.accept(resource));
    return resource;
  }

  String start(String orchestrator) {
    return client.scheduleNewOrchestrationInstance(orchestrator);
  }

  String start(String orchestrator, Object input) {
    return client.scheduleNewOrchestrationInstance(orchestrator, input);
  }

  String startAs(String id, String orchestrator, Object input) {
    return client.scheduleNewOrchestrationInstance(orchestrator, input, id);
  }

  String startAt(Instant time, String orchestrator) {
    return client.scheduleNewOrchestrationInstance(
        orchestrator, new NewOrchestrationInstanceOptions().setStartTime(time));
  }

  /** An id, or the beginning of ids, that nobody else has. */
  static String unique(String name) {
    return name + "-" + UUID.randomUUID();
  }

  OrchestrationMetadata get(String id) {
    return client.getInstanceMetadata(id, true);
  }

  /** Waits until it runs, and its first turn has been recorded. */
  OrchestrationMetadata awaitStart(String id) {
    try {
      return client.waitForInstanceStart(id, PATIENCE, true);
    } catch (TimeoutException e) {
      throw new AssertionError(id + " does not start", e);
    }
  }

  /** Waits until it ends, however it does. */
  OrchestrationMetadata end(String id) {
    try {
      return client.waitForInstanceCompletion(id, PATIENCE, true);
    } catch (TimeoutException e) {
      throw new AssertionError(id + " does not end: " + get(id), e);
    }
  }

  /** Waits until it ends well. */
  OrchestrationMetadata completed(String id) {
    OrchestrationMetadata end = end(id);
    assertThat(end.getRuntimeStatus())
        .as(
            "status of %s, which failed with %s",
            id, end.getFailureDetails() == null ? null : end.getFailureDetails().getErrorMessage())
        .isEqualTo(OrchestrationRuntimeStatus.COMPLETED);
    return end;
  }

  /** Waits until it ends well. */
  <T> T output(String id, Class<T> type) {
    return completed(id).readOutputAs(type);
  }

  /** Waits until it ends well, with a list. */
  List<Object> outputs(String id) {
    return Arrays.asList(output(id, Object[].class));
  }

  OrchestrationRuntimeStatus status(String id) {
    return client.getInstanceMetadata(id, false).getRuntimeStatus();
  }

  void awaitStatus(String id, OrchestrationRuntimeStatus status) {
    await("status " + status + " of " + id, () -> status(id) == status);
  }

  static void await(String what, BooleanSupplier condition) {
    await(what, PATIENCE, condition);
  }

  static void await(String what, Duration patience, BooleanSupplier condition) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("Waited %s in vain for: %s".formatted(patience, what));
      }
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        throw new AssertionError("Interrupted while waiting for: " + what, e);
      }
    }
  }

  /** With which code of gRPC a call is refused. */
  static Status.Code codeOf(ThrowingCallable call) {
    StatusRuntimeException refusal = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(refusal).as("the call was not refused").isNotNull();
    return refusal.getStatus().getCode();
  }
}
