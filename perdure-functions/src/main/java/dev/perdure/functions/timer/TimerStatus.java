package dev.perdure.functions.timer;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a timer stands.
 *
 * @param last when its function last began to run; null if it never did
 * @param next when it is to run next
 * @param lastUpdated when this was found out
 * @param schedule the text of the schedule by which {@code next} was calculated
 * @param zone the time zone by which it was calculated
 */
public record TimerStatus(
    @Nullable Instant last, Instant next, Instant lastUpdated, String schedule, String zone) {}
