package dev.perdure.iothub.event;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An event hub: its partitions and who may read them. Thread-safe. */
public final class EventHub {
  /** The consumer group that every hub has. */
  public static final String DEFAULT_GROUP = "$Default";

  private final String name;
  private final Instant createdAt;
  private final List<Partition> partitions;
  private final Set<String> consumerGroups;
  private final AtomicInteger nextPartition = new AtomicInteger();

  EventHub(
      String name, Instant createdAt, List<Partition> partitions, List<String> consumerGroups) {
    this.name = name;
    this.createdAt = createdAt;
    this.partitions = List.copyOf(partitions);
    this.consumerGroups =
        Stream.concat(Stream.of(DEFAULT_GROUP), consumerGroups.stream())
            .map(group -> group.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
  }

  public String name() {
    return name;
  }

  public Instant createdAt() {
    return createdAt;
  }

  public List<Partition> partitions() {
    return partitions;
  }

  /** The partition with an id, or null if there is none. */
  public @Nullable Partition partition(String id) {
    for (Partition partition : partitions) {
      if (Integer.toString(partition.index()).equals(id)) {
        return partition;
      }
    }
    return null;
  }

  /** Whether there is a consumer group; upper and lower case are the same. */
  public boolean hasConsumerGroup(String group) {
    return consumerGroups.contains(group.toLowerCase(Locale.ROOT));
  }

  /** Where events with a key go: always to the same partition. */
  public Partition partitionForKey(String key) {
    return partitions.get(
        KeyHash.partition(key.getBytes(StandardCharsets.UTF_8), partitions.size()));
  }

  /** Where events without a key go: to one after the other. */
  public Partition anyPartition() {
    return partitions.get(Math.floorMod(nextPartition.getAndIncrement(), partitions.size()));
  }
}
