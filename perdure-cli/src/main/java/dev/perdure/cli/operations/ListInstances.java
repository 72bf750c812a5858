package dev.perdure.cli.operations;

import dev.perdure.cli.Output;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code perdure instances list}. */
@Command(
    name = "list",
    description = {"Lists orchestrations, without their payloads, the oldest first.", ""})
final class ListInstances extends Operation {
  @Mixin private FilterOptions filter;

  @Mixin private ListLimit limit;

  @Option(
      names = "--prefix",
      paramLabel = "TEXT",
      description = "Only those whose ids begin so; then they are listed by id.")
  private @Nullable String prefix;

  @Option(names = "--name", paramLabel = "NAME", description = "Only of this orchestrator.")
  private @Nullable String name;

  @Override
  int run(Management hub) throws IOException, InterruptedException {
    Management.Listing listing =
        hub.instances(filter.filter(Set.of(), prefix, name), limit.items());
    if (json) {
      Output.json(out(), listing.items().stream().map(ListInstances::withoutPayloads).toList());
    } else {
      Output.table(
          out(),
          List.of("INSTANCE", "NAME", "STATUS", "CREATED", "UPDATED"),
          listing.items().stream().map(ListInstances::row).toList());
    }
    limit.tellOfMore(listing);
    return 0;
  }

  private static JsonNode withoutPayloads(JsonNode instance) {
    if (instance instanceof ObjectNode object) {
      object.remove(List.of("input", "output"));
    }
    return instance;
  }

  private static List<String> row(JsonNode instance) {
    return List.of(
        Json.text(instance, "instanceId"),
        Json.text(instance, "name"),
        Json.text(instance, "runtimeStatus"),
        Json.text(instance, "createdTime"),
        Moment.ago(Json.text(instance, "lastUpdatedTime")));
  }
}
