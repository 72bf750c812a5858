package dev.perdure.simulation;

import java.util.List;
import java.util.Map;

/**
 * What a run came to.
 *
 * @param seed which run
 * @param violations what was not as promised; empty if all was well
 * @param faults how often each fault was injected
 * @param checks how often each invariant was checked
 * @param features how often each feature was used and did what it is for
 * @param steps things done
 * @param trace the same for two runs of one seed, and hardly ever for others
 */
record Result(
    long seed,
    List<String> violations,
    Map<Fault, Integer> faults,
    Map<String, Integer> checks,
    Map<Feature, Integer> features,
    long steps,
    long trace) {
  Result {
    violations = List.copyOf(violations);
    faults = Map.copyOf(faults);
    checks = Map.copyOf(checks);
    features = Map.copyOf(features);
  }
}
