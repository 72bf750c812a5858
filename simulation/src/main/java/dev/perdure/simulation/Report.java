package dev.perdure.simulation;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a run has seen so far. */
final class Report {
  private static final int VIOLATIONS_MAX = 20;

  private final List<String> violations = new ArrayList<>();
  private final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
  private final Map<String, Integer> checks = new TreeMap<>();
  private final Map<Feature, Integer> features = new EnumMap<>(Feature.class);

  /** Something is not as it was promised. */
  void violate(String what) {
    if (violations.size() < VIOLATIONS_MAX) {
      violations.add(what);
    }
  }

  /** An invariant was checked. */
  void check(String invariant, boolean holds, String otherwise) {
    checks.merge(invariant, 1, Integer::sum);
    if (!holds) {
      violate(invariant + ": " + otherwise);
    }
  }

  /** Something went wrong, on purpose. */
  void happened(Fault fault) {
    faults.merge(fault, 1, Integer::sum);
  }

  /** Something was used, and did what it is for. */
  void used(Feature feature) {
    features.merge(feature, 1, Integer::sum);
  }

  Result result(long seed, long steps, long trace) {
    return new Result(seed, violations, faults, checks, features, steps, trace);
  }
}
