package dev.perdure.cli.demo;

import dev.perdure.api.InstanceQuery;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.PerdureClient;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One telling of all stories. There is no record of it but its instances, whose ids are {@code
 * demo-<number>-<story>}.
 *
 * @param number 1 for the first run in a hub
 * @param interruptedSince when it was begun, for one that was interrupted; null for a fresh one
 */
record Run(int number, @Nullable Instant interruptedSince) {
  private static final Pattern ID = Pattern.compile("demo-(\\d{1,9})-(.+)");

  /** The id of a story's instance. */
  String instanceId(Story story) {
    return "demo-" + number + "-" + story.key();
  }

  /** The latest run if a story of it has not ended or not begun; a fresh one otherwise. */
  static Run next(PerdureClient client, List<Story> stories) {
    Map<Integer, Map<String, OrchestrationMetadata>> runs = new TreeMap<>();
    String token = null;
    do {
      InstanceQuery.Page page =
          client.query(InstanceQuery.ALL.withIdPrefix("demo-").withContinuationToken(token));
      for (OrchestrationMetadata instance : page.instances()) {
        Matcher id = ID.matcher(instance.instanceId());
        if (id.matches()) {
          runs.computeIfAbsent(Integer.valueOf(id.group(1)), n -> new TreeMap<>())
              .put(id.group(2), instance);
        }
      }
      token = page.continuationToken();
    } while (token != null);
    if (runs.isEmpty()) {
      return new Run(1, null);
    }
    int latest = runs.keySet().stream().max(Comparator.naturalOrder()).orElseThrow();
    Map<String, OrchestrationMetadata> known = runs.getOrDefault(latest, Map.of());
    boolean finished =
        stories.stream()
            .allMatch(
                story ->
                    Optional.ofNullable(known.get(story.key()))
                        .filter(OrchestrationMetadata::isTerminal)
                        .isPresent());
    if (finished) {
      return new Run(latest + 1, null);
    }
    return new Run(
        latest,
        known.values().stream()
            .map(OrchestrationMetadata::createdAt)
            .min(Comparator.naturalOrder())
            .orElseThrow());
  }
}
