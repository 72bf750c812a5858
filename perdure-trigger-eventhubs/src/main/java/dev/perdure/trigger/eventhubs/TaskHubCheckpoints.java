package dev.perdure.trigger.eventhubs;

import com.azure.messaging.eventhubs.CheckpointStore;
import com.azure.messaging.eventhubs.models.Checkpoint;
import com.azure.messaging.eventhubs.models.PartitionOwnership;
import dev.perdure.functions.trigger.HubMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Keeps in the task hub how far the partitions of event hubs are done. A task hub belongs to one
 * host at a time, so who owns which partition is known from the memory of this host alone: there is
 * nothing that a host which was killed could leave behind.
 *
 * <p>A checkpoint is durable when it has been written. Safe from any thread.
 */
final class TaskHubCheckpoints implements CheckpointStore {
  private final HubMemory memory;
  private final Map<Partition, PartitionOwnership> owners = new ConcurrentHashMap<>();
  private final Map<Group, List<String>> partitions = new ConcurrentHashMap<>();

  /** Names are those of the service, which does not tell upper from lower case. */
  private record Group(String namespace, String hub, String group) {
    Group {
      namespace = namespace.toLowerCase(Locale.ROOT);
      hub = hub.toLowerCase(Locale.ROOT);
      group = group.toLowerCase(Locale.ROOT);
    }
  }

  private record Partition(Group group, String id) {
    String name() {
      return "eventhubs/%s/%s/%s/%s".formatted(group.namespace(), group.hub(), group.group(), id);
    }
  }

  /** A checkpoint as it is written: offset and sequence number, either of which may be empty. */
  record Position(@Nullable String offset, @Nullable Long sequenceNumber) {
    String text() {
      return (offset == null ? "" : offset) + " " + (sequenceNumber == null ? "" : sequenceNumber);
    }

    static Position parse(String text) {
      int space = text.lastIndexOf(' ');
      String offset = text.substring(0, space);
      String sequence = text.substring(space + 1);
      return new Position(
          offset.isEmpty() ? null : offset, sequence.isEmpty() ? null : Long.valueOf(sequence));
    }
  }

  TaskHubCheckpoints(HubMemory memory) {
    this.memory = memory;
  }

  /** Says which partitions a hub has; without, no checkpoint of it is found. */
  void know(String namespace, String hub, String group, List<String> ids) {
    partitions.put(new Group(namespace, hub, group), List.copyOf(ids));
  }

  /** How far a partition is done; null if nothing is known. */
  @Nullable Position read(String namespace, String hub, String group, String id)
      throws InterruptedException {
    String text = memory.read(new Partition(new Group(namespace, hub, group), id).name());
    return text == null || text.isBlank() ? null : Position.parse(text);
  }

  /** Forgets how far a partition is done. */
  void forget(String namespace, String hub, String group, String id) {
    memory.write(new Partition(new Group(namespace, hub, group), id).name(), "");
  }

  @Override
  public Flux<PartitionOwnership> listOwnership(String namespace, String hub, String group) {
    Group wanted = new Group(namespace, hub, group);
    return Flux.fromStream(
        () ->
            owners.entrySet().stream()
                .filter(entry -> entry.getKey().group().equals(wanted))
                .map(Map.Entry::getValue));
  }

  @Override
  public Flux<PartitionOwnership> claimOwnership(List<PartitionOwnership> wanted) {
    return Flux.fromIterable(wanted).mapNotNull(this::claim);
  }

  private @Nullable PartitionOwnership claim(PartitionOwnership wanted) {
    Partition partition =
        new Partition(
            new Group(
                wanted.getFullyQualifiedNamespace(),
                wanted.getEventHubName(),
                wanted.getConsumerGroup()),
            wanted.getPartitionId());
    PartitionOwnership claimed =
        new PartitionOwnership()
            .setFullyQualifiedNamespace(wanted.getFullyQualifiedNamespace())
            .setEventHubName(wanted.getEventHubName())
            .setConsumerGroup(wanted.getConsumerGroup())
            .setPartitionId(wanted.getPartitionId())
            .setOwnerId(wanted.getOwnerId())
            .setLastModifiedTime(System.currentTimeMillis())
            .setETag(UUID.randomUUID().toString());
    PartitionOwnership result =
        owners.compute(
            partition,
            (key, current) ->
                current == null || current.getETag().equals(wanted.getETag()) ? claimed : current);
    return claimed.getETag().equals(result.getETag()) ? claimed : null;
  }

  @Override
  public Flux<Checkpoint> listCheckpoints(String namespace, String hub, String group) {
    return Flux.defer(
            () -> {
              List<Checkpoint> found = new ArrayList<>();
              for (String id :
                  partitions.getOrDefault(new Group(namespace, hub, group), List.of())) {
                Position position = readNow(namespace, hub, group, id);
                if (position != null) {
                  found.add(
                      new Checkpoint()
                          .setFullyQualifiedNamespace(namespace)
                          .setEventHubName(hub)
                          .setConsumerGroup(group)
                          .setPartitionId(id)
                          .setOffsetString(position.offset())
                          .setSequenceNumber(position.sequenceNumber()));
                }
              }
              return Flux.fromIterable(found);
            })
        .subscribeOn(Schedulers.boundedElastic());
  }

  private @Nullable Position readNow(String namespace, String hub, String group, String id) {
    try {
      return read(namespace, hub, group, id);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while a checkpoint was read.", e);
    }
  }

  @Override
  public Mono<Void> updateCheckpoint(Checkpoint checkpoint) {
    return Mono.fromRunnable(
        () ->
            memory.write(
                new Partition(
                        new Group(
                            checkpoint.getFullyQualifiedNamespace(),
                            checkpoint.getEventHubName(),
                            checkpoint.getConsumerGroup()),
                        checkpoint.getPartitionId())
                    .name(),
                new Position(checkpoint.getOffsetString(), checkpoint.getSequenceNumber()).text()));
  }
}
