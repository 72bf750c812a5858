package dev.perdure.iothub.amqp;

import dev.perdure.iothub.amqp.ConsumerLink.ConsumerKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All consumers that are attached, and who has to go when another comes. */
final class Consumers {
  private final Map<ConsumerKey, List<ConsumerLink>> byKey = new HashMap<>();

  /**
   * Makes room for a consumer.
   *
   * @param epoch null for one that shares the partition
   * @return those that have to go
   * @throws Refusal if somebody has a higher claim
   */
  List<ConsumerLink> evicted(ConsumerKey key, @Nullable Long epoch) throws Refusal {
    List<ConsumerLink> present = byKey.getOrDefault(key, List.of());
    for (ConsumerLink link : present) {
      Long other = link.epoch();
      if (other != null && (epoch == null || other > epoch)) {
        throw new Refusal(
            Refusal.STOLEN,
            "Partition %d of '%s' is read with epoch %d by another receiver of consumer group '%s'. Use a higher epoch, or another group."
                .formatted(key.partition(), key.hub(), other, key.group()));
      }
    }
    return epoch == null ? List.of() : List.copyOf(present);
  }

  void add(ConsumerLink link) {
    byKey.computeIfAbsent(link.key(), key -> new ArrayList<>()).add(link);
  }

  void remove(ConsumerLink link) {
    byKey.computeIfPresent(
        link.key(),
        (key, links) -> {
          links.remove(link);
          return links.isEmpty() ? null : links;
        });
  }
}
