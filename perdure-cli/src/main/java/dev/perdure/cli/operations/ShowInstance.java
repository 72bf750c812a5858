package dev.perdure.cli.operations;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code perdure instances show}. */
@Command(
    name = "show",
    description = {
      "Shows what is known of an orchestration. 'perdure explain' tells why it is where it is.",
      "",
    })
final class ShowInstance extends Operation {
  @Parameters(paramLabel = "ID", description = "The orchestration's id.")
  private String id;

  @Option(names = "--input", description = "Show the input, and not its size only.")
  private boolean input;

  @Option(names = "--output", description = "Show the output, and not its size only.")
  private boolean output;

  @Override
  int run(Management hub) throws IOException, InterruptedException {
    JsonNode instance = hub.status(id);
    if (json) {
      printJson(instance);
      return 0;
    }
    String status = Json.text(instance, "runtimeStatus");
    Fields fields =
        new Fields()
            .add("instance", Json.text(instance, "instanceId"))
            .add("name", Json.text(instance, "name"))
            .add("status", status)
            .add("custom status", Json.text(instance, "customStatus"))
            .add("created", Moment.withAge(Json.text(instance, "createdTime")))
            .add("updated", Moment.withAge(Json.text(instance, "lastUpdatedTime")))
            .payload("input", instance.path("input"), input, "--input");
    if (status.equals("Failed")) {
      fields.add("failure", Json.text(instance, "output"));
    } else {
      fields.payload("output", instance.path("output"), output, "--output");
    }
    fields.print(out());
    return 0;
  }
}
