package dev.perdure.api;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
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

  /**
   * Options for a start that is repeated when what caused it is delivered again, such as a message
   * of a device, and that has to have an effect only once: the id is made of what tells the cause
   * from all others, and a start whose id exists already changes nothing.
   *
   * <p>It holds for as long as the instance is not purged.
   *
   * @param source where causes of this kind come from; it keeps them apart from those of other
   *     sources that are counted in the same way
   * @param identity what tells the cause from others of the same source: of a message in an event
   *     hub its partition and sequence number, of a changed row its key and the version of the
   *     change, of a message in a queue its id
   * @throws IllegalArgumentException if there is no identity
   */
  public static StartOptions once(String source, Object... identity) {
    if (identity.length == 0) {
      throw new IllegalArgumentException(
          "A start that happens once needs something that tells its cause from others.");
    }
    StringBuilder id = new StringBuilder(idPart(source));
    for (Object part : identity) {
      id.append('-').append(idPart(String.valueOf(part)));
    }
    return DEFAULT.withInstanceId(id.toString()).withIdReuse(IdReusePolicy.IGNORE);
  }

  /**
   * A part of an id that runs into no other: the separator, and what ids cannot have, is escaped.
   */
  private static String idPart(String text) {
    StringBuilder part = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.') {
        part.append(c);
      } else {
        part.append('_').append(HexFormat.of().toHexDigits(b));
      }
    }
    return part.toString();
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

    /**
     * Replaces the existing instance whatever its status. One that goes on is terminated first,
     * with its sub-orchestrations.
     */
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
