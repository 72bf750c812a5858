package dev.perdure.grpc;

import static dev.perdure.grpc.ServerFixture.OPTIONS;
import static dev.perdure.grpc.ServerFixture.about;
import static dev.perdure.grpc.ServerFixture.assertFails;
import static dev.perdure.grpc.ServerFixture.create;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.Empty;
import com.google.protobuf.StringValue;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.grpc.protocol.CreateTaskHubRequest;
import dev.perdure.grpc.protocol.DeleteTaskHubRequest;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.grpc.protocol.StreamInstanceHistoryRequest;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc.TaskHubSidecarServiceBlockingStub;
import dev.perdure.store.memory.MemoryStore;
import dev.perdure.store.rocksdb.RocksStoreOptions;
import dev.perdure.testing.LivenessAudit;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hubs in a directory, as clients see them. */
class HubsTest {
  @TempDir Path directory;

  private HubDirectory hubs;
  private boolean hubsClosed;
  private GrpcServer server;
  private ManagedChannel channel;

  @BeforeEach
  void open() {
    hubsClosed = false;
    FunctionRegistry functions = Functions.registry(new AtomicBoolean(false));
    hubs =
        new HubDirectory(
            directory.resolve("hubs"),
            3,
            RocksStoreOptions.DEFAULTS,
            (name, store) -> ServerFixture.engine(store, functions));
    server = GrpcServer.builder(hubs).options(OPTIONS).start();
    channel = ServerFixture.channel(server.port());
  }

  @AfterEach
  void close() throws Exception {
    channel.shutdownNow();
    server.close();
    closeHubs();
  }

  /** Closes all hubs; whatever is left in any of them must have something that will wake it. */
  private void closeHubs() throws Exception {
    if (hubsClosed) {
      return;
    }
    hubsClosed = true;
    try {
      for (String name : onDisk()) {
        LivenessAudit.check(hubs.hub(name).engine().client());
      }
    } finally {
      hubs.close();
    }
  }

  private TaskHubSidecarServiceBlockingStub in(String hub) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("TaskHub", Metadata.ASCII_STRING_MARSHALLER), hub);
    return anonymous().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private TaskHubSidecarServiceBlockingStub anonymous() {
    return TaskHubSidecarServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  private static void start(TaskHubSidecarServiceBlockingStub hub, String id) {
    hub.startInstance(create(id, "echo").setInput(StringValue.of("1")).build());
  }

  private static boolean exists(TaskHubSidecarServiceBlockingStub hub, String id) {
    return hub.getInstance(about(id, false)).getExists();
  }

  private List<String> onDisk() throws Exception {
    try (Stream<Path> entries = Files.list(directory.resolve("hubs"))) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void hubsAreIsolated() throws Exception {
    start(in("first"), "one");
    start(anonymous(), "two");
    assertThat(exists(in("first"), "one")).isTrue();
    assertThat(exists(in("second"), "one")).isFalse();
    assertThat(exists(anonymous(), "one")).isFalse();
    assertThat(exists(in("default"), "two")).isTrue();
    assertThat(exists(in("FIRST"), "one")).as("upper and lower case are the same").isTrue();
    assertThat(onDisk()).containsExactly("default", "first", "second");
  }

  @Test
  void thereAreOnlySoMany() {
    for (String name : List.of("a", "b", "c")) {
      start(in(name), "one");
    }
    assertFails(Code.RESOURCE_EXHAUSTED, "'d'", () -> start(in("d"), "one"));
    assertThat(exists(in("a"), "one")).isTrue();
    in("b").deleteTaskHub(DeleteTaskHubRequest.getDefaultInstance());
    start(in("d"), "one");
    assertFails(Code.RESOURCE_EXHAUSTED, "'b'", () -> start(in("b"), "one"));
  }

  @Test
  void badNamesAreRefused() throws Exception {
    for (String name : List.of("..", "a/b", ".deleted-x", "-a", "a b", "a\\b", "x".repeat(46))) {
      assertFails(Code.INVALID_ARGUMENT, "task hub", () -> exists(in(name), "one"));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> hubs.hub("../outside"));
    assertThatIllegalArgumentException().isThrownBy(() -> hubs.delete("../outside"));
    assertThat(onDisk()).isEmpty();
    start(in("x".repeat(45)), "one");
    start(in("2-b_C"), "one");
    assertThat(onDisk()).contains("2-b_c");
  }

  @Test
  void hubsAreCreatedRecreatedAndDeleted() throws Exception {
    in("a").createTaskHub(CreateTaskHubRequest.getDefaultInstance());
    assertThat(onDisk()).containsExactly("a");
    start(in("a"), "one");
    in("a").createTaskHub(CreateTaskHubRequest.getDefaultInstance());
    assertThat(exists(in("a"), "one")).isTrue();
    in("a").createTaskHub(CreateTaskHubRequest.newBuilder().setRecreateIfExists(true).build());
    assertThat(exists(in("a"), "one")).isFalse();
    in("a").deleteTaskHub(DeleteTaskHubRequest.getDefaultInstance());
    in("a").deleteTaskHub(DeleteTaskHubRequest.getDefaultInstance());
    assertThat(onDisk()).isEmpty();
    List<String> said = new ArrayList<>();
    Hub hub = hubs.hub("a");
    hub.onClose(() -> said.add("closing"));
    in("a").deleteTaskHub(DeleteTaskHubRequest.getDefaultInstance());
    assertThat(said).containsExactly("closing");
    hub.onClose(() -> said.add("too late"));
    assertThat(said).containsExactly("closing", "too late");
  }

  @Test
  void whoLooksForAHubThatIsBeingDeletedDoesNotMakeItAgain() throws Exception {
    CompletableFuture<Optional<Hub>> found = new CompletableFuture<>();
    hubs.hub("a")
        .onClose(
            () -> {
              Thread thread = Thread.ofPlatform().start(() -> found.complete(hubs.find("A")));
              while (thread.getState() != Thread.State.WAITING && !found.isDone()) {
                Thread.yield();
              }
            });
    hubs.delete("a");
    assertThat(found.get(30, TimeUnit.SECONDS)).isEmpty();
    assertThat(onDisk()).isEmpty();
  }

  @Test
  void whatIsInAHubIsThereAgain() throws Exception {
    start(in("a"), "one");
    in("a").waitForInstanceCompletion(about("one", false));
    close();
    Files.createDirectories(directory.resolve("hubs/.deleted-1/rest"));
    open();
    assertThat(onDisk()).as("leftovers are removed").containsExactly("a");
    assertThat(
            in("a").getInstance(about("one", true)).getOrchestrationState().getOutput().getValue())
        .isEqualTo("1");
  }

  @Test
  void aClosedDirectoryIsUnavailable() throws Exception {
    start(in("a"), "one");
    closeHubs();
    assertFails(Code.UNAVAILABLE, "closed", () -> exists(in("a"), "one"));
  }

  @Test
  void aServerOfOneHubKnowsNoOther() {
    MemoryStore store = new MemoryStore(1);
    try (var engine = ServerFixture.engine(store, FunctionRegistry.builder().build());
        var single = GrpcServer.builder(Hubs.of("only", engine)).options(OPTIONS).start()) {
      channel.shutdownNow();
      channel = ServerFixture.channel(single.port());
      assertThat(exists(in("only"), "one")).isFalse();
      in("only").createTaskHub(CreateTaskHubRequest.getDefaultInstance());
      assertThat(exists(anonymous(), "one")).isFalse(); // whoever names none means it
      assertFails(Code.NOT_FOUND, "'only'", () -> exists(in("other"), "one"));
      assertFails(
          Code.FAILED_PRECONDITION,
          "belongs",
          () -> in("only").deleteTaskHub(DeleteTaskHubRequest.getDefaultInstance()));
      assertFails(
          Code.FAILED_PRECONDITION,
          "belongs",
          () ->
              in("only")
                  .createTaskHub(
                      CreateTaskHubRequest.newBuilder().setRecreateIfExists(true).build()));
      assertFails(
          Code.UNIMPLEMENTED,
          "workers",
          () -> in("only").getWorkItems(GetWorkItemsRequest.getDefaultInstance()).hasNext());
      assertFails(
          Code.UNIMPLEMENTED,
          "histories",
          () ->
              in("only")
                  .streamInstanceHistory(
                      StreamInstanceHistoryRequest.newBuilder().setInstanceId("one").build())
                  .hasNext());
      anonymous().hello(Empty.getDefaultInstance());
    }
    store.close();
  }
}
