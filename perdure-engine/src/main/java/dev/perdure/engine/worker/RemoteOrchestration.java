package dev.perdure.engine.worker;

import dev.perdure.api.HistoryEvent;
import dev.perdure.api.Payload;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An orchestration whose steps remote workers take.
 *
 * @param instanceId the instance
 * @param executionId its execution
 * @param name the orchestrator
 * @param version the version; empty for none
 * @param customStatus the custom status so far; null for none
 * @param coldHistory reads the history so far, which may take a while; null for an execution that
 *     begins now
 */
public record RemoteOrchestration(
    String instanceId,
    String executionId,
    String name,
    String version,
    @Nullable Payload customStatus,
    @Nullable Supplier<List<HistoryEvent>> coldHistory) {
  /** The same without what reads its history, which keeps in memory what no row has yet. */
  public RemoteOrchestration withoutHistory() {
    return new RemoteOrchestration(instanceId, executionId, name, version, customStatus, null);
  }
}
