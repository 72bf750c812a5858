package dev.perdure.grpc.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.engine.Engine;
import dev.perdure.engine.EngineEnvironment;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.grpc.GrpcServer;
import dev.perdure.grpc.GrpcServerOptions;
import dev.perdure.grpc.HubDirectory;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.Store;
import dev.perdure.store.rocksdb.RocksStoreOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left in a server of a hub that is removed. */
class RemovedHubTest {
  private final CompletableFuture<WeakReference<WorkerPool>> opened = new CompletableFuture<>();

  @Test
  void itsMemoryIsFreedAlthoughAWorkerWasConnected(@TempDir Path directory) throws Exception {
    try (HubDirectory hubs =
            new HubDirectory(
                directory, 1, RocksStoreOptions.DEFAULTS, (name, store) -> engine(store));
        GrpcServer server =
            GrpcServer.builder(hubs)
                .options(GrpcServerOptions.DEFAULTS.withPorts(0))
                .workers(new WorkerService())
                .start()) {
      ManagedChannel channel =
          Grpc.newChannelBuilderForAddress(
                  "127.0.0.1", server.port(), InsecureChannelCredentials.create())
              .build();
      try (FakeWorker worker = new FakeWorker(channel, GetWorkItemsRequest.getDefaultInstance())) {
        WeakReference<WorkerPool> pool = opened.get();
        WorkerServer.await(() -> isConnected(pool));
        hubs.delete("default");
        WorkerServer.await(() -> isFreed(pool));
        assertThat(worker.ended()).as("the stream ended in an orderly way").isNull();
      } finally {
        channel.shutdownNow();
      }
    }
  }

  private Engine engine(Store store) {
    EngineEnvironment environment = EngineEnvironment.system();
    WorkerPool pool = new WorkerPool(environment.clock(), 3);
    opened.complete(new WeakReference<>(pool));
    return Engine.start(
        store,
        FunctionRegistry.builder().build(),
        new JacksonDataConverter(),
        EngineOptions.DEFAULTS,
        environment,
        pool);
  }

  private static boolean isConnected(WeakReference<WorkerPool> reference) {
    WorkerPool pool = reference.get();
    return pool != null && pool.connected() == 1;
  }

  private static boolean isFreed(WeakReference<WorkerPool> reference) {
    System.gc();
    return reference.get() == null;
  }
}
