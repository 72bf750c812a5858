package dev.perdure.trigger.sql.postgres;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The values of a row, as text, in the order of the columns. Immutable. */
final class PgTuple {
  /** Stands for a value that is stored out of line and has not changed; compared by identity. */
  private static final String UNCHANGED = new String("unchanged");

  private final List<@Nullable String> values;

  private PgTuple(List<@Nullable String> values) {
    this.values = values;
  }

  /** Collects values. */
  static final class Builder {
    private final List<@Nullable String> values = new ArrayList<>();

    void add(@Nullable String value) {
      values.add(value);
    }

    void addUnchanged() {
      values.add(UNCHANGED);
    }

    PgTuple build() {
      return new PgTuple(new ArrayList<>(values));
    }
  }

  /** A value; null for NULL. */
  @Nullable String value(int column) {
    return values.get(column);
  }

  /** Whether a value is missing because it has not changed. */
  @SuppressWarnings("ReferenceEquality") // a value may have the same text
  boolean isUnchanged(int column) {
    return values.get(column) == UNCHANGED;
  }

  /** Whether any value is missing because it has not changed. */
  boolean hasUnchanged() {
    for (int i = 0; i < values.size(); i++) {
      if (isUnchanged(i)) {
        return true;
      }
    }
    return false;
  }

  /** This row, with values that are missing taken from how it was before. */
  PgTuple completedBy(PgTuple before) {
    List<@Nullable String> complete = new ArrayList<>(values);
    for (int i = 0; i < complete.size(); i++) {
      if (isUnchanged(i)) {
        complete.set(i, before.value(i));
      }
    }
    return new PgTuple(complete);
  }
}
