package dev.perdure.functions.definition;

/** Which way a binding passes data. */
public enum Direction {
  /** Into the function. */
  IN,
  /** Out of the function. */
  OUT,
  /** Both. */
  INOUT
}
