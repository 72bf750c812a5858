package dev.perdure.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import dev.perdure.engine.Engine;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.grpc.protocol.CreateInstanceRequest;
import dev.perdure.grpc.protocol.GetInstanceRequest;
import dev.perdure.grpc.protocol.OrchestrationState;
import dev.perdure.grpc.protocol.RaiseEventRequest;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc.TaskHubSidecarServiceBlockingStub;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc.TaskHubSidecarServiceFutureStub;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc.TaskHubSidecarServiceStub;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.Store;
import dev.perdure.store.memory.MemoryStore;
import dev.perdure.testing.LivenessAudit;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** A server of one hub in memory, whose functions are in this process, and a client of it. */
final class ServerFixture implements AutoCloseable {
  /** How long a test waits for what should happen at once. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  static final GrpcServerOptions OPTIONS =
      GrpcServerOptions.DEFAULTS.withPorts(0).withShutdownGrace(Duration.ofSeconds(2));

  private final Store store;
  private final Engine engine;
  private final GrpcServer server;
  private final ManagedChannel channel;

  ServerFixture(FunctionRegistry functions) {
    this(functions, (id, events) -> java.util.List.of());
  }

  ServerFixture(FunctionRegistry functions, HistoryToWire history) {
    this(functions, history, OPTIONS);
  }

  ServerFixture(FunctionRegistry functions, GrpcServerOptions options) {
    this(functions, (id, events) -> java.util.List.of(), options);
  }

  private ServerFixture(
      FunctionRegistry functions, HistoryToWire history, GrpcServerOptions options) {
    this(new MemoryStore(4), functions, history, options);
  }

  ServerFixture(Store store, FunctionRegistry functions, GrpcServerOptions options) {
    this(store, functions, (id, events) -> java.util.List.of(), options);
  }

  private ServerFixture(
      Store store, FunctionRegistry functions, HistoryToWire history, GrpcServerOptions options) {
    this.store = store;
    engine = engine(store, functions);
    server =
        GrpcServer.builder(Hubs.of("default", engine)).options(options).history(history).start();
    channel = channel(server.port());
  }

  static Engine engine(Store store, FunctionRegistry functions) {
    return Engine.start(
        store,
        functions,
        new JacksonDataConverter(),
        EngineOptions.DEFAULTS.withShutdownGrace(Duration.ofSeconds(2)));
  }

  static ManagedChannel channel(int port) {
    return Grpc.newChannelBuilderForAddress("127.0.0.1", port, InsecureChannelCredentials.create())
        .maxInboundMessageSize(64 << 20)
        .build();
  }

  Engine engine() {
    return engine;
  }

  GrpcServer server() {
    return server;
  }

  TaskHubSidecarServiceBlockingStub client() {
    return TaskHubSidecarServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** A client whose calls do not wait for their answers; they have no deadline. */
  TaskHubSidecarServiceFutureStub futures() {
    return TaskHubSidecarServiceGrpc.newFutureStub(channel);
  }

  TaskHubSidecarServiceStub streams() {
    return TaskHubSidecarServiceGrpc.newStub(channel);
  }

  // ---- what many tests do -------------------------------------------------------------------

  /** A request to start an orchestration. */
  static CreateInstanceRequest.Builder create(String id, String name) {
    return CreateInstanceRequest.newBuilder().setInstanceId(id).setName(name);
  }

  String start(String id, String name, String input) {
    return client()
        .startInstance(create(id, name).setInput(StringValue.of(input)).build())
        .getInstanceId();
  }

  static GetInstanceRequest about(String id, boolean payloads) {
    return GetInstanceRequest.newBuilder()
        .setInstanceId(id)
        .setGetInputsAndOutputs(payloads)
        .build();
  }

  OrchestrationState begun(String id) {
    return client().waitForInstanceStart(about(id, true)).getOrchestrationState();
  }

  OrchestrationState ended(String id) {
    return client().waitForInstanceCompletion(about(id, true)).getOrchestrationState();
  }

  OrchestrationState state(String id) {
    return client().getInstance(about(id, true)).getOrchestrationState();
  }

  boolean exists(String id) {
    return client().getInstance(about(id, false)).getExists();
  }

  void raise(String id, String name, String payload) {
    client()
        .raiseEvent(
            RaiseEventRequest.newBuilder()
                .setInstanceId(id)
                .setName(name)
                .setInput(StringValue.of(payload))
                .build());
  }

  /** The status with which a call fails. */
  static Status failure(ThrowingCallable call) {
    try {
      call.call();
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    } catch (Throwable e) {
      throw new AssertionError("It failed in another way", e);
    }
    throw new AssertionError("It did not fail");
  }

  static void assertFails(Status.Code code, String text, ThrowingCallable call) {
    Status status = failure(call);
    assertThat(status.getCode()).as(status.toString()).isEqualTo(code);
    assertThat(status.getDescription()).contains(text);
  }

  @Override
  public void close() {
    LivenessAudit.check(engine.client());
    channel.shutdownNow();
    server.close();
    engine.close();
    store.close();
  }
}
