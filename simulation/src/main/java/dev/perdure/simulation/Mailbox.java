package dev.perdure.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The letters that were sent to an orchestration that gathers them. */
final class Mailbox {
  private final Set<Integer> acknowledged = new HashSet<>();

  /** For each letter, those that were acknowledged before it was sent. */
  private final Map<Integer, Set<Integer>> earlier = new HashMap<>();

  private boolean closed;

  /** The number of a letter that is about to be sent. */
  int next() {
    int number = earlier.size();
    earlier.put(number, Set.copyOf(acknowledged));
    return number;
  }

  /** A letter was taken; one that came when it was to be the last may have come too late. */
  void acknowledged(int number) {
    if (!closed) {
      acknowledged.add(number);
    }
  }

  /** The last letter is about to be sent. */
  void close() {
    closed = true;
  }

  /** The last letter did not arrive anywhere. */
  void reopen() {
    closed = false;
  }

  boolean isClosed() {
    return closed;
  }

  /**
   * Checks the letters that arrived. A letter whose answer got lost may be there more than once.
   */
  void check(String id, String arrived, Report report) {
    List<Integer> letters = new ArrayList<>();
    for (String letter : arrived.split(",", -1)) {
      if (!letter.isEmpty()) {
        letters.add(Integer.valueOf(letter));
      }
    }
    for (int number : acknowledged) {
      report.check(
          "no event is lost",
          letters.contains(number),
          "letter %d to %s was acknowledged and is not among %s".formatted(number, id, letters));
    }
    Set<Integer> before = new HashSet<>();
    for (int number : letters) {
      report.check(
          "events keep their order",
          before.containsAll(earlier.getOrDefault(number, Set.of())),
          "letter %d to %s came before one of %s: %s"
              .formatted(number, id, earlier.get(number), letters));
      before.add(number);
    }
    if (!letters.isEmpty()) {
      report.used(Feature.EVENTS);
    }
    if (letters.size() >= Functions.LETTERS_AT_ONCE) {
      report.used(Feature.CONTINUED_WITH_EVENTS);
    }
  }
}
