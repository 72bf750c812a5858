package dev.perdure.server;

import dev.perdure.engine.Engine;
import dev.perdure.engine.EngineEnvironment;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.grpc.GrpcServer;
import dev.perdure.grpc.HubDirectory;
import dev.perdure.grpc.HubNames;
import dev.perdure.grpc.ServerStartException;
import dev.perdure.grpc.history.WireHistory;
import dev.perdure.grpc.worker.WorkerPool;
import dev.perdure.grpc.worker.WorkerService;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.metrics.HostMetrics;
import dev.perdure.store.Store;
import org.jspecify.annotations.Nullable;

/**
 * A backend for programs that use a Durable Task SDK: it keeps their orchestrations and entities
 * and hands work to the workers that connect. It runs no code of users. Safe from any thread.
 */
public final class PerdureServer implements AutoCloseable {
  private final HubDirectory hubs;
  private final GrpcServer grpc;
  private final @Nullable HttpFront http;
  private final HostMetrics metrics = new HostMetrics();
  private volatile boolean ready;

  private PerdureServer(ServerOptions options) {
    HubDirectory directory =
        new HubDirectory(
            options.directory(),
            options.hubsMax(),
            options.store(),
            new HubDirectory.EngineStarter() {
              @Override
              public Engine start(String hub, Store store) {
                return startEngine(options, hub, store);
              }

              @Override
              public void closed(String hub) {
                metrics.remove(hub);
              }
            });
    GrpcServer started = null;
    try {
      directory.hub(HubNames.DEFAULT); // what is wrong with the store shows now
      started =
          GrpcServer.builder(directory)
              .options(options.grpc())
              .workers(new WorkerService(options.entityForm()))
              .history(WireHistory::of)
              .start();
      Integer port = options.httpPort();
      this.http =
          port == null ? null : HttpFront.start(options, port, directory, () -> ready, metrics);
    } catch (RuntimeException | Error e) {
      if (started != null) {
        started.close();
      }
      directory.close();
      metrics.close();
      throw e;
    }
    this.hubs = directory;
    this.grpc = started;
    this.ready = true;
  }

  /**
   * Starts a server.
   *
   * @throws dev.perdure.grpc.ServerStartException if it cannot listen, or others could reach it and
   *     it is not protected
   * @throws dev.perdure.store.StoreException if the directory cannot be used
   */
  public static PerdureServer start(ServerOptions options) {
    check(options);
    return new PerdureServer(options);
  }

  /** Before a directory and a hub are made. */
  private static void check(ServerOptions options) {
    Integer port = options.httpPort();
    if (port != null && port != 0 && options.grpc().ports().contains(port)) {
      throw new ServerStartException(
          ServerStartException.ADDRESS,
          "The server cannot listen on port %d for both gRPC and HTTP. Give each a port of its own."
              .formatted(port),
          null);
    }
    GrpcServer.check(options.grpc());
    if (port != null) {
      HttpFront.check(options, port);
    }
  }

  private Engine startEngine(ServerOptions options, String hub, Store store) {
    EngineEnvironment environment = EngineEnvironment.system();
    WorkerPool pool = new WorkerPool(environment.clock(), options.engine().redeliveriesMax());
    Engine engine =
        Engine.start(
            store,
            FunctionRegistry.builder().build(),
            new JacksonDataConverter(),
            options.engine(),
            environment,
            pool);
    metrics.add(hub, engine, pool);
    return engine;
  }

  /** The port that SDKs connect to. */
  public int grpcPort() {
    return grpc.port();
  }

  /** The port for the HTTP API, health and metrics; null if there is none. */
  public @Nullable Integer httpPort() {
    return http == null ? null : http.port();
  }

  /** Blocks until the server has been closed. */
  public void awaitClose() throws InterruptedException {
    grpc.awaitClose();
  }

  /**
   * Takes no more calls, sends workers away, lets calls under way end, and closes the hubs. What
   * has not ended goes on when the server is started again.
   */
  @Override
  public void close() {
    ready = false;
    try {
      grpc.close();
    } finally {
      try {
        hubs.close();
      } finally {
        if (http != null) {
          http.close();
        }
        metrics.close();
      }
    }
  }
}
