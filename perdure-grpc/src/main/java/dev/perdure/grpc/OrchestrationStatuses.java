package dev.perdure.grpc;

import dev.perdure.grpc.protocol.OrchestrationStatus;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The statuses of orchestrations here and on the wire. */
public final class OrchestrationStatuses {
  private OrchestrationStatuses() {}

  /** A status on the wire. */
  public static OrchestrationStatus toWire(dev.perdure.api.OrchestrationStatus status) {
    return switch (status) {
      case PENDING -> OrchestrationStatus.ORCHESTRATION_STATUS_PENDING;
      case RUNNING -> OrchestrationStatus.ORCHESTRATION_STATUS_RUNNING;
      case SUSPENDED -> OrchestrationStatus.ORCHESTRATION_STATUS_SUSPENDED;
      case COMPLETED -> OrchestrationStatus.ORCHESTRATION_STATUS_COMPLETED;
      case FAILED -> OrchestrationStatus.ORCHESTRATION_STATUS_FAILED;
      case TERMINATED -> OrchestrationStatus.ORCHESTRATION_STATUS_TERMINATED;
    };
  }

  /**
   * The statuses that are meant, without those that no instance ever has.
   *
   * @throws IllegalArgumentException if one is unknown
   */
  static Set<dev.perdure.api.OrchestrationStatus> fromWire(List<OrchestrationStatus> wanted) {
    Set<dev.perdure.api.OrchestrationStatus> statuses =
        EnumSet.noneOf(dev.perdure.api.OrchestrationStatus.class);
    for (OrchestrationStatus status : wanted) {
      switch (status) {
        case ORCHESTRATION_STATUS_PENDING ->
            statuses.add(dev.perdure.api.OrchestrationStatus.PENDING);
        case ORCHESTRATION_STATUS_RUNNING ->
            statuses.add(dev.perdure.api.OrchestrationStatus.RUNNING);
        case ORCHESTRATION_STATUS_SUSPENDED ->
            statuses.add(dev.perdure.api.OrchestrationStatus.SUSPENDED);
        case ORCHESTRATION_STATUS_COMPLETED ->
            statuses.add(dev.perdure.api.OrchestrationStatus.COMPLETED);
        case ORCHESTRATION_STATUS_FAILED ->
            statuses.add(dev.perdure.api.OrchestrationStatus.FAILED);
        case ORCHESTRATION_STATUS_TERMINATED ->
            statuses.add(dev.perdure.api.OrchestrationStatus.TERMINATED);
        case ORCHESTRATION_STATUS_CANCELED, ORCHESTRATION_STATUS_CONTINUED_AS_NEW -> {}
        case UNRECOGNIZED ->
            throw new IllegalArgumentException(
                "A status is none of those that this server knows. Use those of the protocol, 0 to 7.");
      }
    }
    return statuses;
  }

  /** How people write a status. */
  static String title(dev.perdure.api.OrchestrationStatus status) {
    String name = status.name();
    return name.charAt(0) + name.substring(1).toLowerCase(java.util.Locale.ROOT);
  }
}
