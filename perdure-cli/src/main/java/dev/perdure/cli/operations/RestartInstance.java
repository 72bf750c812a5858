package dev.perdure.cli.operations;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code perdure instances restart}. */
@Command(
    name = "restart",
    description = {
      "Starts an orchestration anew, with the input and the version it had, and prints the id. Under"
          + " its own id it is replaced; it must have ended, unless the host is set up to replace"
          + " those that go on (overridableExistingInstanceStates).",
      "",
    })
final class RestartInstance extends Operation {
  @Parameters(paramLabel = "ID", description = "The orchestration's id.")
  private String id;

  @Option(
      names = "--new-id",
      description = "Leave it as it is and start another one, under a random id.")
  private boolean newId;

  @Override
  int run(Management hub) throws IOException, InterruptedException {
    JsonNode started = hub.restart(id, newId);
    tell(Json.text(started, "id"), started);
    return 0;
  }
}
