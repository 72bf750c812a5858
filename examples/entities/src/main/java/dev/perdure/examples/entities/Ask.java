package dev.perdure.examples.entities;

import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.PerdureClient;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** The few things that every example asks a hub for. */
public final class Ask {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration LOOK_EVERY = Duration.ofMillis(5);

  private Ask() {}

  /** Runs an orchestration and gives what it returns. */
  public static <T> T of(
      PerdureClient client, String orchestrator, Object input, Class<T> outputType) {
    return output(endOf(client, client.startNew(orchestrator, input)), outputType);
  }

  /** What an orchestration that has ended has returned. */
  public static <T> T output(OrchestrationMetadata end, Class<T> type) {
    return Objects.requireNonNull(end.output(type), () -> end + " has no output");
  }

  /** Waits until an orchestration has ended. */
  public static OrchestrationMetadata endOf(PerdureClient client, String id) {
    return client.waitForCompletion(id, PATIENCE);
  }

  /**
   * Waits until an orchestration has ended that an entity starts. Until the start has arrived there
   * is nobody to wait for, so this looks for it first.
   */
  public static OrchestrationMetadata endOfOneToCome(PerdureClient client, String id)
      throws InterruptedException {
    until("orchestration " + id + " to begin", () -> client.status(id, false));
    return endOf(client, id);
  }

  /** Looks again and again until there is something to see. */
  public static <T> T until(String what, Supplier<Optional<T>> look) throws InterruptedException {
    Instant end = Instant.now().plus(PATIENCE);
    while (true) {
      Optional<T> seen = look.get();
      if (seen.isPresent()) {
        return seen.get();
      }
      if (Instant.now().isAfter(end)) {
        throw new IllegalStateException("Waited %s in vain for %s".formatted(PATIENCE, what));
      }
      Thread.sleep(LOOK_EVERY);
    }
  }
}
