package dev.perdure.cli.operations;

import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code perdure instances start}. */
@Command(
    name = "start",
    description = {
      "Starts an orchestration and prints its id when the start is durable.",
      "",
      "With --store, and at a server that hands work to workers elsewhere, nobody knows whether"
          + " there is an orchestrator of that name: look twice.",
      "",
    })
final class StartInstance extends Operation {
  @Parameters(paramLabel = "NAME", description = "The orchestrator's name.")
  private String name;

  @Option(
      names = "--id",
      paramLabel = "ID",
      description = "The new instance's id; one that has ended is replaced. Default: a random one")
  private @Nullable String id;

  @ArgGroup private @Nullable Input input;

  @Option(
      names = "--orchestration-version",
      paramLabel = "VERSION",
      description = "The orchestration's version.")
  private @Nullable String version;

  @Option(
      names = "--at",
      paramLabel = "TIME",
      converter = Moment.Future.class,
      description = "Run no code before this time: 2026-11-26T14:30:00Z, or in two hours as 2h.")
  private @Nullable Instant at;

  private @Nullable String inputJson;

  /** Where the input comes from. */
  static final class Input {
    @Option(names = "--input", paramLabel = "JSON", description = "The input.")
    private @Nullable String json;

    @Option(
        names = "--input-file",
        paramLabel = "FILE",
        description = "A file with the input, in JSON; - is standard input.")
    private @Nullable String file;
  }

  @Override
  void prepare() throws IOException {
    if (input != null) {
      inputJson =
          input.file == null
              ? JsonArgument.of(spec, "--input", input.json)
              : JsonArgument.ofFile(spec, "--input-file", input.file);
    }
  }

  @Override
  int run(Management hub) throws IOException, InterruptedException {
    JsonNode started = hub.start(name, id, inputJson, version, at);
    tell(Json.text(started, "id"), started);
    return 0;
  }
}
