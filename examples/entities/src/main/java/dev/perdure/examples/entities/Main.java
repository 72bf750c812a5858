package dev.perdure.examples.entities;

import dev.perdure.examples.entities.bank.BankExample;
import dev.perdure.examples.entities.cart.CartExample;
import dev.perdure.examples.entities.counter.CounterExample;
import dev.perdure.examples.entities.devices.DevicesExample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** {@code examples/entities/run}. */
public final class Main {
  private static final String HELP =
      """
      Usage: examples/entities/run EXAMPLE [OPTIONS]

        counter   signals from many threads, calls, an operation that fails
        cart      a shopping cart; checking out starts an orchestration
        bank      transfers under locks, in a process that is killed meanwhile
                    --transfers N      transfers in all (default: 1000)
                    --concurrent N     transfers under way at once (default: 200)
                    --kills K          how often the process is killed (default: 0)
                    --data DIR         the hub's directory; what is in it goes on
                                       (default: a temporary one, removed in the end)
                    --seed S           repeats the moments of the kills (default: by chance)
        devices   devices report, some fall silent, an entity adds up
                    --devices N        how many (default: 1000)

      Exit codes: 0 all is as it should be, 1 it is not, 2 wrong usage
      """;

  private static final Duration REPORTS_EVERY = Duration.ofMillis(400);

  private Main() {}

  /** Runs an example and exits. */
  public static void main(String[] arguments) throws Exception {
    System.exit(run(new Console(System.out), List.of(arguments)));
  }

  /** Runs an example; returns the exit code. */
  static int run(Console out, List<String> arguments) throws IOException, InterruptedException {
    if (arguments.contains("--help") || arguments.contains("-h")) {
      out.say("%s", HELP.strip());
      return 0;
    }
    try {
      if (arguments.isEmpty()) {
        throw new Arguments.WrongUsageException("Name an example");
      }
      List<String> options = arguments.subList(1, arguments.size());
      return switch (arguments.getFirst()) {
        case "counter" -> {
          Arguments.of(options);
          yield CounterExample.run(out);
        }
        case "cart" -> {
          Arguments.of(options);
          yield CartExample.run(out);
        }
        case "bank" ->
            bank(
                out,
                Arguments.of(
                    options, "--transfers", "--concurrent", "--kills", "--data", "--seed"));
        case "devices" ->
            new DevicesExample(
                    out,
                    Arguments.of(options, "--devices").number("--devices", 1_000, 1),
                    REPORTS_EVERY)
                .run();
        default ->
            throw new Arguments.WrongUsageException(
                "There is no example '%s'".formatted(arguments.getFirst()));
      };
    } catch (Arguments.WrongUsageException e) {
      out.say("%s. Ask for --help.", e.getMessage());
      return 2;
    }
  }

  private static int bank(Console out, Arguments options) throws IOException, InterruptedException {
    int transfers = options.number("--transfers", 1_000, 1);
    int concurrent = options.number("--concurrent", 200, 1);
    int kills = options.number("--kills", 0, 0);
    long seed = options.number("--seed", (int) (System.nanoTime() & 0xFFFF), 0);
    if (kills > 0) {
      out.say("The moments of the kills come from --seed %d.", seed);
    }
    String data = options.text("--data");
    if (data != null) {
      return new BankExample(out, Path.of(data), transfers, concurrent, seed).run(kills);
    }
    Path temporary = Files.createTempDirectory("perdure-bank-");
    try {
      return new BankExample(out, temporary.resolve("hub"), transfers, concurrent, seed).run(kills);
    } finally {
      remove(temporary);
    }
  }

  private static void remove(Path directory) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> all = Files.walk(directory)) {
      deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.delete(path);
    }
  }
}
