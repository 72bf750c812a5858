package dev.perdure.cli;

import dev.perdure.api.Explanation;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code perdure explain}. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description = {
      "Says why an instance is where it is: what it waits for, what will wake it, what went wrong"
          + " last, and what to do about it.",
      "",
      "Looks at a hub that no program has open. Runs no code and changes nothing. In a program that"
          + " has the hub open, client.explain(id) says the same.",
      "",
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:explained",
      "1:there is no such instance, or the hub cannot be read",
      "2:wrong usage"
    })
final class ExplainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "DIR", description = "The hub's directory.")
  private Path directory;

  @Parameters(
      index = "1",
      paramLabel = "INSTANCE",
      description = "The instance's id; @name@key for an entity.")
  private String instance;

  @Option(names = "--json", description = "Print JSON, for programs.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    Explanation explanation;
    try (ClosedHub hub = ClosedHub.open(directory)) {
      explanation = hub.inspection().explain(instance);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Output.json(out, json(explanation));
    } else {
      out.println(explanation);
      out.flush();
    }
    return 0;
  }

  private static Map<String, @Nullable Object> json(Explanation explanation) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("instanceId", explanation.instanceId());
    json.put("status", explanation.status().name());
    json.put("summary", explanation.summary());
    List<Map<String, @Nullable Object>> waits = new ArrayList<>();
    for (Explanation.Wait wait : explanation.waits()) {
      Map<String, @Nullable Object> one = new LinkedHashMap<>();
      one.put("kind", wait.kind());
      one.put("description", wait.description());
      one.put("since", wait.since() == null ? null : wait.since().toString());
      one.put("due", wait.due() == null ? null : wait.due().toString());
      one.put("on", wait.on());
      one.put("detail", wait.detail());
      waits.add(one);
    }
    json.put("waits", waits);
    json.put(
        "lastFailure",
        explanation.lastFailure() == null ? null : explanation.lastFailure().toString());
    json.put(
        "problem",
        explanation.problem() == null
            ? null
            : Map.of(
                "kind",
                explanation.problem().kind().name(),
                "message",
                explanation.problem().message()));
    json.put("parent", explanation.parent() == null ? null : explanation.parent().instanceId());
    return json;
  }
}
