package dev.perdure.cli.operations;

import dev.perdure.cli.Output;
import dev.perdure.http.PercentCoding;
import dev.perdure.http.Request;
import dev.perdure.http.Response;
import dev.perdure.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code perdure backup}. */
@Command(
    name = "backup",
    mixinStandardHelpOptions = true,
    description = {
      "Copies a hub, as of one moment, and prints where the copy is. It can be opened like any hub.",
      "",
      "A hub that no program has open (--store) is copied to where --to says. A server that runs goes"
          + " on meanwhile, and makes the copy in the directory .backups of its own store; move it"
          + " from there.",
      "",
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:copied", "1:it could not be copied", "2:wrong usage"})
public final class BackupCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private Target target;

  @Option(
      names = "--to",
      paramLabel = "DIR",
      description = "Where the copy is made, with --store. Must not exist, or be empty.")
  private @Nullable Path to;

  @Option(names = "--json", description = "Print JSON, for programs.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path store = target.store();
    if ((store == null) != (to == null)) {
      throw new ParameterException(
          spec.commandLine(),
          store == null
              ? "With --to, name the hub with --store. A server chooses by itself where it makes the copy."
              : "Say with --to where the copy is to be made.");
    }
    String copy = store == null ? atServer() : copy(store, Objects.requireNonNull(to));
    if (json) {
      Output.json(spec.commandLine().getOut(), Map.of("directory", copy));
    } else {
      spec.commandLine().getOut().println(copy);
    }
    return 0;
  }

  private String copy(Path store, Path copy) throws IOException {
    if (target.hasServer()) {
      target.server().close(); // refuses
    }
    try (Store hub = StoreDirectory.open(StoreDirectory.hub(store, target.hub()))) {
      hub.backup(copy);
    }
    return copy.toString();
  }

  private String atServer() throws IOException, InterruptedException {
    String hub = Objects.requireNonNullElse(target.hub(), StoreDirectory.DEFAULT_HUB);
    try (Host server = target.server()) {
      Response response =
          server.send(Request.of("POST", "/hubs/" + PercentCoding.encode(hub) + "/backup"));
      String text = response.body().text().strip();
      if (response.status() != 200) {
        throw new IOException(
            text.isEmpty()
                ? "%s answered %d: it makes no back-ups for others."
                    .formatted(server, response.status())
                : text);
      }
      return text;
    }
  }
}
