package dev.perdure.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which instances to list. All conditions that are set must hold. Immutable; start from {@link
 * #ALL}.
 *
 * @param statuses wanted statuses; empty for any
 * @param createdFrom created at or after; null for any
 * @param createdTo created before; null for any
 * @param completedFrom ended at or after; null for any, also such as have not ended
 * @param completedTo ended before; null for any, also such as have not ended
 * @param idPrefix how the instance id begins; empty for any
 * @param name the orchestrator's name; null for any
 * @param tags tags that must be there with these values
 * @param setAsideOnly whether only instances are listed that were set aside
 * @param payloads whether inputs, outputs and custom statuses are read as well
 * @param pageSize instances in one page, 1 to 10,000
 * @param continuationToken where the page begins: {@link Page#continuationToken()} of the one
 *     before; null for the first
 */
public record InstanceQuery(
    Set<OrchestrationStatus> statuses,
    @Nullable Instant createdFrom,
    @Nullable Instant createdTo,
    @Nullable Instant completedFrom,
    @Nullable Instant completedTo,
    String idPrefix,
    @Nullable String name,
    Map<String, String> tags,
    boolean setAsideOnly,
    boolean payloads,
    int pageSize,
    @Nullable String continuationToken) {

  /** Everything, without payloads, 100 to a page. */
  public static final InstanceQuery ALL =
      new InstanceQuery(
          Set.of(), null, null, null, null, "", null, Map.of(), false, false, 100, null);

  /** Checks the page size and copies the collections. */
  public InstanceQuery {
    if (pageSize < 1 || pageSize > 10_000) {
      throw new IllegalArgumentException(
          "Instance query: the page size is %d; use 1 to 10000.".formatted(pageSize));
    }
    statuses = Set.copyOf(statuses);
    tags = Map.copyOf(tags);
  }

  /** This query for some statuses only. */
  public InstanceQuery withStatuses(OrchestrationStatus... wanted) {
    return with(change -> change.statuses = Set.of(wanted));
  }

  /** This query for instances created in a range; null for an open end. */
  public InstanceQuery withCreated(@Nullable Instant from, @Nullable Instant to) {
    return with(
        change -> {
          change.createdFrom = from;
          change.createdTo = to;
        });
  }

  /** This query for instances that ended in a range; null for an open end. */
  public InstanceQuery withCompleted(@Nullable Instant from, @Nullable Instant to) {
    return with(
        change -> {
          change.completedFrom = from;
          change.completedTo = to;
        });
  }

  /** This query for ids that begin so. */
  public InstanceQuery withIdPrefix(String prefix) {
    return with(change -> change.idPrefix = prefix);
  }

  /** This query for one orchestrator. */
  public InstanceQuery withName(String orchestrator) {
    return with(change -> change.name = orchestrator);
  }

  /** This query for instances with these tags. */
  public InstanceQuery withTags(Map<String, String> wanted) {
    return with(change -> change.tags = wanted);
  }

  /**
   * This query for instances that were set aside, which {@link OrchestrationMetadata#problem()}
   * tells more of. The state of every instance that meets the other conditions is read to find
   * them, and pages hold what is found on the way: many are short or empty.
   */
  public InstanceQuery withSetAsideOnly() {
    return with(change -> change.setAsideOnly = true);
  }

  /** This query with inputs, outputs and custom statuses read as well. */
  public InstanceQuery withPayloads() {
    return with(change -> change.payloads = true);
  }

  /** This query with another page size. */
  public InstanceQuery withPageSize(int size) {
    return with(change -> change.pageSize = size);
  }

  /** This query from where another page ended. */
  public InstanceQuery withContinuationToken(@Nullable String token) {
    return with(change -> change.continuationToken = token);
  }

  private InstanceQuery with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.finish();
  }

  /** A query while it is being changed. */
  private static final class Draft {
    private Set<OrchestrationStatus> statuses;
    private @Nullable Instant createdFrom;
    private @Nullable Instant createdTo;
    private @Nullable Instant completedFrom;
    private @Nullable Instant completedTo;
    private String idPrefix;
    private @Nullable String name;
    private Map<String, String> tags;
    private boolean setAsideOnly;
    private boolean payloads;
    private int pageSize;
    private @Nullable String continuationToken;

    Draft(InstanceQuery from) {
      statuses = from.statuses;
      createdFrom = from.createdFrom;
      createdTo = from.createdTo;
      completedFrom = from.completedFrom;
      completedTo = from.completedTo;
      idPrefix = from.idPrefix;
      name = from.name;
      tags = from.tags;
      setAsideOnly = from.setAsideOnly;
      payloads = from.payloads;
      pageSize = from.pageSize;
      continuationToken = from.continuationToken;
    }

    InstanceQuery finish() {
      return new InstanceQuery(
          statuses,
          createdFrom,
          createdTo,
          completedFrom,
          completedTo,
          idPrefix,
          name,
          tags,
          setAsideOnly,
          payloads,
          pageSize,
          continuationToken);
    }
  }

  /**
   * One page of instances.
   *
   * @param instances the instances, by creation time and id; by id where a prefix was given
   * @param continuationToken where the next page begins; null if this was the last
   */
  public record Page(List<OrchestrationMetadata> instances, @Nullable String continuationToken) {
    /** Copies the list. */
    public Page {
      instances = List.copyOf(instances);
    }
  }
}
