package dev.perdure.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The engine keeps its promises whatever goes wrong. A failure names its seed; run that alone with
 * {@code ./dev simulate --seed S --seeds 1 --verbose}.
 */
class SimulationTest {
  private static final long STEPS = 6_000;

  static final List<Mutations.Mutation> mutations = Mutations.ALL;

  @BeforeAll
  static void quiet() {
    Simulate.silence();
  }

  @Test
  void hundredsOfSeedsFindNothing() {
    run(System.nanoTime() % 1_000_000_000, 200);
  }

  @Test
  @Tag("soak")
  void thousandsOfSeedsFindNothing() {
    run(System.nanoTime() % 1_000_000_000, 5_000);
  }

  private static void run(long first, int seeds) {
    Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
    Map<String, Integer> checks = new TreeMap<>();
    Set<Feature> features = EnumSet.noneOf(Feature.class);
    for (long seed = first; seed < first + seeds; seed++) {
      Result result = Simulation.run(seed, STEPS);
      assertThat(result.violations())
          .as("./dev simulate --seed %d --seeds 1 --steps %d", seed, STEPS)
          .isEmpty();
      result.faults().forEach((fault, times) -> faults.merge(fault, times, Integer::sum));
      result.checks().forEach((check, times) -> checks.merge(check, times, Integer::sum));
      features.addAll(result.features().keySet());
    }
    assertThat(faults.keySet()).as("faults injected").containsExactly(Fault.values());
    assertThat(features).as("features used").containsExactlyInAnyOrder(Feature.values());
    assertThat(checks.keySet())
        .as("invariants checked")
        .contains(
            "one writer",
            "nothing acknowledged is lost",
            "one end",
            "no event is lost",
            "events keep their order",
            "replayed state equals live state",
            "replayed code agrees",
            "remote histories are whole",
            "nothing is lost in a crash",
            "the audit is clean",
            "always awake",
            "answers come soon",
            "families end together",
            "what was purged is gone",
            "a rewound orchestration goes on",
            "what was made good stays done",
            "money is conserved",
            "operations take effect once",
            "locks end with their owners");
  }

  @Test
  void aSeedDoesTheSameEveryTimeAndAnotherSomethingElse() {
    Result first = Simulation.run(42, STEPS);
    Result second = Simulation.run(42, STEPS);
    assertThat(second).isEqualTo(first);
    assertThat(Simulation.run(43, STEPS).trace()).isNotEqualTo(first.trace());
  }

  /** Else `./dev mutations` would prove nothing. */
  @ParameterizedTest
  @FieldSource("mutations")
  void everyMutationFitsTheSource(Mutations.Mutation mutation) throws Exception {
    String source = Files.readString(Path.of("..").resolve(mutation.file()));
    assertThat(Mutations.mutated(mutation, source)).isNotEqualTo(source);
  }

  @Test
  void theLastLineSaysWhatCameOfIt() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int code =
        Simulate.run(
            List.of("--seeds", "2", "--seed", "7", "--steps", "500"), new PrintStream(bytes));
    List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(code).isZero();
    assertThat(lines.getLast()).matches("2 seeds, \\d+ faults, 0 violations");
  }

  @Test
  void anUnknownOptionIsRefusedWithTheUsage() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertThat(Simulate.run(List.of("--sedes", "2"), new PrintStream(bytes))).isEqualTo(2);
    assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("--sedes", "--seeds N");
  }
}
