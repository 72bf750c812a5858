package dev.perdure.api;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How an activity or a sub-orchestration is called. Immutable; start from {@link #NONE}.
 *
 * @param retry when to try again; null for a single attempt
 * @param instanceId the id of the sub-orchestration; null to have one derived from the parent's.
 *     Not for activities
 * @param version the version of the sub-orchestration; null to inherit the parent's. Not for
 *     activities
 * @param tags tags of the sub-orchestration. Not for activities
 */
public record TaskOptions(
    @Nullable RetryPolicy retry,
    @Nullable String instanceId,
    @Nullable String version,
    Map<String, String> tags) {

  /** A single attempt, everything else by default. */
  public static final TaskOptions NONE = new TaskOptions(null, null, null, Map.of());

  /** Copies the tags. */
  public TaskOptions {
    tags = Map.copyOf(tags);
  }

  /** Options with a retry policy. */
  public static TaskOptions retry(RetryPolicy policy) {
    return NONE.withRetry(policy);
  }

  /** These options with a retry policy. */
  public TaskOptions withRetry(RetryPolicy policy) {
    return new TaskOptions(policy, instanceId, version, tags);
  }

  /** These options with a chosen id for the sub-orchestration. */
  public TaskOptions withInstanceId(String id) {
    return new TaskOptions(retry, id, version, tags);
  }

  /** These options with a version for the sub-orchestration; empty for "no version". */
  public TaskOptions withVersion(String chosen) {
    return new TaskOptions(retry, instanceId, chosen, tags);
  }

  /** These options with tags for the sub-orchestration. */
  public TaskOptions withTags(Map<String, String> chosen) {
    return new TaskOptions(retry, instanceId, version, chosen);
  }
}
