package dev.perdure.api;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How an orchestration is started. Immutable; start from {@link #DEFAULT}.
 *
 * @param instanceId the id; null to have a random one made
 * @param version the version; null for that of the method where one is referred to, else the host's
 *     {@code EngineOptions.defaultVersion}, which is empty unless set
 * @param scheduledStart when its code may run first; null for at once
 * @param tags names and values to find it by
 * @param idReuse what happens if an instance of that id exists
 * @param traceContext the distributed trace that the start belongs to; null if there is none
 */
public record StartOptions(
    @Nullable String instanceId,
    @Nullable String version,
    @Nullable Instant scheduledStart,
    Map<String, String> tags,
    IdReusePolicy idReuse,
    @Nullable TraceContext traceContext) {

  /** A random id, at once, no tags. */
  public static final StartOptions DEFAULT =
      new StartOptions(null, null, null, Map.of(), IdReusePolicy.REPLACE_ENDED, null);

  /** Copies the tags. */
  public StartOptions {
    tags = Map.copyOf(tags);
  }

  /** Options with a chosen id. */
  public static StartOptions id(String instanceId) {
    return DEFAULT.withInstanceId(instanceId);
  }

  /** These options with a chosen id. */
  public StartOptions withInstanceId(String id) {
    return new StartOptions(id, version, scheduledStart, tags, idReuse, traceContext);
  }

  /** These options with a version. */
  public StartOptions withVersion(String chosen) {
    return new StartOptions(instanceId, chosen, scheduledStart, tags, idReuse, traceContext);
  }

  /** These options with a time before which the code does not run. */
  public StartOptions withScheduledStart(Instant at) {
    return new StartOptions(instanceId, version, at, tags, idReuse, traceContext);
  }

  /** These options with tags. */
  public StartOptions withTags(Map<String, String> chosen) {
    return new StartOptions(instanceId, version, scheduledStart, chosen, idReuse, traceContext);
  }

  /** These options with a rule for an id that is in use. */
  public StartOptions withIdReuse(IdReusePolicy policy) {
    return new StartOptions(instanceId, version, scheduledStart, tags, policy, traceContext);
  }

  /** These options with a distributed trace that the start belongs to. */
  public StartOptions withTraceContext(@Nullable TraceContext chosen) {
    return new StartOptions(instanceId, version, scheduledStart, tags, idReuse, chosen);
  }

  /**
   * What happens when an orchestration is started with the id of an existing one.
   *
   * @param replaceable statuses in which the existing instance is replaced; a running one is
   *     terminated first
   * @param otherwise what happens in the other statuses
   */
  public record IdReusePolicy(Set<OrchestrationStatus> replaceable, Otherwise otherwise) {
    /** Replaces an instance that has ended; refuses otherwise. As in Durable Functions. */
    public static final IdReusePolicy REPLACE_ENDED =
        new IdReusePolicy(
            Set.of(
                OrchestrationStatus.COMPLETED,
                OrchestrationStatus.FAILED,
                OrchestrationStatus.TERMINATED),
            Otherwise.ERROR);

    /** Refuses to start where the id exists. */
    public static final IdReusePolicy ERROR = new IdReusePolicy(Set.of(), Otherwise.ERROR);

    /** Leaves the existing instance as it is and starts nothing; the start still succeeds. */
    public static final IdReusePolicy IGNORE = new IdReusePolicy(Set.of(), Otherwise.IGNORE);

    /** Replaces the existing instance whatever its status. */
    public static final IdReusePolicy REPLACE =
        new IdReusePolicy(Set.of(OrchestrationStatus.values()), Otherwise.ERROR);

    /** Copies the set. */
    public IdReusePolicy {
      replaceable = Set.copyOf(replaceable);
    }

    /** What happens if the existing instance is not replaceable. */
    public enum Otherwise {
      /** The start fails with {@link InstanceAlreadyExistsException}. */
      ERROR,
      /** The start succeeds and changes nothing. */
      IGNORE
    }
  }
}
