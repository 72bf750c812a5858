package dev.perdure.iothub;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.messaging.eventhubs.CheckpointStore;
import com.azure.messaging.eventhubs.EventProcessorClient;
import com.azure.messaging.eventhubs.EventProcessorClientBuilder;
import com.azure.messaging.eventhubs.LoadBalancingStrategy;
import com.azure.messaging.eventhubs.models.Checkpoint;
import com.azure.messaging.eventhubs.models.EventPosition;
import com.azure.messaging.eventhubs.models.PartitionOwnership;
import dev.perdure.iothub.device.Device;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The processor that balances partitions and continues at checkpoints. */
class EventProcessorTest {
  /** A device for each of the partitions. */
  private static final List<String> DEVICES = List.of("d2", "d1", "d8", "d19");

  /**
   * Longer than the test. With an interval of a second this test failed now and then: a partition
   * was in the hands of the first processor after it had been stopped. Probably it was just
   * balancing, and a claim made then lasts until it expires.
   */
  private static final Duration NEVER_AGAIN = Duration.ofMinutes(5);

  @TempDir Path directory;
  private final InMemory checkpoints = new InMemory();
  private final List<String> texts = new CopyOnWriteArrayList<>();
  private final Set<String> partitions = ConcurrentHashMap.newKeySet();
  private IotHub hub;

  @BeforeEach
  void start() {
    hub = IotHub.start(IotHubOptions.of(directory).withFreePorts());
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  /** One that claims all partitions at once, and balances no more. */
  private EventProcessorClient processor(List<Throwable> errors) {
    return new EventProcessorClientBuilder()
        .connectionString(hub.connectionString())
        .consumerGroup("$Default")
        .checkpointStore(checkpoints)
        .loadBalancingStrategy(LoadBalancingStrategy.GREEDY)
        .loadBalancingUpdateInterval(NEVER_AGAIN)
        .partitionOwnershipExpirationInterval(NEVER_AGAIN.multipliedBy(2))
        .initialPartitionEventPosition(partition -> EventPosition.earliest())
        .processEvent(
            event -> {
              event.updateCheckpoint();
              partitions.add(event.getPartitionContext().getPartitionId());
              texts.add(event.getEventData().getBodyAsString());
            })
        .processError(error -> errors.add(error.getThrowable()))
        .buildEventProcessorClient();
  }

  private void publish(String prefix, int count) throws Exception {
    for (String id : DEVICES) {
      Device device = hub.devices().addMissing(List.of(id)).getFirst();
      try (TestDevice connected = TestDevice.connect(hub, device)) {
        for (int i = 0; i < count; i++) {
          connected.publish("devices/" + id + "/messages/events/", prefix + " " + id + " " + i);
        }
      }
    }
  }

  @Test
  void itReadsAllPartitionsAndContinuesWhereItStopped() throws Exception {
    publish("first", 5);
    List<Throwable> errors = new CopyOnWriteArrayList<>();
    EventProcessorClient processor = processor(errors);
    processor.start();
    try {
      Await.until("all events are processed", () -> texts.size() == 20);
      assertThat(partitions).as("all have been claimed").hasSize(DEVICES.size());
      assertThat(errors).isEmpty();
    } finally {
      processor.stop();
    }
    publish("second", 2);

    List<Throwable> errorsOfSecond = new CopyOnWriteArrayList<>();
    processor = processor(errorsOfSecond);
    processor.start();
    try {
      Await.until("the rest is processed", () -> texts.size() >= 28);
      assertThat(errorsOfSecond).isEmpty();
    } finally {
      processor.stop();
    }

    assertThat(texts).hasSize(28).doesNotHaveDuplicates();
    assertThat(texts.stream().filter(text -> text.startsWith("first d1 ")))
        .containsExactly("first d1 0", "first d1 1", "first d1 2", "first d1 3", "first d1 4");
  }

  /** Checkpoints and ownership for one process. */
  private static final class InMemory implements CheckpointStore {
    private final Map<String, PartitionOwnership> owners = new ConcurrentHashMap<>();
    private final Map<String, Checkpoint> checkpoints = new ConcurrentHashMap<>();

    @Override
    public Flux<PartitionOwnership> listOwnership(String namespace, String hub, String group) {
      return Flux.fromStream(() -> owners.values().stream().map(InMemory::copy));
    }

    @Override
    public Flux<PartitionOwnership> claimOwnership(List<PartitionOwnership> wanted) {
      List<PartitionOwnership> claimed = new ArrayList<>();
      for (PartitionOwnership ownership : wanted) {
        PartitionOwnership next =
            copy(ownership)
                .setETag(UUID.randomUUID().toString())
                .setLastModifiedTime(System.currentTimeMillis());
        PartitionOwnership kept =
            owners.compute(
                ownership.getPartitionId(),
                (id, current) ->
                    current == null || current.getETag().equals(ownership.getETag())
                        ? next
                        : current);
        if (kept == next) {
          claimed.add(copy(next));
        }
      }
      return Flux.fromIterable(claimed);
    }

    /** The library changes the ones that it is given. */
    private static PartitionOwnership copy(PartitionOwnership ownership) {
      return new PartitionOwnership()
          .setFullyQualifiedNamespace(ownership.getFullyQualifiedNamespace())
          .setEventHubName(ownership.getEventHubName())
          .setConsumerGroup(ownership.getConsumerGroup())
          .setPartitionId(ownership.getPartitionId())
          .setOwnerId(ownership.getOwnerId())
          .setLastModifiedTime(ownership.getLastModifiedTime())
          .setETag(ownership.getETag());
    }

    @Override
    public Flux<Checkpoint> listCheckpoints(String namespace, String hub, String group) {
      return Flux.fromIterable(List.copyOf(checkpoints.values()));
    }

    @Override
    public Mono<Void> updateCheckpoint(Checkpoint checkpoint) {
      checkpoints.put(checkpoint.getPartitionId(), checkpoint);
      return Mono.empty();
    }
  }
}
