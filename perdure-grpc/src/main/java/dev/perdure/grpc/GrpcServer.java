package dev.perdure.grpc;

import dev.perdure.api.StartOptions.IdReusePolicy;
import dev.perdure.grpc.GrpcServerOptions.Tls;
import dev.perdure.grpc.worker.WorkerService;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A gRPC server for Durable Task clients and workers. Safe from any thread.
 *
 * <p>The server does not close its hubs; whoever opened them does, after the server.
 */
public final class GrpcServer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.perdure.grpc");

  private final GrpcServerOptions options;
  private final TaskHubService service;
  private final Server server;
  private final ExecutorService executor;
  private final Transport transport;

  private GrpcServer(
      GrpcServerOptions options,
      TaskHubService service,
      Server server,
      ExecutorService executor,
      Transport transport) {
    this.options = options;
    this.service = service;
    this.server = server;
    this.executor = executor;
    this.transport = transport;
  }

  /** A server that offers hubs. */
  public static Builder builder(Hubs hubs) {
    return new Builder(hubs);
  }

  /**
   * Refuses what {@link Builder#start} would refuse at this moment, so that nothing need be made
   * for a server that does not start.
   *
   * @throws ServerStartException as {@link Builder#start} does
   */
  public static void check(GrpcServerOptions options) {
    InetAddress address = Exposure.checked(options);
    SslContext unused = Builder.ssl(options.tls());
    for (int port : options.ports()) {
      try {
        new ServerSocket(port, 0, address).close();
      } catch (IOException e) {
        throw cannotListen(options, e);
      }
    }
  }

  private static ServerStartException cannotListen(GrpcServerOptions options, IOException e) {
    return new ServerStartException(
        ServerStartException.ADDRESS,
        "The server cannot listen on %s, ports %s: %s. Another program may use a port; choose others, or stop that one."
            .formatted(
                options.host(),
                options.ports(),
                e.getCause() == null ? e.getMessage() : e.getCause().getMessage()),
        e);
  }

  /** What a server is made of. */
  public static final class Builder {
    private final Hubs hubs;
    private GrpcServerOptions options = GrpcServerOptions.DEFAULTS;
    private WorkerCalls workers = new NoWorkerCalls();
    private IdReusePolicy idReuse = IdReusePolicy.REPLACE_ENDED;
    private HistoryToWire history =
        (instanceId, events) -> {
          throw Status.UNIMPLEMENTED
              .withDescription("This server shows no histories.")
              .asRuntimeException();
        };

    private Builder(Hubs hubs) {
      this.hubs = hubs;
    }

    /** Where to listen, and who may call; {@link GrpcServerOptions#DEFAULTS} if not given. */
    public Builder options(GrpcServerOptions chosen) {
      options = chosen;
      return this;
    }

    /** What workers are answered; they are sent away if not given. */
    public Builder workers(WorkerCalls calls) {
      workers = calls;
      return this;
    }

    /**
     * What a start does whose id is in use, if it says nothing of it; it replaces an instance that
     * has ended if not given. If it replaces any, so does a restart.
     */
    public Builder idReuse(IdReusePolicy policy) {
      idReuse = policy;
      return this;
    }

    /** How histories look on the wire; there are none if not given. */
    public Builder history(HistoryToWire conversion) {
      history = conversion;
      return this;
    }

    /**
     * Starts the server.
     *
     * @throws ServerStartException PD-3001 if others could reach it and it is not protected,
     *     PD-3002 if it cannot listen, PD-3003 if the files for TLS are of no use
     */
    public GrpcServer start() {
      InetAddress address = Exposure.checked(options);
      SslContext ssl = ssl(options.tls());
      ExecutorService executor =
          Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("perdure-grpc-", 0).factory());
      TaskHubService service = new TaskHubService(hubs, workers, history, idReuse, executor);
      LargeMessages largeMessages = new LargeMessages(options.inboundTogetherMax());
      Transport transport = Transport.start();
      NettyServerBuilder builder =
          NettyServerBuilder.forAddress(new InetSocketAddress(address, options.ports().getFirst()))
              .directExecutor()
              .channelType(transport.channelType())
              .bossEventLoopGroup(transport.group())
              .workerEventLoopGroup(transport.group())
              // Netty's own default in place of grpc-java's; see docs/performance.md.
              .withChildOption(ChannelOption.ALLOCATOR, ByteBufAllocator.DEFAULT)
              .maxInboundMessageSize(options.inboundBytesMax())
              .permitKeepAliveTime(options.permitKeepAlive().toMillis(), TimeUnit.MILLISECONDS)
              .permitKeepAliveWithoutCalls(true)
              .keepAliveTime(options.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
              .keepAliveTimeout(options.keepAliveTimeout().toMillis(), TimeUnit.MILLISECONDS)
              .addStreamTracerFactory(largeMessages)
              .addService(intercepted(service, largeMessages));
      options.ports().stream()
          .skip(1)
          .forEach(port -> builder.addListenAddress(new InetSocketAddress(address, port)));
      if (ssl != null) {
        builder.sslContext(ssl);
      }
      Server server = builder.build();
      try {
        server.start();
      } catch (IOException e) {
        executor.close();
        transport.close();
        throw cannotListen(options, e);
      }
      GrpcServer started = new GrpcServer(options, service, server, executor, transport);
      LOG.log(
          System.Logger.Level.INFO,
          "Listening on {0}, ports {1}, {2}, {3}",
          options.host(),
          started.ports(),
          ssl == null ? "plain text" : "TLS",
          options.credentials().isEmpty() ? "no credentials asked for" : options.credentials());
      return started;
    }

    private ServerServiceDefinition intercepted(
        TaskHubService service, LargeMessages largeMessages) {
      List<ServerInterceptor> interceptors = new ArrayList<>();
      if (!options.credentials().isEmpty()) {
        interceptors.add(new Authentication(options.credentials()));
      }
      interceptors.add(largeMessages);
      interceptors.add(new HubChoice());
      interceptors.add(WorkerService.interceptor());
      return ServerInterceptors.interceptForward(service.definition(), interceptors);
    }

    private static @Nullable SslContext ssl(@Nullable Tls tls) {
      if (tls == null) {
        return null;
      }
      try {
        SslContextBuilder builder =
            GrpcSslContexts.forServer(tls.certificate().toFile(), tls.key().toFile());
        if (tls.trusted() != null) {
          builder.trustManager(tls.trusted().toFile()).clientAuth(ClientAuth.REQUIRE);
        }
        return builder.build();
      } catch (IOException | IllegalArgumentException e) {
        throw new ServerStartException(
            ServerStartException.TLS,
            "The files for TLS cannot be used (certificate %s, key %s, trusted %s): %s. They must be readable and in PEM format, the key in PKCS #8 without a password."
                .formatted(
                    tls.certificate(),
                    tls.key(),
                    tls.trusted() == null ? "none" : tls.trusted(),
                    e.getMessage()),
            e);
      }
    }
  }

  /** The ports that the server listens on; what 0 was replaced by. */
  public List<Integer> ports() {
    return server.getListenSockets().stream()
        .map(address -> ((InetSocketAddress) address).getPort())
        .toList();
  }

  /** The first of the ports. */
  public int port() {
    return server.getPort();
  }

  /** Blocks until the server has been closed. */
  public void awaitClose() throws InterruptedException {
    server.awaitTermination();
  }

  /**
   * Hands out no more work and gives workers half of the grace to answer to what they have in hand.
   * Then it takes no more calls, ends those that wait for something to happen, gives the others the
   * rest of the grace to end, and then ends them too. Does nothing the second time.
   */
  @Override
  public void close() {
    long began = System.nanoTime();
    try {
      service.drain(options.shutdownGrace().dividedBy(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nothing is waited for from here on
    }
    server.shutdown();
    service.shutdown();
    try {
      Duration rest = options.shutdownGrace().minusNanos(System.nanoTime() - began);
      if (!server.awaitTermination(rest.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "Some calls were still under way after {0}; they were ended",
            options.shutdownGrace());
        server.shutdownNow();
        server.awaitTermination(5, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
    service.terminated();
    executor.shutdownNow();
    transport.close();
  }
}
