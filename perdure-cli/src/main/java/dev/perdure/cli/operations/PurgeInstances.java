package dev.perdure.cli.operations;

import dev.perdure.api.EntityId;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationStatus;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code perdure instances purge}. */
@Command(
    name = "purge",
    description = {
      "Removes an orchestration that has ended, with its history; or all that have ended and are in"
          + " some status or from some time. Sub-orchestrations are instances of their own.",
      "",
      "An entity is removed by its id, @name@key, if nothing waits for it or it was set aside.",
      "",
      "Asks before it removes more than one, unless --yes is given.",
      "",
    })
final class PurgeInstances extends Operation {
  private static final Set<OrchestrationStatus> ENDED =
      Set.of(
          OrchestrationStatus.COMPLETED,
          OrchestrationStatus.FAILED,
          OrchestrationStatus.TERMINATED);

  /** Counting goes no further. */
  private static final int COUNTED_MAX = 10_000;

  @Parameters(
      arity = "0..1",
      paramLabel = "ID",
      description = "The id of the orchestration or entity, if it is one.")
  private @Nullable String id;

  @Mixin private FilterOptions filter;

  @Option(
      names = {"-y", "--yes"},
      description = "Do not ask.")
  private boolean yes;

  @Override
  void prepare() {
    if ((id != null) == filter.areGiven()) {
      throw usage(
          id == null
              ? "Say what is to be purged: an id, or --status, --created-before or --created-after."
              : "Either an id is purged, or what --status and the times choose.");
    }
    for (OrchestrationStatus status : filter.statuses()) {
      if (!status.isTerminal()) {
        throw usage(
            "What is %s has not ended and cannot be purged. Terminate it first."
                .formatted(InstanceFilter.title(status)));
      }
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  @Override
  int run(Management hub) throws IOException, InterruptedException {
    return id == null ? purgeMany(hub) : purgeOne(hub, id);
  }

  private int purgeOne(Management hub, String one) throws IOException, InterruptedException {
    if (!hub.purge(one)) {
      throw new InvalidInstanceStateException(
          EntityId.isEntityId(one)
              ? whyNot(one, hub.status(one).path("customStatus"))
              : "Instance '%s' is %s and was not purged: only what has ended can be. Terminate it first."
                  .formatted(one, Json.text(hub.status(one), "runtimeStatus")));
    }
    tell(
        "%s '%s' is purged.".formatted(EntityId.isEntityId(one) ? "Entity" : "Instance", one),
        Map.of("purged", 1));
    return 0;
  }

  private static String whyNot(String entity, JsonNode about) {
    String holder = Json.text(about, "lockedBy");
    return "Entity '%s' was not purged: %s operations and lock requests wait for it, and %s. Only one for which nothing waits can be. Let them run first; a program purges it with them by client.purgeEntity."
        .formatted(
            entity,
            Json.text(about, "queueSize"),
            holder.isEmpty() ? "nobody holds its lock" : "'%s' holds its lock".formatted(holder));
  }

  private int purgeMany(Management hub) throws IOException, InterruptedException {
    InstanceFilter which = filter.filter(ENDED, null, null);
    if (!yes) {
      Management.Listing found = hub.instances(which, COUNTED_MAX);
      if (!found.items().isEmpty() && !isConfirmed(hub, found)) {
        spec.commandLine().getErr().println("Nothing was purged.");
        return 1;
      }
    }
    long purged = hub.purge(which);
    tell("%d purged.".formatted(purged), Map.of("purged", purged));
    return 0;
  }

  private boolean isConfirmed(Management hub, Management.Listing found) throws IOException {
    spec.commandLine()
        .getErr()
        .printf(
            "This removes %s %s, history included. Go on? [y/N] ",
            found.more()
                ? "more than %d orchestrations".formatted(COUNTED_MAX)
                : found.items().size() == 1
                    ? "one orchestration"
                    : "%d orchestrations".formatted(found.items().size()),
            hub.place());
    spec.commandLine().getErr().flush();
    String answer =
        new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine();
    return answer != null
        && (answer.strip().equalsIgnoreCase("y") || answer.strip().equalsIgnoreCase("yes"));
  }
}
