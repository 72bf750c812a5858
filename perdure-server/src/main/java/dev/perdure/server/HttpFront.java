package dev.perdure.server;

import dev.perdure.grpc.GrpcServerOptions.Tls;
import dev.perdure.grpc.HubDirectory;
import dev.perdure.grpc.HubNames;
import dev.perdure.grpc.ServerStartException;
import dev.perdure.http.Access;
import dev.perdure.http.Handler;
import dev.perdure.http.HttpServerFront;
import dev.perdure.http.HttpServerOptions;
import dev.perdure.http.HttpServerOptions.Bodies;
import dev.perdure.http.KeyFile;
import dev.perdure.http.PemIdentity;
import dev.perdure.http.Response;
import dev.perdure.http.Router;
import dev.perdure.http.durable.Backups;
import dev.perdure.http.durable.Diagnosis;
import dev.perdure.http.durable.DurableHttpApi;
import dev.perdure.http.durable.DurableHttpOptions;
import dev.perdure.http.durable.KnownFunctions;
import dev.perdure.http.durable.TaskHub;
import dev.perdure.http.durable.TaskHubs;
import dev.perdure.json.HistoryJson;
import dev.perdure.metrics.HostMetrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What the server offers over HTTP: the API of Durable Functions, and health and metrics. {@code
 * /health/live} says that the process works, {@code /health/ready} that it takes calls, {@code
 * /metrics} gives figures in the format of Prometheus. None of these tells anything of payloads.
 */
final class HttpFront implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.perdure.server");

  /** The file of keys, beside the hubs; it is not the name of one. */
  private static final String KEYS = "http.keys";

  private static final String MASTER_KEY = "master";

  private final HttpServerFront server;

  private HttpFront(HttpServerFront server) {
    this.server = server;
  }

  static HttpFront start(
      ServerOptions options,
      int port,
      HubDirectory hubs,
      BooleanSupplier ready,
      HostMetrics metrics) {
    DurableHttpOptions api = apiOptions(options);
    Router.Builder ours =
        new Diagnosis(hubs(hubs), api.access(), HistoryJson::write).addTo(Router.builder());
    Router router =
        new Backups(hubs(hubs), options.directory(), api.access())
            .addTo(ours)
            .page("/health/live", text(() -> Response.text(200, "live\n")))
            .page(
                "/health/ready",
                text(
                    () ->
                        ready.getAsBoolean()
                            ? Response.text(200, "ready\n")
                            : Response.text(503, "not ready\n")))
            .page("/metrics", text(() -> Response.text(200, metrics.scrape())))
            .below(DurableHttpApi.PATH, new DurableHttpApi(hubs(hubs), api))
            .otherwise(
                text(
                    () ->
                        Response.text(
                            404,
                            "There are %s, /hubs/HUB/explain/INSTANCE, /hubs/HUB/history/INSTANCE, /hubs/HUB/audit, /hubs/HUB/backup, /health/live, /health/ready and /metrics here.\n"
                                .formatted(DurableHttpApi.PATH))))
            .build();
    try {
      return new HttpFront(HttpServerFront.start(serverOptions(options, port), router));
    } catch (IOException e) {
      throw cannotListen(options, port, e);
    }
  }

  /** Refuses a port that is taken at this moment. */
  static void check(ServerOptions options, int port) {
    try {
      HttpServerFront.check(serverOptions(options, port));
    } catch (IOException e) {
      throw cannotListen(options, port, e);
    }
  }

  private static ServerStartException cannotListen(ServerOptions options, int port, IOException e) {
    return new ServerStartException(
        ServerStartException.ADDRESS,
        "The server cannot listen for HTTP on %s, port %d: %s. Another program may use the port; choose another with --http-port, or none with --http-port none."
            .formatted(options.httpHost(), port, e.getMessage()),
        e);
  }

  private static Handler text(Supplier<Response> response) {
    return request -> CompletableFuture.completedFuture(response.get());
  }

  private static TaskHubs hubs(HubDirectory hubs) {
    return name ->
        hubs.find(name == null ? HubNames.DEFAULT : name)
            .map(hub -> new TaskHub(hub.name(), hub.engine(), KnownFunctions.ANY));
  }

  private static DurableHttpOptions apiOptions(ServerOptions options) {
    ServerOptions.HttpAccess access = options.httpAccess();
    DurableHttpOptions chosen;
    boolean keyWanted = access.keyOnLoopback() || options.grpc().asksWhoCalls();
    if (isLoopback(options.httpHost()) && !keyWanted) {
      chosen = DurableHttpOptions.of(Access.local(), null);
    } else {
      KeyFile keys;
      String key;
      String master;
      try {
        keys = KeyFile.open(options.directory().resolve(KEYS));
        key = keys.key(DurableHttpOptions.SYSTEM_KEY);
        master = keys.key(MASTER_KEY);
      } catch (IOException | UncheckedIOException e) {
        throw new ServerStartException(
            ServerStartException.KEYS,
            "The keys of the HTTP API cannot be used: %s".formatted(e.getMessage()),
            e);
      }
      LOG.log(
          System.Logger.Level.INFO,
          "The HTTP API demands a key. It is ''{0}'' in {1}",
          DurableHttpOptions.SYSTEM_KEY,
          keys.file());
      chosen = DurableHttpOptions.of(Access.byKey(key, master), key);
    }
    return chosen.withTrustForwarded(access.trustForwarded());
  }

  /** An address that is not known is not taken for one of this machine alone. */
  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static HttpServerOptions serverOptions(ServerOptions options, int port) {
    HttpServerOptions server =
        HttpServerOptions.at(options.httpHost(), port)
            .withBodies(Bodies.DEFAULTS.withBytesMax(options.grpc().inboundBytesMax()));
    Tls tls = options.grpc().tls();
    if (tls == null) {
      return server;
    }
    try {
      return server.withTls(PemIdentity.read(tls.certificate(), tls.key()));
    } catch (IOException e) {
      throw new ServerStartException(
          ServerStartException.TLS,
          "TLS cannot be set up for HTTP: %s".formatted(e.getMessage()),
          e);
    }
  }

  int port() {
    return server.port();
  }

  @Override
  public void close() {
    server.close();
  }
}
