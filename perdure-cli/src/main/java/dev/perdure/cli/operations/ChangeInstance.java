package dev.perdure.cli.operations;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Commands that change an orchestration, and take a reason for it. */
abstract class ChangeInstance extends Operation {
  private final String operation;
  private final String done;

  @Parameters(paramLabel = "ID", description = "The orchestration's id.")
  private String id;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why; it is recorded.")
  private @Nullable String reason;

  private ChangeInstance(String operation, String done) {
    this.operation = operation;
    this.done = done;
  }

  @Override
  final int run(Management hub) throws IOException, InterruptedException {
    change(hub, id, reason);
    tell("Instance '%s' %s.".formatted(id, done), Map.of("instanceId", id, "operation", operation));
    return 0;
  }

  void change(Management hub, String instance, @Nullable String why)
      throws IOException, InterruptedException {
    hub.change(instance, operation, why);
  }

  /** {@code perdure instances suspend}. */
  @Command(
      name = "suspend",
      description = {
        "Pauses an orchestration: its code does not go on until it is resumed; what arrives is"
            + " kept.",
        "",
      })
  static final class Suspend extends ChangeInstance {
    Suspend() {
      super("suspend", "is suspended");
    }
  }

  /** {@code perdure instances resume}. */
  @Command(
      name = "resume",
      description = {"Lets an orchestration go on that was suspended.", ""})
  static final class Resume extends ChangeInstance {
    Resume() {
      super("resume", "is resumed");
    }
  }

  /** {@code perdure instances terminate}. */
  @Command(
      name = "terminate",
      description = {
        "Ends an orchestration and its sub-orchestrations, without their code having a say. The"
            + " reason becomes the output.",
        "",
      })
  static final class Terminate extends ChangeInstance {
    Terminate() {
      super("terminate", "is terminated");
    }

    @Override
    void change(Management hub, String instance, @Nullable String why)
        throws IOException, InterruptedException {
      hub.terminate(instance, why);
    }
  }

  /** {@code perdure instances rewind}. */
  @Command(
      name = "rewind",
      description = {"Lets an orchestration that failed do again what failed, and go on.", ""})
  static final class Rewind extends ChangeInstance {
    Rewind() {
      super("rewind", "is rewound");
    }
  }
}
