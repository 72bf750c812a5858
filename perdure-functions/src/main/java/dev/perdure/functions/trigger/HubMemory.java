package dev.perdure.functions.trigger;

import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.PerdureClient;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What triggers have to remember beyond the life of a host, such as how far they have read: texts
 * by name, in the task hub. Safe from any thread; a name has one writer at a time.
 */
public final class HubMemory {
  /** How long the hub may take to do at the start what it was told before. */
  private static final Duration SETTLING = Duration.ofSeconds(10);

  private final PerdureClient hub;

  /** The memory that is in a hub, which has to know the entity {@link TriggerState}. */
  public HubMemory(PerdureClient hub) {
    this.hub = hub;
  }

  /**
   * What was last written under a name; null if nothing was. Waits until all that was written is
   * there to be read.
   *
   * @throws IllegalStateException if the hub does not get that far in 10 seconds
   * @throws dev.perdure.api.PerdureException if the hub cannot be asked
   * @throws InterruptedException if the thread is interrupted
   */
  public @Nullable String read(String name) throws InterruptedException {
    EntityId id = id(name);
    Optional<EntityMetadata> known = settled(hub, id);
    if (known.isPresent() && known.get().operationsWaiting() > 0) {
      throw new IllegalStateException(
          "The task hub has not yet taken down all that was written to entity %s.".formatted(id));
    }
    TriggerState state = known.isEmpty() ? null : known.get().state(TriggerState.class);
    return state == null ? null : state.value();
  }

  /**
   * Writes a text under a name; it is durable when this returns.
   *
   * @throws dev.perdure.api.PerdureException if the hub cannot take it
   */
  public void write(String name, String value) {
    hub.signalEntity(id(name), "write", value);
  }

  private static EntityId id(String name) {
    return EntityId.of(TriggerState.class, name);
  }

  /** An entity after all that was sent to it: the last host may have died right after sending. */
  public static Optional<EntityMetadata> settled(PerdureClient hub, EntityId id)
      throws InterruptedException {
    long deadline = System.nanoTime() + SETTLING.toNanos();
    Optional<EntityMetadata> known = hub.getEntity(id);
    while (known.isPresent()
        && known.get().operationsWaiting() > 0
        && known.get().problem() == null
        && System.nanoTime() - deadline < 0) {
      Thread.sleep(Duration.ofMillis(5));
      known = hub.getEntity(id);
    }
    return known;
  }
}
