package dev.perdure.api;

import java.lang.reflect.Type;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an orchestration. An immutable snapshot of durable state.
 *
 * @param instanceId the instance id
 * @param name the orchestrator's name
 * @param version the version; empty if there is none
 * @param executionId the current execution; a new one with every continue-as-new and rewind
 * @param status where it stands
 * @param createdAt when it was accepted
 * @param lastUpdatedAt when something was last recorded
 * @param completedAt when it ended; null while it has not
 * @param scheduledStart when it was to begin; null for at once
 * @param parent the orchestration that started it; null if there is none
 * @param tags the tags given at the start
 * @param serializedInput the input; null if there is none or it was not asked for
 * @param serializedOutput the output; null if there is none or it was not asked for
 * @param serializedCustomStatus the custom status; null if there is none or it was not asked for
 * @param failure what went wrong, for a failed one
 * @param problem why it was set aside; null for most
 * @param dataConverter reads the payloads
 */
public record OrchestrationMetadata(
    String instanceId,
    String name,
    String version,
    String executionId,
    OrchestrationStatus status,
    Instant createdAt,
    Instant lastUpdatedAt,
    @Nullable Instant completedAt,
    @Nullable Instant scheduledStart,
    @Nullable ParentInstance parent,
    Map<String, String> tags,
    @Nullable Payload serializedInput,
    @Nullable Payload serializedOutput,
    @Nullable Payload serializedCustomStatus,
    @Nullable FailureDetails failure,
    @Nullable Problem problem,
    DataConverter dataConverter) {

  /**
   * The input.
   *
   * @throws DataConversionException if it does not fit the type
   */
  public <T> @Nullable T input(Class<T> type) {
    return read(serializedInput, type);
  }

  /** The input, of a type with generic parameters. */
  public <T> @Nullable T input(TypeRef<T> type) {
    return read(serializedInput, type.type());
  }

  /**
   * The output; for a terminated orchestration, the reason given.
   *
   * @throws DataConversionException if it does not fit the type
   */
  public <T> @Nullable T output(Class<T> type) {
    return read(serializedOutput, type);
  }

  /** The output, of a type with generic parameters. */
  public <T> @Nullable T output(TypeRef<T> type) {
    return read(serializedOutput, type.type());
  }

  /**
   * The custom status.
   *
   * @throws DataConversionException if it does not fit the type
   */
  public <T> @Nullable T customStatus(Class<T> type) {
    return read(serializedCustomStatus, type);
  }

  /** The custom status, of a type with generic parameters. */
  public <T> @Nullable T customStatus(TypeRef<T> type) {
    return read(serializedCustomStatus, type.type());
  }

  /** What went wrong, for a failed orchestration. */
  public Optional<FailureDetails> failureDetails() {
    return Optional.ofNullable(failure);
  }

  /** Whether the orchestration has ended. */
  public boolean isTerminal() {
    return status.isTerminal();
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the type says what T is
  private <T> @Nullable T read(@Nullable Payload payload, Type type) {
    return payload == null ? null : (T) dataConverter.fromPayload(payload, type);
  }

  /** Shows no payloads, so that it may be logged. */
  @Override
  public String toString() {
    return "Orchestration[%s %s%s %s, created %s, updated %s%s]"
        .formatted(
            instanceId,
            name,
            version.isEmpty() ? "" : " " + version,
            status,
            createdAt,
            lastUpdatedAt,
            failure == null ? "" : ", " + failure);
  }
}
