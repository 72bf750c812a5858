package dev.perdure.functions.timer;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.List;

/**
 * A time during which local times are reckoned in the same way.
 *
 * @param offsets by which to reckon. Two after clocks were put forward, so that the time that was
 *     left out is made up for; none while a time is repeated, if that does not count
 * @param end when that changes; {@link Instant#MAX} for never
 */
record Stretch(List<ZoneOffset> offsets, Instant end) {

  /**
   * What holds at a time.
   *
   * @param countsTwice whether local times that come twice count twice
   */
  static Stretch at(Instant time, ZoneRules rules, boolean countsTwice) {
    ZoneOffsetTransition next = rules.nextTransition(time);
    Instant nextChange = next == null ? Instant.MAX : next.getInstant();
    ZoneOffsetTransition change = rules.previousTransition(time.plusNanos(1));
    if (change == null) {
      return new Stretch(List.of(rules.getOffset(time)), nextChange);
    }
    Instant settled = change.getInstant().plus(change.getDuration().abs());
    if (!time.isBefore(settled)) {
      return new Stretch(List.of(rules.getOffset(time)), nextChange);
    }
    return new Stretch(
        offsetsAfter(change, countsTwice), settled.isBefore(nextChange) ? settled : nextChange);
  }

  private static List<ZoneOffset> offsetsAfter(ZoneOffsetTransition change, boolean countsTwice) {
    if (change.isGap()) {
      return List.of(change.getOffsetBefore(), change.getOffsetAfter());
    }
    return countsTwice ? List.of(change.getOffsetAfter()) : List.of();
  }
}
