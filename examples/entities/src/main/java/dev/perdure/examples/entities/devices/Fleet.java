package dev.perdure.examples.entities.devices;

import dev.perdure.api.Entity;
import dev.perdure.api.EntityId;
import java.util.List;
import java.util.TreeSet;

/** Adds up what all devices have measured, and knows which of them are silent. */
@Entity
final class Fleet {
  static final EntityId ID = EntityId.of(Fleet.class, "all");

  private long readings;
  private long sum;
  private int highest = Integer.MIN_VALUE;
  private TreeSet<String> silent = new TreeSet<>(); // not final: what is stored is set into it

  /**
   * What it adds up to.
   *
   * @param sum of all readings, in tenths of a degree
   */
  record Totals(long readings, long sum, int highest, List<String> silent) {}

  void add(int decidegrees) {
    readings++;
    sum += decidegrees;
    highest = Math.max(highest, decidegrees);
  }

  void misses(String device) {
    silent.add(device);
  }

  void hears(String device) {
    silent.remove(device);
  }

  Totals totals() {
    return new Totals(readings, sum, highest, List.copyOf(silent));
  }
}
