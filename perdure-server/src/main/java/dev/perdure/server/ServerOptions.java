package dev.perdure.server;

import dev.perdure.engine.EngineOptions;
import dev.perdure.grpc.GrpcServerOptions;
import dev.perdure.grpc.worker.EntityForm;
import dev.perdure.store.rocksdb.RocksStoreOptions;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a server is run. Immutable; start from {@link #of}.
 *
 * @param directory where the task hubs are, each in a directory of its own name; made if need be
 * @param grpc where SDKs connect, and who may
 * @param entityForm in which form workers get operations of entities
 * @param httpHost the address for the HTTP API, health and metrics
 * @param httpPort the port for them; 0 picks a free one, null for none
 * @param httpAccess who may use the HTTP API
 * @param hubsMax how many hubs there may be
 * @param engine how the engine of each hub is run
 * @param store how the store of each hub is opened
 */
public record ServerOptions(
    Path directory,
    GrpcServerOptions grpc,
    EntityForm entityForm,
    String httpHost,
    @Nullable Integer httpPort,
    HttpAccess httpAccess,
    int hubsMax,
    EngineOptions engine,
    RocksStoreOptions store) {
  /** Hubs of a server unless it is told otherwise; each takes some threads and megabytes. */
  public static final int HUBS_MAX = 32;

  /**
   * Who may use the HTTP API.
   *
   * @param keyOnLoopback whether a key is demanded also where only this machine can call;
   *     elsewhere, and where callers of gRPC have to show who they are, it always is
   * @param trustForwarded whether links follow what a proxy in front of the server says
   */
  public record HttpAccess(boolean keyOnLoopback, boolean trustForwarded) {
    /** No key on loopback, and no proxy. */
    public static final HttpAccess DEFAULTS = new HttpAccess(false, false);
  }

  /** Bytes of a serialized value; workers' texts are passed on whole, whatever their size. */
  private static final int PAYLOAD_BYTES_MAX = 64 << 20;

  /** Loopback only, on the default ports. */
  public static ServerOptions of(Path directory) {
    return new ServerOptions(
        directory,
        GrpcServerOptions.DEFAULTS,
        EntityForm.V2,
        "127.0.0.1",
        7071,
        HttpAccess.DEFAULTS,
        HUBS_MAX,
        EngineOptions.DEFAULTS.withLimits(
            EngineOptions.Limits.DEFAULTS.withPayloadBytesMax(PAYLOAD_BYTES_MAX)),
        RocksStoreOptions.DEFAULTS);
  }

  /** These options with another way to connect. */
  public ServerOptions withGrpc(GrpcServerOptions chosen) {
    return new ServerOptions(
        directory, chosen, entityForm, httpHost, httpPort, httpAccess, hubsMax, engine, store);
  }

  /** These options with another form for operations of entities. */
  public ServerOptions withEntityForm(EntityForm chosen) {
    return new ServerOptions(
        directory, grpc, chosen, httpHost, httpPort, httpAccess, hubsMax, engine, store);
  }

  /** These options with another address for the HTTP API, health and metrics. */
  public ServerOptions withHttp(String host, @Nullable Integer port) {
    return new ServerOptions(
        directory, grpc, entityForm, host, port, httpAccess, hubsMax, engine, store);
  }

  /** These options with another access to the HTTP API. */
  public ServerOptions withHttpAccess(HttpAccess chosen) {
    return new ServerOptions(
        directory, grpc, entityForm, httpHost, httpPort, chosen, hubsMax, engine, store);
  }

  /** These options with another number of hubs. */
  public ServerOptions withHubsMax(int chosen) {
    return new ServerOptions(
        directory, grpc, entityForm, httpHost, httpPort, httpAccess, chosen, engine, store);
  }
}
