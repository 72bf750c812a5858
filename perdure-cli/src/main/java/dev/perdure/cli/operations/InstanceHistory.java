package dev.perdure.cli.operations;

import dev.perdure.api.EntityId;
import dev.perdure.api.InvalidInstanceIdException;
import dev.perdure.cli.Output;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code perdure instances history}. */
@Command(
    name = "history",
    description = {
      "Prints the history of an orchestration's current execution in the form of Durable Functions,"
          + " with --json with all payloads.",
      "",
      "'perdure history' prints it in full, as 'perdure replay' takes it.",
      "",
    })
final class InstanceHistory extends Operation {
  @Parameters(paramLabel = "ID", description = "The orchestration's id.")
  private String id;

  @Override
  int run(Management hub) throws IOException, InterruptedException {
    if (EntityId.isEntityId(id)) {
      throw new InvalidInstanceIdException(
          "'%s' is the id of an entity, which has no history. 'perdure entities show' and 'perdure explain' tell what is known of it."
              .formatted(id));
    }
    JsonNode events = hub.history(id, json).path("historyEvents");
    if (json) {
      printJson(events);
      return 0;
    }
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode event : events) {
      rows.add(
          List.of(
              Json.text(event, "Timestamp").replaceFirst("0000Z$", "Z"),
              Json.text(event, "EventType"),
              words(event)));
    }
    Output.table(out(), List.of("TIME", "EVENT", ""), rows);
    return 0;
  }

  /** An event in a few words, without payloads. */
  private static String words(JsonNode event) {
    List<String> words = new ArrayList<>();
    add(words, event, "FunctionName", "%s");
    add(words, event, "Name", "%s");
    add(words, event, "InstanceId", "'%s'");
    add(words, event, "FireAt", "due %s");
    add(words, event, "OrchestrationStatus", "%s");
    add(words, event, "Reason", "%s");
    add(words, event.path("FailureDetails"), "ErrorType", "(%s)");
    String locks =
        event
            .path("LockSet")
            .valueStream()
            .map(JsonNode::asString)
            .collect(Collectors.joining(", "));
    return locks.isEmpty() ? String.join(" ", words) : locks;
  }

  private static void add(List<String> words, JsonNode event, String property, String form) {
    String text = Json.text(event, property).lines().findFirst().orElse("");
    if (!text.isEmpty()) {
      words.add(form.formatted(text));
    }
  }
}
