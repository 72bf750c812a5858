package dev.perdure.functions.timer;

import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.PerdureClient;
import dev.perdure.functions.trigger.HubMemory;
import java.lang.System.Logger.Level;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Remembers in the task hub where a timer stands. A hub that cannot be asked or told does not keep
 * the timer from running; the log then says what that means.
 */
final class TimerMonitor {
  private static final System.Logger LOG = System.getLogger("dev.perdure.functions.timer");

  private final PerdureClient hub;
  private final EntityId entity;

  TimerMonitor(PerdureClient hub, String function) {
    this.hub = hub;
    this.entity = TimerState.idOf(function);
  }

  /** Where the timer stood when it was last written down; null if that is not known. */
  @Nullable TimerStatus read() throws InterruptedException {
    try {
      Optional<EntityMetadata> known = settled();
      TimerState state = known.isEmpty() ? null : known.get().state(TimerState.class);
      return state == null ? null : state.status();
    } catch (RuntimeException e) {
      LOG.log(
          Level.WARNING,
          "What the hub knows of timer '%s' cannot be read. The timer begins anew; a missed run stays missed."
              .formatted(entity.key()),
          e);
      return null;
    }
  }

  /** The entity after all that was sent to it: the last host may have died right after sending. */
  private Optional<EntityMetadata> settled() throws InterruptedException {
    Optional<EntityMetadata> known = HubMemory.settled(hub, entity);
    if (known.isPresent() && known.get().operationsWaiting() > 0) {
      LOG.log(
          Level.WARNING,
          "The hub has not taken down all that was last known of timer '%s'; a run may be repeated."
              .formatted(entity.key()));
    }
    return known;
  }

  /** Writes down where the timer stands; it is durable when this returns. */
  void write(TimerStatus status) {
    try {
      hub.signalEntity(entity, "update", status);
    } catch (RuntimeException e) {
      LOG.log(
          Level.WARNING,
          "The hub cannot take down where timer '%s' stands. If the host starts again before the next run, the last one is repeated."
              .formatted(entity.key()),
          e);
    }
  }
}
