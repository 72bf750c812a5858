package dev.perdure.cli.operations;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code perdure instances raise-event}. */
@Command(
    name = "raise-event",
    description = {
      "Raises an event to an orchestration that has not ended. One that it does not wait for yet is"
          + " kept.",
      "",
    })
final class RaiseEvent extends Operation {
  @Parameters(index = "0", paramLabel = "ID", description = "The orchestration's id.")
  private String id;

  @Parameters(
      index = "1",
      paramLabel = "EVENT",
      description = "The event's name, in upper or lower case.")
  private String event;

  @Option(names = "--data", paramLabel = "JSON", description = "What comes with the event.")
  private @Nullable String data;

  @Override
  void prepare() {
    data = JsonArgument.of(spec, "--data", data);
  }

  @Override
  int run(Management hub) throws IOException, InterruptedException {
    hub.raiseEvent(id, event, data);
    tell(
        "Event '%s' was raised to '%s'.".formatted(event, id),
        Map.of("instanceId", id, "event", event));
    return 0;
  }
}
