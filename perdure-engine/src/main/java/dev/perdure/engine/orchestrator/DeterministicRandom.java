package dev.perdure.engine.orchestrator;

import java.util.random.RandomGenerator;

/**
 * SplitMix64 (Steele, Lea and Flood, 2014), written out so that its numbers do not depend on the
 * version of the JDK that replays them.
 */
final class DeterministicRandom implements RandomGenerator {
  private long state;

  DeterministicRandom(long seed) {
    state = seed;
  }

  /** Numbers that depend on every character of a text. */
  static DeterministicRandom seededBy(String text) {
    long seed = 0xcbf29ce484222325L; // FNV-1a
    for (int i = 0; i < text.length(); i++) {
      seed = (seed ^ text.charAt(i)) * 0x100000001b3L;
    }
    return new DeterministicRandom(seed);
  }

  @Override
  public long nextLong() {
    state += 0x9e3779b97f4a7c15L;
    long mixed = state;
    mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
