package dev.perdure.trigger.storage;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.messaging.eventhubs.EventData;
import com.azure.messaging.eventhubs.EventHubClientBuilder;
import com.azure.messaging.eventhubs.EventHubProducerClient;
import com.azure.messaging.eventhubs.models.SendOptions;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.BlobServiceVersion;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.BlobListDetails;
import com.azure.storage.blob.models.ListBlobsOptions;
import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.Direction;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.Outcome;
import dev.perdure.functions.trigger.Trigger;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.functions.trigger.TriggerState;
import dev.perdure.functions.trigger.Value;
import dev.perdure.iothub.IotHub;
import dev.perdure.iothub.IotHubOptions;
import dev.perdure.iothub.event.HubSettings;
import dev.perdure.testing.TestHub;
import dev.perdure.trigger.eventhubs.EventHubTriggerType;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Event hubs whose checkpoints are kept in blobs, as the host of Azure Functions keeps them. */
@Timeout(120)
class EventHubCheckpointsTest {
  private static final int PARTITIONS = 4;
  private static final int PATIENCE_SECONDS = 60;

  @TempDir Path directory;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final List<TestHub> taskHubs = new ArrayList<>();
  private IotHub hub;
  private BlobContainerClient container;

  @BeforeEach
  void begin() {
    String account = Azurite.running().connectionString();
    hub =
        IotHub.start(
            IotHubOptions.of(directory.resolve("hub"))
                .withEventHubs(List.of(new HubSettings("readings", PARTITIONS, List.of())))
                .withFreePorts());
    open.push(hub);
    container =
        new BlobServiceClientBuilder()
            .connectionString(account)
            .serviceVersion(BlobServiceVersion.V2021_12_02)
            .buildClient()
            .getBlobContainerClient("azure-webjobs-eventhub");
    container.deleteIfExists(); // of an earlier test
  }

  @AfterEach
  void end() throws Exception {
    try {
      taskHubs.forEach(TestHub::checkNothingIsStuck);
    } finally {
      while (!open.isEmpty()) {
        open.pop().close();
      }
    }
  }

  /** A host of its own, with a task hub of its own; what its function sees is in the queue. */
  private BlockingQueue<String> startHost() {
    TestHub taskHub = TestHub.builder().register(TriggerState.class).open();
    open.push(taskHub);
    taskHubs.add(taskHub);
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    HostSettings none = HostSettings.DEFAULTS;
    Trigger trigger =
        new EventHubTriggerType()
            .create(
                new FunctionDefinition(
                    "F",
                    "app.Functions",
                    "receive",
                    List.of(
                        new Binding(
                            "eventHubTrigger",
                            Direction.IN,
                            "event",
                            Map.of("eventHubName", "readings", "connection", "Hub"))),
                    null),
                invocation -> {
                  seen.add(((Value.Text) invocation.value()).text());
                  return new Outcome(null, null);
                },
                new TriggerEnvironment(
                    Settings.of(
                        Map.of(
                            "Hub",
                            hub.connectionString("readings"),
                            "AzureWebJobsStorage",
                            Azurite.running().connectionString())),
                    new HostSettings(
                        none.functionTimeout(),
                        none.functions(),
                        none.retry(),
                        none.http(),
                        none.durableTask(),
                        none.logLevels(),
                        Map.of(
                            "eventHubs",
                            Map.of(
                                "checkpointStore", "blob",
                                "loadBalancingUpdateInterval", "00:00:01",
                                "partitionOwnershipExpirationInterval", "00:00:05")),
                        none.warnings()),
                    taskHub::now,
                    taskHub.client()));
    trigger.start();
    open.push(trigger);
    return seen;
  }

  @Test
  void hostThatIsStartedElsewhereGoesOnWhereTheOtherWas() throws Exception {
    BlockingQueue<String> first = startHost();
    send("0", "a", "b");
    assertThat(Set.of(next(first), next(first))).containsExactlyInAnyOrder("a", "b");
    open.pop().close();
    send("0", "c");
    assertThat(next(startHost())).isEqualTo("c");
  }

  @Test
  void checkpointsAreWhereTheHostOfAzureFunctionsKeepsThem() throws Exception {
    BlockingQueue<String> seen = startHost();
    send("2", "a", "b", "c");
    assertThat(List.of(next(seen), next(seen), next(seen))).containsExactly("a", "b", "c");
    open.pop().close(); // so that it is written
    Map<String, Map<String, String>> blobs = new HashMap<>();
    for (BlobItem blob :
        container.listBlobs(
            new ListBlobsOptions().setDetails(new BlobListDetails().setRetrieveMetadata(true)),
            null)) {
      blobs.put(blob.getName(), blob.getMetadata());
    }
    assertThat(blobs).containsKey("localhost/readings/$default/ownership/2");
    assertThat(blobs.get("localhost/readings/$default/checkpoint/2"))
        .containsEntry("sequencenumber", "2");
  }

  @Test
  void twoHostsShareThePartitions() throws Exception {
    BlockingQueue<String> first = startHost();
    sendToAll("early");
    assertThat(take(first, PARTITIONS)).hasSize(PARTITIONS);
    BlockingQueue<String> second = startHost();
    Set<String> expected = new TreeSet<>();
    Set<String> all = new HashSet<>();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    for (int round = 0; second.isEmpty(); round++) {
      assertThat(System.nanoTime()).as("the second host gets none").isLessThan(deadline);
      expected.addAll(sendToAll("round " + round));
      String seen = second.poll(500, TimeUnit.MILLISECONDS);
      if (seen != null) {
        all.add(seen);
        break;
      }
    }
    while (!all.containsAll(expected)) {
      assertThat(System.nanoTime()).as("lost: %s of %s", all, expected).isLessThan(deadline);
      String seen = first.poll(20, TimeUnit.MILLISECONDS);
      if (seen != null) {
        all.add(seen);
      }
      second.drainTo(all);
    }
  }

  private Set<String> sendToAll(String name) {
    return IntStream.range(0, PARTITIONS)
        .mapToObj(
            partition -> {
              String body = name + " to " + partition;
              send(Integer.toString(partition), body);
              return body;
            })
        .collect(Collectors.toSet());
  }

  private void send(String partition, String... bodies) {
    try (EventHubProducerClient producer =
        new EventHubClientBuilder()
            .connectionString(hub.connectionString("readings"))
            .buildProducerClient()) {
      producer.send(
          java.util.Arrays.stream(bodies).map(EventData::new).toList(),
          new SendOptions().setPartitionId(partition));
    }
  }

  private static List<String> take(BlockingQueue<String> seen, int count)
      throws InterruptedException {
    List<String> taken = new java.util.ArrayList<>();
    for (int i = 0; i < count; i++) {
      taken.add(next(seen));
    }
    return taken;
  }

  private static String next(BlockingQueue<String> seen) throws InterruptedException {
    String next = seen.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(next).as("a run of the function").isNotNull();
    return next;
  }
}
