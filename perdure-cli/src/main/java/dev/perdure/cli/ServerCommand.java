package dev.perdure.cli;

import dev.perdure.grpc.GrpcServerOptions;
import dev.perdure.grpc.GrpcServerOptions.Credentials;
import dev.perdure.grpc.GrpcServerOptions.Tls;
import dev.perdure.grpc.ServerStartException;
import dev.perdure.grpc.worker.EntityForm;
import dev.perdure.server.PerdureServer;
import dev.perdure.server.ServerOptions;
import dev.perdure.server.ServerOptions.HttpAccess;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code perdure server}. */
@Command(
    name = "server",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs a server that programs with a Durable Task SDK (.NET, Java, JavaScript, Python, Go) use"
          + " as their backend.",
      "",
      "It keeps orchestrations and entities in a directory and hands work to the workers that"
          + " connect. Stop it with Ctrl-C or SIGTERM; what has not ended goes on at the next"
          + " start, also after a crash.",
      "",
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:stopped in an orderly way",
      "1:it could not be started",
      "2:wrong usage",
      "130, 143:stopped by Ctrl-C or SIGTERM"
    })
final class ServerCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--store",
      paramLabel = "DIR",
      required = true,
      description = "Where the task hubs are, each in a directory of its own. Made if need be.")
  private Path store;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      split = ",",
      defaultValue = "4001",
      description =
          "The port that SDKs connect to; several with commas; 0 picks a free one. Default:"
              + " ${DEFAULT-VALUE}")
  private List<Integer> ports;

  @Option(
      names = "--http-port",
      paramLabel = "PORT",
      defaultValue = "7071",
      description =
          "The port for the HTTP API of Durable Functions, /health/live, /health/ready and"
              + " /metrics; 0 picks a free one, 'none' for none. Default: ${DEFAULT-VALUE}")
  private String httpPort;

  @Option(
      names = "--http-key",
      description =
          "Demand a key for the HTTP API also on this machine; beyond it, and where SDKs have to"
              + " show who they are, one always is. The keys are in the file http.keys of the"
              + " store.")
  private boolean httpKey;

  @Option(
      names = "--trust-proxy",
      description =
          "Have links of the HTTP API follow the headers Forwarded or X-Forwarded-* that a proxy"
              + " in front of the server sends.")
  private boolean trustProxy;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description =
          "The address to listen on. Beyond this machine only with TLS and authentication. Default:"
              + " ${DEFAULT-VALUE}")
  private String host;

  @Option(
      names = "--tls-certificate",
      paramLabel = "FILE",
      description = "The server's certificate with its chain, in PEM format.")
  private @Nullable Path certificate;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "Its private key, in PEM format (PKCS #8, not encrypted).")
  private @Nullable Path key;

  @Option(
      names = "--tls-clients",
      paramLabel = "FILE",
      description = "Certificates of those who issue clients' certificates; clients then need one.")
  private @Nullable Path clients;

  @Option(
      names = "--tokens",
      paramLabel = "FILE",
      description = "Bearer tokens that are let in, one a line.")
  private @Nullable Path tokens;

  @Option(
      names = "--api-keys",
      paramLabel = "FILE",
      description = "API keys (header x-api-key) that are let in, one a line.")
  private @Nullable Path apiKeys;

  @Option(names = "--allow-plaintext", description = "Listen beyond this machine without TLS.")
  private boolean allowPlaintext;

  @Option(
      names = "--allow-unauthenticated",
      description = "Listen beyond this machine though everybody may call.")
  private boolean allowUnauthenticated;

  @Option(
      names = "--max-message-mb",
      paramLabel = "N",
      defaultValue = "64",
      description = "The largest message taken, in MiB. Default: ${DEFAULT-VALUE}")
  private int messageMb;

  @Option(
      names = "--max-hubs",
      paramLabel = "N",
      defaultValue = "" + ServerOptions.HUBS_MAX,
      description = "How many task hubs there may be. Default: ${DEFAULT-VALUE}")
  private int hubsMax;

  @Option(
      names = "--entity-form",
      paramLabel = "FORM",
      description = {
        "How workers get operations of entities: V2, or V1 for SDKs that know only the older form.",
        "Default: ${DEFAULT-VALUE}"
      })
  private EntityForm entityForm = EntityForm.V2;

  @Override
  public Integer call() throws IOException, InterruptedException {
    CliLogging.configure(Level.INFO);
    PerdureServer server = start(options());
    Thread stop = new Thread(server::close, "perdure-stop");
    Runtime.getRuntime().addShutdownHook(stop);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "Perdure server is ready: gRPC on %s:%d, HTTP on %s%n",
        host,
        server.grpcPort(),
        server.httpPort() == null ? "no port" : host + ":" + server.httpPort());
    out.flush();
    server.awaitClose();
    return 0;
  }

  private static PerdureServer start(ServerOptions options) {
    try {
      return PerdureServer.start(options);
    } catch (ServerStartException e) {
      throw e.code().equals(ServerStartException.UNPROTECTED) ? unprotected(options.grpc(), e) : e;
    }
  }

  /** What programs are told of methods, told of the options that there are here. */
  private static ServerStartException unprotected(
      GrpcServerOptions grpc, ServerStartException cause) {
    List<String> open = new ArrayList<>();
    if (grpc.tls() == null && !grpc.allowPlaintext()) {
      open.add(
          "without TLS (give it --tls-certificate and --tls-key, or allow plain text with"
              + " --allow-plaintext)");
    }
    if (!grpc.asksWhoCalls() && !grpc.allowUnauthenticated()) {
      open.add(
          "without authentication (give it --tokens, --api-keys or --tls-clients, or allow everybody"
              + " with --allow-unauthenticated)");
    }
    return new ServerStartException(
        cause.code(),
        "The server would listen on '%s', which others can reach, %s. It was not started. On 127.0.0.1 it may."
            .formatted(grpc.host(), String.join(", and ", open)),
        cause);
  }

  private ServerOptions options() throws IOException {
    if (messageMb < 1 || messageMb > 1024) {
      throw new ParameterException(
          spec.commandLine(), "--max-message-mb is %d; use 1 to 1024.".formatted(messageMb));
    }
    for (int port : ports) {
      if (!isPort(port)) {
        throw new ParameterException(
            spec.commandLine(), "--port is %d; use a number from 0 to 65535.".formatted(port));
      }
    }
    GrpcServerOptions grpc;
    try {
      grpc =
          GrpcServerOptions.DEFAULTS
              .withHost(host)
              .withPorts(ports.toArray(Integer[]::new))
              .withInboundBytesMax(messageMb << 20)
              .withCredentials(new Credentials(lines(tokens), lines(apiKeys)));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    if (certificate != null && key != null) {
      grpc = grpc.withTls(new Tls(certificate, key, clients));
    } else if (certificate != null || key != null || clients != null) {
      throw new ParameterException(
          spec.commandLine(), "For TLS, both --tls-certificate and --tls-key are needed.");
    }
    if (allowPlaintext) {
      grpc = grpc.withPlaintextAllowed();
    }
    if (allowUnauthenticated) {
      grpc = grpc.withUnauthenticatedAllowed();
    }
    if (hubsMax < 1) {
      throw new ParameterException(
          spec.commandLine(), "--max-hubs is %d; use 1 or more.".formatted(hubsMax));
    }
    return ServerOptions.of(store)
        .withGrpc(grpc)
        .withEntityForm(entityForm)
        .withHttp(host, http())
        .withHttpAccess(new HttpAccess(httpKey, trustProxy))
        .withHubsMax(hubsMax);
  }

  private static boolean isPort(int number) {
    return number >= 0 && number <= 65_535;
  }

  private @Nullable Integer http() {
    if (httpPort.equals("none")) {
      return null;
    }
    try {
      int port = Integer.parseInt(httpPort);
      if (isPort(port)) {
        return port;
      }
    } catch (NumberFormatException notANumber) {
      // the error below says what is wanted
    }
    throw new ParameterException(
        spec.commandLine(),
        "--http-port is '%s'; use a number from 0 to 65535, or 'none'.".formatted(httpPort));
  }

  private static Set<String> lines(@Nullable Path file) throws IOException {
    if (file == null) {
      return Set.of();
    }
    Set<String> lines = new HashSet<>();
    for (String line : Files.readAllLines(file)) {
      if (!line.isBlank()) {
        lines.add(line.strip());
      }
    }
    if (lines.isEmpty()) {
      throw new IOException("%s holds no secret; put one on each line.".formatted(file));
    }
    return lines;
  }
}
