package dev.perdure.cli;

import dev.perdure.api.Explanation;
import dev.perdure.cli.operations.Host;
import dev.perdure.cli.operations.StoreDirectory;
import dev.perdure.cli.operations.Target;
import dev.perdure.http.PercentCoding;
import dev.perdure.http.Request;
import dev.perdure.http.Response;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
      "Looks at a hub that no program has open, or asks a server that runs. Runs no code and changes"
          + " nothing. In a program that has the hub open, client.explain(id) says the same.",
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

  @Parameters(
      arity = "1..2",
      paramLabel = "[DIR] INSTANCE",
      hideParamSyntax = true,
      description =
          "The hub's directory, unless --server or --store is given; and the instance's id, @name@key for an"
              + " entity.")
  private List<String> where;

  @Mixin private Target target;

  @Option(names = "--json", description = "Print JSON, for programs.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (target.hasServer()) {
      if (where.size() != 1 || json) {
        throw usage("With --server there is one argument, the instance, and the answer is text.");
      }
      try (Host server = target.server()) {
        out().print(ask(server, where.getFirst()));
        out().flush();
      }
      return 0;
    }
    Path directory = target.store();
    if (where.size() != (directory == null ? 2 : 1)) {
      throw usage(
          directory == null
              ? "The hub's directory and an instance are needed, or --server."
              : "With --store there is one argument, the instance.");
    }
    Explanation explanation;
    try (ClosedHub closed =
        ClosedHub.open(directory == null ? Path.of(where.getFirst()) : directory, target.hub())) {
      explanation = closed.inspection().explain(where.getLast());
    }
    if (json) {
      Output.json(out(), json(explanation));
    } else {
      out().println(explanation);
      out().flush();
    }
    return 0;
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private String ask(Host server, String instance) throws IOException, InterruptedException {
    String hub = Objects.requireNonNullElse(target.hub(), StoreDirectory.DEFAULT_HUB);
    Response response =
        server.send(
            Request.of(
                "GET",
                "/hubs/%s/explain/%s"
                    .formatted(PercentCoding.encode(hub), PercentCoding.encode(instance))));
    String text = response.body().text();
    if (response.status() == 200) {
      return text;
    }
    throw new IOException(
        text.isBlank()
            ? "%s answered %d: it explains nothing to others.".formatted(server, response.status())
            : text.strip());
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
    json.put("codeLocation", explanation.codeLocation());
    json.put("codeHint", explanation.codeHint());
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
