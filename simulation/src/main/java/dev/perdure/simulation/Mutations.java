package dev.perdure.simulation;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * The command {@code ./dev mutations}: breaks the engine on purpose, in one way after the other,
 * and shows that the simulation notices. A simulation that finds nothing proves something only if
 * it would have found it.
 */
public final class Mutations {
  private static final String USAGE =
      """
      Usage: ./dev mutations [--all] [--seeds N] [--only WORDS]

      Breaks a copy of the engine on purpose, in one way after the other, and runs the simulation
      until it notices. Exit code 0 only if every mutation is caught.

        --all          more than the twelve that are tried otherwise
        --seeds N      seeds to try before a mutation counts as not caught (default 300)
        --only WORDS   only mutations whose name has these words
      """;

  private static final String ENGINE = "perdure-engine/src/main/java/dev/perdure/engine/";
  private static final String GRPC = "perdure-grpc/src/main/java/dev/perdure/grpc/";
  private static final String MEMORY =
      "perdure-store-memory/src/main/java/dev/perdure/store/memory/";

  /** How many of the mutations are tried unless all are wanted. */
  static final int USUAL = 12;

  /** Seeds that have to find nothing as long as nothing is broken. */
  private static final int UNBROKEN_SEEDS = 3;

  /**
   * A way to break the engine.
   *
   * @param name what is broken
   * @param file the source
   * @param correct the text that is there, once
   * @param broken what takes its place
   */
  record Mutation(String name, String file, String correct, String broken) {}

  static final List<Mutation> ALL =
      List.of(
          new Mutation(
              "release effects before they are durable",
              ENGINE + "partition/PartitionLog.java",
              "open.effects.add(effect);",
              "effect.perform();"),
          new Mutation(
              "do not check the fence of a commit",
              MEMORY + "MemoryStore.java",
              "checkFence(record.partition(), record.epoch());",
              ""),
          new Mutation(
              "cut the log before the rows are synced",
              MEMORY + "MemoryDisk.java",
              "unflushed.add(new Unflushed(partition, null, position));",
              "makeDurable(new Unflushed(partition, null, position));"),
          new Mutation(
              "write rows ahead of the log",
              ENGINE + "partition/Checkpoint.java",
              "waitingForDurable.getFirst().position() <= position",
              "waitingForDurable.getFirst().position() >= 0"),
          new Mutation(
              "lose timers in recovery",
              ENGINE + "partition/Orchestrations.java",
              "if (task instanceof OpenTask.Timer timer && !timer.stored()) {",
              "if (task instanceof OpenTask.Timer timer && timer.taskId() < -1) {"),
          new Mutation(
              "take a message twice",
              ENGINE + "partition/Mail.java",
              "if (c.number() == expected) {",
              "if (c.number() <= expected) {"),
          new Mutation(
              "acknowledge messages before they are durable",
              ENGINE + "partition/Mail.java",
              "log.acknowledge(c.sender(), outbox.received(c.sender()));",
              "host.post(c.sender(), new Command.Acknowledge(index, outbox.received(c.sender())));"),
          new Mutation(
              "forget activities that were under way",
              ENGINE + "partition/Orchestrations.java",
              "if (task instanceof OpenTask.Activity activity && !activity.isDispatched()) {",
              "if (task instanceof OpenTask.Activity activity && activity.attempt() < 0) {"),
          new Mutation(
              "keep the locks of an orchestration that has ended",
              ENGINE + "partition/StepMessages.java",
              "if (last) {",
              "if (last && locks == null) {"),
          new Mutation(
              "keep what a failed operation did to the state",
              ENGINE + "entity/OperationScopeImpl.java",
              "state = committedState;\n    live = null;",
              "committedState = state;\n    live = null;"),
          new Mutation(
              "show remote code what a rewind removed",
              GRPC + "history/Turn.java",
              "Rewind.effective(history)) {",
              "history) {"),
          new Mutation(
              "lose the work of a remote worker that went away",
              GRPC + "worker/WorkerPool.java",
              "} else {\n        submit(item);",
              "} else {\n        assert item != null;"),
          new Mutation(
              "withdraw a lock from the first entity only",
              ENGINE + "partition/EntityMessages.java",
              "if (next < m.lockSet().size()) {",
              "if (next < 0) {"),
          new Mutation(
              "apply what rows have already",
              ENGINE + "partition/StateReader.java",
              "if (entity != null && at > entity.state.position()) {",
              "if (entity != null) {"),
          new Mutation(
              "do not send messages again",
              ENGINE + "partition/Mail.java",
              "outbox.forEachUnacknowledged(\n        receiver,",
              "outbox.forEachUnacknowledged(\n        -1,"),
          new Mutation(
              "believe in memory after a failed commit",
              ENGINE + "partition/Partition.java",
              "log.abandon(batch, unknownOutcome(reason));\n    fail(reason);",
              "log.abandon(batch, unknownOutcome(reason));"),
          new Mutation(
              "drop the messages that release locks",
              ENGINE + "partition/StepMessages.java",
              "messages.add(new Message.UnlockEntity(entityId, owner));",
              "assert entityId != null : owner;"),
          new Mutation(
              "drop the message that grants locks",
              ENGINE + "partition/Entities.java",
              ": new Message.LocksGranted(request.owner()));",
              ": new Message.UnlockEntity(e.id(), request.owner()));"),
          new Mutation(
              "forget events that a remote worker left for later",
              GRPC + "history/WorkerView.java",
              "delivered += taken;",
              "delivered += inbox.size();"),
          new Mutation(
              "tell remote code a time before that of its timers",
              GRPC + "history/WorkerView.java",
              "Math.max(now, latest + 1)",
              "now"),
          new Mutation(
              "let writers go on after rows were lost",
              MEMORY + "MemoryStore.java",
              "held[partition] = 0;",
              ""),
          new Mutation(
              "do again what a retry made good",
              ENGINE + "instance/MadeGood.java",
              "case SubOrchestrationCompleted e -> completed(e.taskId());",
              "case SubOrchestrationCompleted e -> {}"),
          new Mutation(
              "lose the calls that the row of an instance leaves to its history",
              ENGINE + "instance/CallsInHistory.java",
              "instance.opened(Instance.activity(call, place.redeliveries(), place.chunk()));",
              "assert instance.exists() : place;"));

  private final Path root;
  private final PrintStream out;

  private Mutations(Path root, PrintStream out) {
    this.root = root;
    this.out = out;
  }

  /** Tries all mutations. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path root = Path.of(System.getProperty("perdure.root", "."));
    System.exit(new Mutations(root, System.out).run(List.of(args)));
  }

  private int run(List<String> args) throws IOException, InterruptedException {
    int seeds = 300;
    String only = "";
    boolean all = false;
    for (int i = 0; i < args.size(); i++) {
      boolean hasValue = i + 1 < args.size();
      switch (args.get(i)) {
        case "--all" -> all = true;
        case "--help", "-h" -> {
          out.print(USAGE);
          return 0;
        }
        case "--seeds", "--only" -> {
          if (!hasValue) {
            out.println(args.get(i) + " needs a value");
            out.print(USAGE);
            return 2;
          }
          if (args.get(i).equals("--seeds")) {
            seeds = Integer.parseInt(args.get(++i));
          } else {
            only = args.get(++i);
          }
        }
        default -> {
          out.println("Unknown option " + args.get(i));
          out.print(USAGE);
          return 2;
        }
      }
    }
    int tried = 0;
    int caught = 0;
    List<Mutation> chosen = all || !only.isEmpty() ? ALL : ALL.subList(0, USUAL);
    String violation = violation("", UNBROKEN_SEEDS);
    if (violation != null) {
      out.println("The engine fails without a mutation already: " + violation);
      return 1;
    }
    for (Mutation mutation : chosen) {
      if (mutation.name().contains(only)) {
        tried++;
        if (isCaught(mutation, seeds)) {
          caught++;
        }
      }
    }
    if (tried == 0) {
      out.printf("There is no mutation with '%s' in its name.%n", only);
      return 2;
    }
    out.printf("%d mutations, %d caught%n", tried, caught);
    return tried == caught ? 0 : 1;
  }

  private boolean isCaught(Mutation mutation, int seeds) throws IOException, InterruptedException {
    Path overlay = Files.createTempDirectory("perdure-mutation");
    try {
      compile(mutation, overlay);
      return simulate(mutation, overlay, seeds);
    } finally {
      Directories.delete(overlay);
    }
  }

  // ---- breaking -----------------------------------------------------------------------------

  /** The source with the mutation in it. */
  static String mutated(Mutation mutation, String source) {
    int at = source.indexOf(mutation.correct());
    if (at < 0 || source.indexOf(mutation.correct(), at + 1) >= 0) {
      throw new IllegalStateException(
          "The mutation '%s' does not fit %s any more: it needs this text once: %s"
              .formatted(mutation.name(), mutation.file(), mutation.correct()));
    }
    return source.substring(0, at)
        + mutation.broken()
        + source.substring(at + mutation.correct().length());
  }

  private void compile(Mutation mutation, Path overlay) throws IOException {
    Path original = root.resolve(mutation.file());
    Path sources = Files.createDirectories(overlay.resolve("src"));
    Path classes = Files.createDirectories(overlay.resolve("classes"));
    Path broken = sources.resolve(original.getFileName());
    Files.writeString(broken, mutated(mutation, Files.readString(original)));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw new IllegalStateException("There is no compiler: a full JDK is needed, not a JRE.");
    }
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  messages,
                  files,
                  null,
                  List.of(
                      "-proc:none",
                      "-nowarn",
                      "-cp",
                      System.getProperty("java.class.path"),
                      "-d",
                      classes.toString()),
                  null,
                  files.getJavaFileObjects(broken))
              .call();
      if (!compiled) {
        throw new IllegalStateException(
            "The mutation '%s' does not compile: %s".formatted(mutation.name(), messages));
      }
    }
  }

  // ---- noticing -----------------------------------------------------------------------------

  private boolean simulate(Mutation mutation, Path overlay, int seeds)
      throws IOException, InterruptedException {
    String violation = violation(overlay.resolve("classes") + File.pathSeparator, seeds);
    out.printf(
        Locale.ROOT,
        "%-8s %s%n         %s%n",
        violation != null ? "caught" : "MISSED",
        mutation.name(),
        violation != null ? violation : "no violation in " + seeds + " seeds");
    return violation != null;
  }

  /**
   * The first violation that a simulation finds; null if it finds none.
   *
   * @param overlay goes before the class path
   * @throws IllegalStateException if the simulation itself does not run
   */
  private static @Nullable String violation(String overlay, int seeds)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--add-opens=java.base/java.lang=ALL-UNNAMED");
    command.add("-Djdk.trackAllThreads=false");
    command.add("-cp");
    command.add(overlay + System.getProperty("java.class.path"));
    command.add(Simulate.class.getName());
    command.addAll(List.of("--seeds", Integer.toString(seeds), "--seed", "1", "--stop-at-first"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said;
    try (var output = process.getInputStream()) {
      said = new String(output.readAllBytes(), StandardCharsets.UTF_8);
    }
    int exit = process.waitFor();
    if (exit == 0) {
      return null;
    }
    String violation = firstViolation(said);
    if (exit != 1 || violation == null || violation.contains("OutOfMemoryError")) {
      throw new IllegalStateException(
          "The simulation did not run (exit code %d), so nothing is known: %s"
              .formatted(exit, said));
    }
    return violation;
  }

  private static @Nullable String firstViolation(String said) {
    @Nullable String seed = null;
    for (String line : said.lines().toList()) {
      if (line.startsWith("Seed ")) {
        seed = line.substring(0, line.indexOf(" failed"));
      } else if (seed != null) {
        String violation = line.strip();
        return seed
            + ": "
            + (violation.length() > 160 ? violation.substring(0, 160) + "..." : violation);
      }
    }
    return null;
  }
}
