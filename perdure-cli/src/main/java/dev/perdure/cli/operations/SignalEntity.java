package dev.perdure.cli.operations;

import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code perdure entities signal}. */
@Command(
    name = "signal",
    description = {
      "Sends an operation to an entity, which is made if there is none. Returns when it is durable"
          + " that the operation waits for its turn, not when it has run.",
      "",
    })
final class SignalEntity extends EntityOperation {
  @Parameters(
      index = "1",
      paramLabel = "OPERATION",
      description = "The operation's name, in upper or lower case.")
  private String operation;

  @Option(names = "--input", paramLabel = "JSON", description = "The operation's input.")
  private @Nullable String input;

  @Option(
      names = "--at",
      paramLabel = "TIME",
      converter = Moment.Future.class,
      description = "Do not run it before this time: 2026-11-26T14:30:00Z, or in two hours as 2h.")
  private @Nullable Instant at;

  @Override
  void prepare() {
    input = JsonArgument.of(spec, "--input", input);
  }

  @Override
  int run(Management hub) throws IOException, InterruptedException {
    hub.signal(entity, operation, input, at);
    tell(
        "Operation '%s' was sent to '%s'.".formatted(operation, entity),
        Map.of("entityId", entity.instanceId(), "operation", operation));
    return 0;
  }
}
