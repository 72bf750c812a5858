package dev.perdure.cli.operations;

import dev.perdure.cli.Output;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code perdure entities list}. */
@Command(
    name = "list",
    description = {"Lists entities that have state, by their ids.", ""})
final class ListEntities extends Operation {
  @Mixin private ListLimit limit;

  @Option(names = "--name", paramLabel = "NAME", description = "Only those of this name.")
  private @Nullable String name;

  @Option(names = "--state", description = "Show their states as well.")
  private boolean state;

  @Override
  int run(Management hub) throws IOException, InterruptedException {
    Management.Listing listing = hub.entities(name, state, limit.items());
    if (json) {
      Output.json(out(), listing.items());
    } else {
      List<String> headings = new ArrayList<>(List.of("ENTITY", "LAST OPERATION", ""));
      if (state) {
        headings.add("STATE");
      }
      Output.table(out(), headings, listing.items().stream().map(this::row).toList());
    }
    limit.tellOfMore(listing);
    return 0;
  }

  private List<String> row(JsonNode entity) {
    JsonNode id = entity.path("entityId");
    String time = Json.text(entity, "lastOperationTime");
    List<String> row = new ArrayList<>();
    row.add("@%s@%s".formatted(Json.text(id, "name"), Json.text(id, "key")));
    row.add(time.replaceFirst("\\.\\d+Z$", "Z"));
    row.add(Moment.ago(time));
    if (state) {
      row.add(Json.compact(entity.path("state")));
    }
    return row;
  }
}
