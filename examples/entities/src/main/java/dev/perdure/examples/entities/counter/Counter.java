package dev.perdure.examples.entities.counter;

import dev.perdure.api.Entity;

/** A number with a name. The field is the state, and each method is an operation. */
@Entity
final class Counter {
  private int value;

  /** Adds, and tells what that makes. */
  int add(int n) {
    value += n;
    return value;
  }

  /** Takes away; fails, and changes nothing, if there is less. */
  void take(int n) {
    value -= n; // too early, on purpose: an operation that throws leaves no trace
    if (value < 0) {
      throw new IllegalStateException("only %,d are there".formatted(value + n));
    }
  }

  int get() {
    return value;
  }
}
