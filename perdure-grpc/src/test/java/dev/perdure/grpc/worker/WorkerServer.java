package dev.perdure.grpc.worker;

import com.google.protobuf.StringValue;
import dev.perdure.api.Explanation;
import dev.perdure.api.PerdureClient;
import dev.perdure.engine.Engine;
import dev.perdure.engine.EngineEnvironment;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.grpc.GrpcServer;
import dev.perdure.grpc.GrpcServerOptions;
import dev.perdure.grpc.Hubs;
import dev.perdure.grpc.history.WireHistory;
import dev.perdure.grpc.protocol.ActivityFilter;
import dev.perdure.grpc.protocol.CreateInstanceRequest;
import dev.perdure.grpc.protocol.EntityFilter;
import dev.perdure.grpc.protocol.GetEntityRequest;
import dev.perdure.grpc.protocol.GetEntityResponse;
import dev.perdure.grpc.protocol.GetInstanceRequest;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.OrchestrationFilter;
import dev.perdure.grpc.protocol.OrchestrationState;
import dev.perdure.grpc.protocol.OrchestrationStatus;
import dev.perdure.grpc.protocol.RaiseEventRequest;
import dev.perdure.grpc.protocol.ResumeRequest;
import dev.perdure.grpc.protocol.SignalEntityRequest;
import dev.perdure.grpc.protocol.StreamInstanceHistoryRequest;
import dev.perdure.grpc.protocol.SuspendRequest;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc.TaskHubSidecarServiceBlockingStub;
import dev.perdure.grpc.protocol.TerminateRequest;
import dev.perdure.grpc.protocol.WorkItemFilters;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.Store;
import dev.perdure.store.memory.MemoryStore;
import dev.perdure.testing.LivenessAudit;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A server with one hub in memory, whose functions remote workers run, and a client of it. */
final class WorkerServer implements AutoCloseable {
  /** How long a test waits for what should happen at once. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Work may take down so many workers before it is parked. */
  static final int LOST_MAX = 3;

  private static final GrpcServerOptions OPTIONS =
      GrpcServerOptions.DEFAULTS.withPorts(0).withShutdownGrace(Duration.ofMillis(300));

  private final FunctionRegistry functions;
  private final WorkerPool.Pace pace;
  private final AtomicLong aheadMillis = new AtomicLong();
  private final Store store;
  private final List<FakeWorker> workers = new ArrayList<>();
  private WorkerPool pool;
  private Engine engine;
  private GrpcServer server;
  private ManagedChannel channel;

  WorkerServer() {
    this(FunctionRegistry.builder().build());
  }

  WorkerServer(FunctionRegistry functions) {
    this(
        functions,
        new WorkerPool.Pace(Duration.ofSeconds(30), Duration.ofMillis(20), Duration.ofMillis(500)));
  }

  WorkerServer(FunctionRegistry functions, WorkerPool.Pace pace) {
    this(functions, pace, new MemoryStore(4));
  }

  WorkerServer(FunctionRegistry functions, WorkerPool.Pace pace, Store store) {
    this.store = store;
    this.functions = functions;
    this.pace = pace;
    open();
  }

  private void open() {
    EngineEnvironment environment = environment();
    pool = new WorkerPool(environment.clock(), LOST_MAX, PoolThreads.create(), pace);
    engine =
        Engine.start(
            store,
            functions,
            new JacksonDataConverter(),
            EngineOptions.DEFAULTS.withShutdownGrace(Duration.ofSeconds(2)),
            environment,
            pool);
    server = newServer();
    channel = newChannel();
  }

  private EngineEnvironment environment() {
    EngineEnvironment system = EngineEnvironment.system();
    return new EngineEnvironment(
        this::now,
        system.nanoTime(),
        system.random(),
        system.orchestratorThreads(),
        system.activityThreads(),
        system.entityThreads(),
        system.hostThreads(),
        system.messages());
  }

  /** The time on the clock of the hub. */
  Instant now() {
    return Instant.now().plusMillis(aheadMillis.get());
  }

  /** Puts the clock of the hub forward, so that nobody has to wait for a time. */
  void timePassesUntil(Instant then) {
    aheadMillis.addAndGet(Math.max(0, Duration.between(now(), then).toMillis() + 1));
    engine.clockChanged();
  }

  /** Another server of the same hub. */
  GrpcServer newServer() {
    return newServer(new WorkerService(), OPTIONS.shutdownGrace());
  }

  /** Another server of the same hub, with workers that come over a service. */
  GrpcServer newServer(WorkerService service, Duration grace) {
    return GrpcServer.builder(Hubs.of("default", engine))
        .options(OPTIONS.withShutdownGrace(grace))
        .workers(service)
        .history(WireHistory::of)
        .start();
  }

  ManagedChannel newChannel() {
    return newChannel(server);
  }

  static ManagedChannel newChannel(GrpcServer server) {
    return Grpc.newChannelBuilderForAddress(
            "127.0.0.1", server.port(), InsecureChannelCredentials.create())
        .maxInboundMessageSize(64 << 20)
        .build();
  }

  private void shut() {
    synchronized (workers) {
      workers.forEach(FakeWorker::close);
      workers.clear();
    }
    channel.shutdownNow();
    server.close();
    engine.close();
  }

  /** Closes everything but the store, and opens it again. Workers are gone. */
  void restart() {
    shut();
    open();
  }

  /** Every test ends with an audit: whatever is left must have something that will wake it. */
  @Override
  public void close() {
    LivenessAudit.check(engine.client());
    shut();
    store.close();
  }

  // ---- workers ----------------------------------------------------------------------------------

  /** A worker that takes everything, entities too. */
  FakeWorker worker() {
    return worker(GetWorkItemsRequest.newBuilder().setMaxConcurrentEntityWorkItems(10));
  }

  FakeWorker worker(GetWorkItemsRequest.Builder request) {
    return worker("", request);
  }

  /** A worker whose SDK says who it is. */
  FakeWorker worker(String agent, GetWorkItemsRequest.Builder request) {
    return worker(channel, agent, request);
  }

  /** A worker that comes over a channel of its own, such as to another server of the hub. */
  FakeWorker worker(ManagedChannel over, GetWorkItemsRequest.Builder request) {
    return worker(over, "", request);
  }

  private FakeWorker worker(
      ManagedChannel over, String agent, GetWorkItemsRequest.Builder request) {
    int before = pool.connected();
    FakeWorker worker = connect(over, agent, request);
    await(() -> pool.connected() > before);
    return worker;
  }

  /** What a worker says that takes steps of one orchestrator only. */
  static GetWorkItemsRequest.Builder onlySteps(String name) {
    return only(
        WorkItemFilters.newBuilder()
            .addOrchestrations(OrchestrationFilter.newBuilder().setName(name)));
  }

  /** What a worker says that takes one activity only. */
  static GetWorkItemsRequest.Builder onlyActivities(String name) {
    return only(
        WorkItemFilters.newBuilder().addActivities(ActivityFilter.newBuilder().setName(name)));
  }

  /** What a worker says that takes operations of one kind of entities only. */
  static GetWorkItemsRequest.Builder onlyEntities(String name) {
    return only(WorkItemFilters.newBuilder().addEntities(EntityFilter.newBuilder().setName(name)));
  }

  private static GetWorkItemsRequest.Builder only(WorkItemFilters.Builder filters) {
    return GetWorkItemsRequest.newBuilder().setWorkItemFilters(filters);
  }

  /** Waits until so many workers are connected, such as after one has been closed. */
  void awaitWorkers(int count) {
    await(() -> pool.connected() == count);
  }

  /** As {@link #worker}, but it may take a while until it is connected. */
  FakeWorker connect(GetWorkItemsRequest.Builder request) {
    return connect(channel, "", request);
  }

  private FakeWorker connect(
      ManagedChannel over, String agent, GetWorkItemsRequest.Builder request) {
    FakeWorker worker = new FakeWorker(over, agent, request.build());
    synchronized (workers) {
      workers.add(worker);
    }
    return worker;
  }

  WorkerPool pool() {
    return pool;
  }

  // ---- clients ----------------------------------------------------------------------------------

  PerdureClient perdure() {
    return engine.client();
  }

  ManagedChannel channel() {
    return channel;
  }

  TaskHubSidecarServiceBlockingStub client() {
    return TaskHubSidecarServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Starts an orchestration. */
  void start(String id, String name, String input) {
    start(
        CreateInstanceRequest.newBuilder()
            .setInstanceId(id)
            .setName(name)
            .setInput(StringValue.of(input)));
  }

  void start(CreateInstanceRequest.Builder request) {
    var unused = client().startInstance(request.build());
  }

  private static GetInstanceRequest about(String id) {
    return GetInstanceRequest.newBuilder().setInstanceId(id).setGetInputsAndOutputs(true).build();
  }

  OrchestrationState state(String id) {
    return client().getInstance(about(id)).getOrchestrationState();
  }

  OrchestrationStatus status(String id) {
    return state(id).getOrchestrationStatus();
  }

  OrchestrationState ended(String id) {
    return client().waitForInstanceCompletion(about(id)).getOrchestrationState();
  }

  void raise(String id, String name, String payload) {
    var unused =
        client()
            .raiseEvent(
                RaiseEventRequest.newBuilder()
                    .setInstanceId(id)
                    .setName(name)
                    .setInput(StringValue.of(payload))
                    .build());
  }

  void suspend(String id) {
    var unused = client().suspendInstance(SuspendRequest.newBuilder().setInstanceId(id).build());
  }

  void resume(String id) {
    var unused = client().resumeInstance(ResumeRequest.newBuilder().setInstanceId(id).build());
  }

  void terminate(String id, String output, boolean recursive) {
    var unused =
        client()
            .terminateInstance(
                TerminateRequest.newBuilder()
                    .setInstanceId(id)
                    .setOutput(StringValue.of(output))
                    .setRecursive(recursive)
                    .build());
  }

  void signal(String entity, String operation, String input) {
    var unused =
        client()
            .signalEntity(
                SignalEntityRequest.newBuilder()
                    .setInstanceId(entity)
                    .setName(operation)
                    .setInput(StringValue.of(input))
                    .setRequestId(UUID.randomUUID().toString())
                    .build());
  }

  GetEntityResponse entity(String id) {
    return client()
        .getEntity(GetEntityRequest.newBuilder().setInstanceId(id).setIncludeState(true).build());
  }

  List<HistoryEvent> history(String id) {
    List<HistoryEvent> events = new ArrayList<>();
    client()
        .streamInstanceHistory(StreamInstanceHistoryRequest.newBuilder().setInstanceId(id).build())
        .forEachRemaining(chunk -> events.addAll(chunk.getEventsList()));
    return events;
  }

  Explanation explain(String id) {
    return perdure().explain(id);
  }

  /** Waits until something is so. */
  static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("It did not happen in time");
      }
      LockSupport.parkNanos(1_000_000);
    }
  }
}
