package dev.perdure.grpc;

import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.StartOptions.IdReusePolicy;
import dev.perdure.api.StartOptions.IdReusePolicy.Otherwise;
import dev.perdure.grpc.protocol.CreateInstanceRequest;
import dev.perdure.grpc.protocol.OrchestrationIdReusePolicy;
import dev.perdure.grpc.protocol.OrchestrationIdReusePolicy.LegacyAction;
import io.grpc.Status;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a client wants to happen if the id exists. The engine replaces or refuses; what else there
 * is to a refusal is decided here, from the status of the instance that was in the way.
 *
 * @param policy what the engine is asked for
 * @param ignored statuses of an existing instance with which the start succeeds and does nothing
 * @param contradictory statuses of an existing instance that the client allows to be replaced,
 *     though it does not allow the termination that this takes
 */
record IdReuse(
    IdReusePolicy policy,
    Set<OrchestrationStatus> ignored,
    Set<OrchestrationStatus> contradictory) {

  /**
   * What a request asks for.
   *
   * @param usual for requests that say nothing of it
   */
  static IdReuse of(CreateInstanceRequest request, IdReusePolicy usual) {
    if (!request.hasOrchestrationIdReusePolicy()) {
      return new IdReuse(usual, Set.of(), Set.of());
    }
    OrchestrationIdReusePolicy wanted = request.getOrchestrationIdReusePolicy();
    Set<OrchestrationStatus> statuses =
        OrchestrationStatuses.fromWire(wanted.getReplaceableStatusList());
    return switch (wanted.getAction()) {
      case LEGACY_ACTION_IGNORE -> new IdReuse(IdReusePolicy.ERROR, statuses, Set.of());
      case LEGACY_ACTION_TERMINATE -> replacing(statuses);
      case LEGACY_ACTION_ERROR -> current(statuses);
      case UNRECOGNIZED ->
          throw new IllegalArgumentException(
              "The id-reuse action is %d; use %d (error), %d (ignore) or %d (terminate), or none."
                  .formatted(
                      wanted.getActionValue(),
                      LegacyAction.LEGACY_ACTION_ERROR_VALUE,
                      LegacyAction.LEGACY_ACTION_IGNORE_VALUE,
                      LegacyAction.LEGACY_ACTION_TERMINATE_VALUE));
    };
  }

  private static IdReuse replacing(Set<OrchestrationStatus> statuses) {
    return new IdReuse(new IdReusePolicy(statuses, Otherwise.ERROR), Set.of(), Set.of());
  }

  private static IdReuse current(Set<OrchestrationStatus> statuses) {
    if (statuses.contains(OrchestrationStatus.TERMINATED)) {
      return replacing(statuses);
    }
    return new IdReuse(
        new IdReusePolicy(having(statuses, true), Otherwise.ERROR),
        Set.of(),
        having(statuses, false));
  }

  private static Set<OrchestrationStatus> having(
      Set<OrchestrationStatus> statuses, boolean terminal) {
    return statuses.stream()
        .filter(status -> status.isTerminal() == terminal)
        .collect(Collectors.toSet());
  }

  /** Whether a start that was refused because of an instance in this status has succeeded. */
  boolean ignores(OrchestrationStatus existing) {
    return ignored.contains(existing);
  }

  /** What to tell the client whose start was refused. */
  RuntimeException refusal(String instanceId, OrchestrationStatus existing) {
    if (contradictory.contains(existing)) {
      return new IllegalArgumentException(
          "Invalid reusable statuses: cannot exclude 'Terminated' while also allowing reuse of running instances");
    }
    return Status.ALREADY_EXISTS
        .withDescription(
            "An orchestration instance already exists with the id '%s' (%s). Choose another id, or allow it to be replaced."
                .formatted(instanceId, OrchestrationStatuses.title(existing)))
        .asRuntimeException();
  }
}
