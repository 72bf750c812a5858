package dev.perdure.examples.entities.devices;

import dev.perdure.api.Entity;
import dev.perdure.api.EntityContext;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one device. Passes on to the {@link Fleet} what it measures, and notices when
 * nothing comes any more: with one signal that it sends to itself, to run later.
 */
@Entity
final class Device {
  /** Reports that may be missing before a device counts as silent. */
  private static final int MISSING_MAX = 3;

  private @Nullable Instant lastReportAt;
  private Duration every = Duration.ZERO;
  private boolean watched;

  /**
   * What a device reports.
   *
   * @param decidegrees what it measured, in tenths of a degree
   * @param every how often it means to report
   */
  record Reading(int decidegrees, Duration every) {}

  void report(EntityContext ctx, Reading reading) {
    lastReportAt = ctx.currentInstant();
    every = reading.every();
    ctx.signalEntity(Fleet.ID, "add", reading.decidegrees());
    if (!watched) {
      watched = true; // a device that was silent is back
      ctx.signalEntity(Fleet.ID, "hears", ctx.id().key());
      ctx.signalEntity(ctx.id(), "look", null, silentAt(lastReportAt));
    }
  }

  /** Looks whether it has been silent for too long. One such signal is under way at a time. */
  void look(EntityContext ctx) {
    if (lastReportAt == null) {
      return; // it was deleted meanwhile: looking at it does not bring it back
    }
    Instant silentAt = silentAt(lastReportAt);
    if (ctx.currentInstant().isBefore(silentAt)) {
      ctx.signalEntity(ctx.id(), "look", null, silentAt);
    } else {
      watched = false;
      ctx.signalEntity(Fleet.ID, "misses", ctx.id().key());
    }
  }

  private Instant silentAt(Instant reportedAt) {
    return reportedAt.plus(every.multipliedBy(MISSING_MAX));
  }
}
