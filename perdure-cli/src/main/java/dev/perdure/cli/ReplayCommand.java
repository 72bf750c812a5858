package dev.perdure.cli;

import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.Problem;
import dev.perdure.engine.Inspection;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.engine.orchestrator.ReplayCheck;
import dev.perdure.json.HistoryFormatException;
import dev.perdure.json.HistoryJson;
import dev.perdure.json.JacksonDataConverter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code perdure replay}. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description = {
      "Replays histories against your code as it is now, and says whether each would go on or be"
          + " set aside, and at which line of your code it waits. Nothing that the code asks for"
          + " happens, and the hub is not changed.",
      "",
      "Replays every orchestration of a hub that has not ended, or one of them, or one that 'perdure"
          + " history --json' has exported. No program may have the hub open.",
      "",
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all of them would go on",
      "1:one would not, or something cannot be read",
      "2:wrong usage"
    })
final class ReplayCommand implements Callable<Integer> {
  /** How long code may run without waiting while somebody looks at it in a debugger. */
  private static final Duration UNLIMITED = Duration.ofDays(3650);

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "FILE|DIR",
      description = "A history in JSON, or the directory of a hub.")
  private Path source;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "INSTANCE",
      description = "Only this orchestration of the hub, also if it has ended.")
  private @Nullable String instance;

  @Option(
      names = {"--classpath", "-cp"},
      paramLabel = "PATHS",
      description = "Where your classes are: directories and jars; DIR/* for all jars in one.")
  private String classpath = "";

  @Option(
      names = "--register",
      paramLabel = "CLASS",
      arity = "1..*",
      required = true,
      description =
          "Your classes with functions: their annotated methods, static or not; an entity's class."
              + " Those with methods that are not static need a constructor without parameters.")
  private List<String> classes = new ArrayList<>();

  @Option(names = "--json", description = "Print JSON, for programs.")
  private boolean json;

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      defaultValue = "10",
      showDefaultValue = picocli.CommandLine.Help.Visibility.ALWAYS,
      description = "How long code may run without waiting for anything.")
  private long patienceSeconds;

  @Option(
      names = "--debug",
      description =
          "Wait for a debugger before your code is replayed: attach it to the port, with breakpoints"
              + " set. Code may then take as long as it likes.")
  private boolean debug;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "5005",
      showDefaultValue = picocli.CommandLine.Help.Visibility.ALWAYS,
      description = "The debugger's port, on this machine only.")
  private int port;

  private record History(String instanceId, List<HistoryEvent> events) {
    String name() {
      return events.getFirst() instanceof ExecutionStarted start ? start.name() : "?";
    }
  }

  /**
   * What came of one.
   *
   * @param report why it would not go on; null if it would
   * @param waitsAt the line of code at which it waits; null if it does not, or would not go on
   */
  private record Verdict(
      History history, String word, @Nullable String report, @Nullable String waitsAt) {
    static Verdict of(History history, ReplayCheck.Result result) {
      Problem problem = result.problem();
      if (problem == null) {
        return new Verdict(history, "OK", null, result.codeLocation());
      }
      return stops(
          history,
          problem.kind() == Problem.Kind.NONDETERMINISM ? "DIVERGES" : "STOPS",
          problem.message());
    }

    static Verdict stops(History history, String word, String report) {
      return new Verdict(history, word, report, null);
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (debug) {
      return again();
    }
    List<Verdict> verdicts = new ArrayList<>();
    try (UserClasses user = UserClasses.on(classpath)) {
      FunctionRegistry functions = user.register(classes, spec.commandLine());
      for (History history : histories()) {
        verdicts.add(replay(functions, history));
      }
    }
    print(verdicts);
    return verdicts.stream().allMatch(verdict -> verdict.report() == null) ? 0 : 1;
  }

  private List<History> histories() throws IOException {
    List<History> histories = new ArrayList<>();
    if (Files.isRegularFile(source)) {
      if (instance != null) {
        throw new ParameterException(
            spec.commandLine(), "A file holds one history; leave out '" + instance + "'.");
      }
      HistoryJson.Document document = read(source);
      histories.add(new History(document.instanceId(), document.events()));
      return histories;
    }
    try (ClosedHub hub = ClosedHub.open(source)) {
      Inspection inspection = hub.inspection();
      List<String> ids = instance == null ? inspection.unfinished() : List.of(instance);
      for (String id : ids) {
        histories.add(new History(id, inspection.history(id)));
      }
    }
    return histories;
  }

  private static HistoryJson.Document read(Path file) throws IOException {
    HistoryJson.Document document;
    try {
      document = HistoryJson.read(Files.readString(file));
    } catch (HistoryFormatException e) {
      throw new IOException(
          "'%s' is not a history, as 'perdure history' writes them: %s"
              .formatted(file, e.getMessage()),
          e);
    }
    if (document.events().isEmpty()
        || !(document.events().getFirst() instanceof ExecutionStarted)) {
      throw new IOException(
          "The history in '%s' does not begin with ExecutionStarted, so it cannot be replayed."
              .formatted(file));
    }
    return document;
  }

  private Verdict replay(FunctionRegistry functions, History history) {
    Duration patience = patienceSeconds > 0 ? Duration.ofSeconds(patienceSeconds) : UNLIMITED;
    try {
      return Verdict.of(
          history,
          ReplayCheck.run(
              functions,
              new JacksonDataConverter(),
              history.instanceId(),
              history.events(),
              patience));
    } catch (IllegalStateException e) { // it runs on and on
      return Verdict.stops(history, "STOPS", String.valueOf(e.getMessage()));
    }
  }

  private void print(List<Verdict> verdicts) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      List<Map<String, @Nullable Object>> all = new ArrayList<>();
      for (Verdict verdict : verdicts) {
        Map<String, @Nullable Object> one = new LinkedHashMap<>();
        one.put("instanceId", verdict.history().instanceId());
        one.put("name", verdict.history().name());
        one.put("events", verdict.history().events().size());
        one.put("ok", verdict.report() == null);
        one.put("verdict", verdict.word());
        one.put("report", verdict.report());
        one.put("waitsAt", verdict.waitsAt());
        all.add(one);
      }
      Output.json(out, all);
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    for (Verdict verdict : verdicts) {
      rows.add(
          List.of(
              verdict.word(),
              verdict.history().instanceId(),
              verdict.history().name(),
              String.valueOf(verdict.history().events().size()),
              Objects.requireNonNullElse(verdict.waitsAt(), "")));
    }
    Output.table(out, List.of("", "INSTANCE", "ORCHESTRATOR", "EVENTS", "WAITS AT"), rows);
    for (Verdict verdict : verdicts) {
      if (verdict.report() != null) {
        out.printf("%n%s%n", verdict.report());
      }
    }
    long diverging = verdicts.stream().filter(verdict -> verdict.report() != null).count();
    out.printf(
        "%n%d replayed, %s%n",
        verdicts.size(), diverging == 0 ? "all would go on." : diverging + " would not go on.");
    out.flush();
  }

  /** Runs this command in a JVM that waits for a debugger first. */
  private int again() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=127.0.0.1:" + port);
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of("replay", source.toString()));
    if (instance != null) {
      command.add(instance);
    }
    command.addAll(List.of("--classpath", classpath, "--patience", "0"));
    for (String name : classes) {
      command.addAll(List.of("--register", name));
    }
    if (json) {
      command.add("--json");
    }
    PrintWriter err = spec.commandLine().getErr();
    err.printf(
        "Waiting for a debugger on 127.0.0.1:%d. Set breakpoints in your orchestrator first; %s%n",
        port, "it runs from its beginning, and past its history nothing happens.");
    err.flush();
    Process other = new ProcessBuilder(command).inheritIO().start();
    Thread end = new Thread(other::destroy, "perdure-replay-end");
    Runtime.getRuntime().addShutdownHook(end); // it would wait for a debugger for ever
    return other.waitFor();
  }
}
