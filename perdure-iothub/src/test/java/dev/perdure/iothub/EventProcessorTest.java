package dev.perdure.iothub;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.amqp.exception.AmqpException;
import com.azure.messaging.eventhubs.CheckpointStore;
import com.azure.messaging.eventhubs.EventProcessorClient;
import com.azure.messaging.eventhubs.EventProcessorClientBuilder;
import com.azure.messaging.eventhubs.models.Checkpoint;
import com.azure.messaging.eventhubs.models.EventPosition;
import com.azure.messaging.eventhubs.models.PartitionOwnership;
import dev.perdure.iothub.device.Device;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
  @TempDir Path directory;
  private final InMemory checkpoints = new InMemory();
  private final List<String> texts = new CopyOnWriteArrayList<>();
  private final List<Throwable> errors = new CopyOnWriteArrayList<>();
  private IotHub hub;

  @BeforeEach
  void start() {
    hub = IotHub.start(IotHubOptions.of(directory).withFreePorts());
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private EventProcessorClient processor() {
    return new EventProcessorClientBuilder()
        .connectionString(hub.connectionString())
        .consumerGroup("$Default")
        .checkpointStore(checkpoints)
        .loadBalancingUpdateInterval(Duration.ofSeconds(1))
        .initialPartitionEventPosition(partition -> EventPosition.earliest())
        .processEvent(
            event -> {
              texts.add(event.getEventData().getBodyAsString());
              event.updateCheckpoint();
            })
        .processError(error -> errors.add(error.getThrowable()))
        .buildEventProcessorClient();
  }

  private void publish(String prefix, int count) throws Exception {
    for (String id : List.of("d1", "d2", "d3")) {
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
    EventProcessorClient processor = processor();
    processor.start();
    try {
      Await.until("all events are processed", () -> texts.size() == 15);
      assertThat(errors).isEmpty();
    } finally {
      processor.stop();
    }
    publish("second", 2);

    processor = processor();
    processor.start();
    try {
      Await.until("the rest is processed", () -> texts.size() >= 21);
      // The errors of the first are those of its own threads when it was stopped.
      assertThat(errors.stream().filter(AmqpException.class::isInstance)).isEmpty();
    } finally {
      processor.stop();
    }

    assertThat(texts).hasSize(21).doesNotHaveDuplicates();
    assertThat(texts.stream().filter(text -> text.startsWith("first d1")))
        .containsExactly("first d1 0", "first d1 1", "first d1 2", "first d1 3", "first d1 4");
  }

  /** Checkpoints and ownership for one process. */
  private static final class InMemory implements CheckpointStore {
    private final Map<String, PartitionOwnership> owners = new ConcurrentHashMap<>();
    private final Map<String, Checkpoint> checkpoints = new ConcurrentHashMap<>();

    @Override
    public Flux<PartitionOwnership> listOwnership(String namespace, String hub, String group) {
      return Flux.fromIterable(List.copyOf(owners.values()));
    }

    @Override
    public Flux<PartitionOwnership> claimOwnership(List<PartitionOwnership> wanted) {
      List<PartitionOwnership> claimed = new ArrayList<>();
      for (PartitionOwnership ownership : wanted) {
        PartitionOwnership current = owners.get(ownership.getPartitionId());
        if (current == null || current.getETag().equals(ownership.getETag())) {
          ownership
              .setETag(UUID.randomUUID().toString())
              .setLastModifiedTime(System.currentTimeMillis());
          owners.put(ownership.getPartitionId(), ownership);
          claimed.add(ownership);
        }
      }
      return Flux.fromIterable(claimed);
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
