package dev.perdure.simulation;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/** The command {@code ./dev simulate}. */
public final class Simulate {
  private static final String USAGE =
      """
      Usage: ./dev simulate [--seeds N] [--seed S] [--steps K] [--stop-at-first] [--verbose]

      Runs whole hosts in one thread, in virtual time, with faults that a seed chooses, and
      checks that what was promised holds. Exit code 0 only if all holds.

        --seeds N        how many seeds to run (default 1000)
        --seed S         the first seed (default: random; printed). With one seed alone, say
                         --seeds 1: a seed that failed fails again
        --steps K        things done before the faults stop (default 6000)
        --stop-at-first  stops at the first seed that fails
        --verbose        shows what the engine logs
      """;

  private Simulate() {}

  /** Runs seeds. */
  public static void main(String[] args) {
    System.exit(run(List.of(args), System.out));
  }

  static int run(List<String> args, PrintStream out) {
    long seeds = 1_000;
    long first = new Random().nextInt(1_000_000_000);
    long steps = 6_000;
    boolean stopAtFirst = false;
    boolean verbose = false;
    try {
      for (int i = 0; i < args.size(); i++) {
        switch (args.get(i)) {
          case "--seeds" -> seeds = number(args, ++i);
          case "--seed" -> first = number(args, ++i);
          case "--steps" -> steps = number(args, ++i);
          case "--stop-at-first" -> stopAtFirst = true;
          case "--verbose" -> verbose = true;
          case "--help", "-h" -> {
            out.print(USAGE);
            return 0;
          }
          default -> throw new IllegalArgumentException("Unknown option " + args.get(i));
        }
      }
    } catch (IllegalArgumentException e) {
      out.println(e.getMessage());
      out.print(USAGE);
      return 2;
    }
    if (!verbose) {
      silence();
    }
    return run(seeds, first, steps, stopAtFirst, out);
  }

  private static long number(List<String> args, int i) {
    if (i >= args.size()) {
      throw new IllegalArgumentException(args.get(i - 1) + " needs a number");
    }
    try {
      return Long.parseLong(args.get(i));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s needs a number, not '%s'".formatted(args.get(i - 1), args.get(i)), e);
    }
  }

  /** Failing commits are the order of the day here. */
  static void silence() {
    LogManager.getLogManager().reset();
    Logger.getLogger("").setLevel(Level.OFF);
  }

  private static int run(long seeds, long first, long steps, boolean stopAtFirst, PrintStream out) {
    out.printf("%,d seeds from %d, %,d steps each%n", seeds, first, steps);
    Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
    Map<String, Integer> checks = new TreeMap<>();
    Map<Feature, Integer> features = new EnumMap<>(Feature.class);
    long violations = 0;
    long done = 0;
    long lastSaid = System.nanoTime();
    for (long seed = first; seed < first + seeds; seed++) {
      Result result = Simulation.run(seed, steps);
      done++;
      result.faults().forEach((fault, times) -> faults.merge(fault, times, Integer::sum));
      result.checks().forEach((check, times) -> checks.merge(check, times, Integer::sum));
      result.features().forEach((feature, times) -> features.merge(feature, times, Integer::sum));
      if (!result.violations().isEmpty()) {
        violations += result.violations().size();
        out.printf("Seed %d failed after %,d steps:%n", seed, result.steps());
        result.violations().forEach(violation -> out.println("  " + violation));
        out.printf("  Again: ./dev simulate --seed %d --seeds 1 --steps %d%n", seed, steps);
        if (stopAtFirst) {
          break;
        }
      }
      if (System.nanoTime() - lastSaid > 10_000_000_000L) {
        lastSaid = System.nanoTime();
        out.printf("%,d of %,d seeds, %d violations%n", done, seeds, violations);
      }
    }
    out.println("Faults injected:");
    Arrays.stream(Fault.values())
        .forEach(fault -> out.printf("  %,9d  %s%n", faults.getOrDefault(fault, 0), fault));
    out.println("Features used:");
    Arrays.stream(Feature.values())
        .forEach(feature -> out.printf("  %,9d  %s%n", features.getOrDefault(feature, 0), feature));
    out.println("Invariants checked:");
    checks.forEach((check, times) -> out.printf("  %,9d  %s%n", times, check));
    int injected = faults.values().stream().mapToInt(Integer::intValue).sum();
    out.printf("%d seeds, %d faults, %d violations%n", done, injected, violations);
    return violations == 0 ? 0 : 1;
  }
}
