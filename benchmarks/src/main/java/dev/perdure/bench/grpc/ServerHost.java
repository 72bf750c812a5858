package dev.perdure.bench.grpc;

import dev.perdure.bench.harness.ChildJvm;
import dev.perdure.grpc.GrpcServerOptions;
import dev.perdure.server.PerdureServer;
import dev.perdure.server.ServerOptions;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The server of a workload, in a JVM of its own: what {@code perdure server} runs. */
public final class ServerHost {
  private ServerHost() {}

  /** Takes a directory; prints the ports for gRPC and for metrics, and runs until it is ended. */
  public static void main(String[] arguments) throws InterruptedException {
    ChildJvm.endWithParent();
    Logger.getLogger("").setLevel(Level.WARNING);
    PerdureServer server =
        PerdureServer.start(
            ServerOptions.of(Path.of(arguments[0]))
                .withGrpc(GrpcServerOptions.DEFAULTS.withPorts(0))
                .withHttp("127.0.0.1", 0));
    Runtime.getRuntime().addShutdownHook(new Thread(server::close));
    System.out.printf("%d %d%n", server.grpcPort(), server.httpPort());
    System.out.flush();
    server.awaitClose();
  }
}
