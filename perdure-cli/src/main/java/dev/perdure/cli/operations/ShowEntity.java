package dev.perdure.cli.operations;

import dev.perdure.cli.Output;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/** {@code perdure entities show}. */
@Command(
    name = "show",
    description = {
      "Shows what is known of an entity. 'perdure explain' tells what it does and what waits for"
          + " it.",
      "",
    })
final class ShowEntity extends EntityOperation {
  @Option(names = "--state", description = "Show the state, and not its size only.")
  private boolean state;

  @Override
  int run(Management hub) throws IOException, InterruptedException {
    JsonNode known = hub.entity(entity);
    JsonNode about = known.path("customStatus");
    JsonNode value = state(known);
    if (json) {
      Map<String, @Nullable Object> fields = new LinkedHashMap<>();
      fields.put("entityId", Map.of("name", entity.name(), "key", entity.key()));
      fields.put("exists", about.path("entityExists"));
      fields.put("state", value);
      fields.put("operationsWaiting", about.path("queueSize"));
      fields.put("lockedBy", about.path("lockedBy"));
      fields.put("createdTime", known.path("createdTime"));
      fields.put("lastUpdatedTime", known.path("lastUpdatedTime"));
      Output.json(out(), fields);
      return 0;
    }
    new Fields()
        .add("entity", entity.instanceId())
        .payload("state", value, state, "--state")
        .add("operations waiting", Json.text(about, "queueSize"))
        .add("locked by", Json.text(about, "lockedBy"))
        .add("created", Moment.withAge(Json.text(known, "createdTime")))
        .add("last operation", Moment.withAge(Json.text(known, "lastUpdatedTime")))
        .print(out());
    return 0;
  }

  /** The state, which comes as a text; one that is not JSON is a text. */
  private static JsonNode state(JsonNode known) {
    JsonNode text = known.path("input").path("state");
    if (!text.isString()) {
      return NullNode.getInstance();
    }
    try {
      return Json.read(text.stringValue());
    } catch (IllegalArgumentException e) {
      return text;
    }
  }
}
