package dev.perdure.cli.operations;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options that say what a command works on. */
public final class Target {
  private static final URI DEFAULT_SERVER = URI.create("http://127.0.0.1:7071");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--server",
      paramLabel = "URL",
      description = "Ask a server that runs, such as http://localhost:7071.")
  private @Nullable URI server;

  @Option(
      names = "--store",
      paramLabel = "DIR",
      description =
          "Work on a hub that no program has open: its directory, the store of a server that is"
              + " stopped, or the directory of an app.")
  private @Nullable Path store;

  @Option(
      names = "--hub",
      paramLabel = "NAME",
      description = "The task hub. Without it, the default one; in a store, also the only one.")
  private @Nullable String hub;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description =
          "A file with the key that the server demands: its http.keys, or one that begins with the"
              + " key. Without it, the key may be in the variable PERDURE_KEY.")
  private @Nullable Path keyFile;

  /** The hub; null for the default one. */
  public @Nullable String hub() {
    return hub;
  }

  /** The store to work on; null if none was named. */
  public @Nullable Path store() {
    return store;
  }

  /** Whether a server was named. */
  public boolean hasServer() {
    return server != null;
  }

  /**
   * The server that was named, or the one that runs here by default.
   *
   * @throws ParameterException if a store was named too, or the address is none
   * @throws IOException if the key cannot be read
   */
  public Host server() throws IOException {
    if (store != null) {
      throw new ParameterException(
          spec.commandLine(),
          "Both --server and --store are given. A server has its store open: use --server alone.");
    }
    try {
      return new RunningHost(
          server == null ? DEFAULT_SERVER : server, ServerKey.find(keyFile, System.getenv()));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--server: " + e.getMessage(), e);
    }
  }

  /** What the options say: a store, or else a server. */
  Host open() throws IOException {
    return store == null || server != null ? server() : ClosedHost.open(store, hub);
  }
}
