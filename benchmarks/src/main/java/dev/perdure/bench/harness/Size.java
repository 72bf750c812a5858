package dev.perdure.bench.harness;

import java.util.Locale;

/** How much of everything a run does. */
public enum Size {
  /** What the goals are about. */
  FULL,
  /** A look in passing: the whole suite in under two minutes, goals shown but not judged. */
  QUICK,
  /** For tests of the workloads themselves; the figures mean nothing. */
  TINY;

  /** The name in results. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
