package dev.perdure.functions.settings;

import dev.perdure.functions.definition.RetryPolicy;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What host.json says, settings that override it applied. Immutable.
 *
 * @param functionTimeout how long a function may run; null for no limit
 * @param functions names of the only functions to load; empty for all
 * @param retry the policy for functions that have none; null for none
 * @param http for HTTP triggers
 * @param durableTask for durable functions
 * @param logLevels log levels by category, without regard to case; {@code default} is for all
 *     others
 * @param extensions the sections below {@code extensions} by name, without regard to case, for
 *     triggers that come as plug-ins; values as in JSON
 * @param warnings what is unknown or has no effect, a sentence each
 */
public record HostSettings(
    @Nullable Duration functionTimeout,
    List<String> functions,
    @Nullable RetryPolicy retry,
    Http http,
    DurableTask durableTask,
    Map<String, LogLevel> logLevels,
    Map<String, Object> extensions,
    List<String> warnings) {
  /** Copies lists and maps. */
  public HostSettings {
    functions = List.copyOf(functions);
    logLevels = anyCase(logLevels);
    extensions = anyCase(extensions);
    warnings = List.copyOf(warnings);
  }

  /** What applies without a host.json of one's own. */
  public static final HostSettings DEFAULTS =
      new HostSettings(
          Duration.ofMinutes(30),
          List.of(),
          null,
          Http.DEFAULTS,
          DurableTask.DEFAULTS,
          Map.of(),
          Map.of(),
          List.of());

  /**
   * For HTTP triggers.
   *
   * @param routePrefix what the paths of functions begin with; empty for nothing
   * @param outstandingMax requests under way beyond which others get 429; negative for no limit
   * @param concurrentMax functions that run at once for requests; negative for no limit
   * @param customHeaders added to responses
   */
  public record Http(
      String routePrefix,
      int outstandingMax,
      int concurrentMax,
      Map<String, String> customHeaders) {
    /** What applies unless it is said otherwise. */
    public static final Http DEFAULTS = new Http("api", -1, -1, Map.of());

    /** Copies the headers. */
    public Http {
      customHeaders = anyCase(customHeaders);
    }
  }

  /**
   * For durable functions.
   *
   * @param hubName the name of the task hub; null if it is not given
   * @param activitiesMax activities that run at once; null for the default
   * @param orchestratorsMax orchestrators that run at once; null for the default
   * @param entitiesMax entities that run at once; null for the default
   * @param replacesAnyState whether a start with the id of an instance that runs replaces it, and a
   *     restart under that id
   * @param defaultVersion the version of orchestrations that are started without one; null for none
   * @param useForwardedHost whether links of the HTTP API follow what a proxy says
   */
  public record DurableTask(
      @Nullable String hubName,
      @Nullable Integer activitiesMax,
      @Nullable Integer orchestratorsMax,
      @Nullable Integer entitiesMax,
      boolean replacesAnyState,
      @Nullable String defaultVersion,
      boolean useForwardedHost) {
    /** What applies unless it is said otherwise. */
    public static final DurableTask DEFAULTS =
        new DurableTask(null, null, null, null, false, null, false);
  }

  private static <T> Map<String, T> anyCase(Map<String, T> map) {
    Map<String, T> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    copy.putAll(map);
    return Collections.unmodifiableMap(copy);
  }
}
