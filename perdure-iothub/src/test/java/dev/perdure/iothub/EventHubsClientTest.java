package dev.perdure.iothub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.amqp.AmqpRetryOptions;
import com.azure.core.amqp.exception.AmqpErrorCondition;
import com.azure.core.amqp.exception.AmqpException;
import com.azure.messaging.eventhubs.EventData;
import com.azure.messaging.eventhubs.EventDataBatch;
import com.azure.messaging.eventhubs.EventHubBufferedProducerClient;
import com.azure.messaging.eventhubs.EventHubBufferedProducerClientBuilder;
import com.azure.messaging.eventhubs.EventHubClientBuilder;
import com.azure.messaging.eventhubs.EventHubConsumerAsyncClient;
import com.azure.messaging.eventhubs.EventHubConsumerClient;
import com.azure.messaging.eventhubs.EventHubProducerClient;
import com.azure.messaging.eventhubs.PartitionProperties;
import com.azure.messaging.eventhubs.models.CreateBatchOptions;
import com.azure.messaging.eventhubs.models.EventPosition;
import com.azure.messaging.eventhubs.models.LastEnqueuedEventProperties;
import com.azure.messaging.eventhubs.models.PartitionEvent;
import com.azure.messaging.eventhubs.models.ReceiveOptions;
import com.azure.messaging.eventhubs.models.SendOptions;
import dev.perdure.iothub.event.EventHub;
import dev.perdure.iothub.event.HubSettings;
import dev.perdure.iothub.event.Partition;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;

/** Consumers and producers with the library for Event Hubs. */
class EventHubsClientTest {
  private static final Duration WAIT = Duration.ofSeconds(10);

  /** A slow machine may take its time for thousands; they are returned as soon as all are here. */
  private static final Duration WAIT_FOR_MANY = Duration.ofMinutes(2);

  @TempDir Path directory;
  private IotHub hub;

  @BeforeEach
  void start() {
    hub =
        IotHub.start(
            IotHubOptions.of(directory)
                .withFreePorts()
                .withEventHubs(List.of(new HubSettings("orders", 3, List.of("billing")))));
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private EventHubClientBuilder client(String connectionString) {
    return new EventHubClientBuilder()
        .connectionString(connectionString)
        .consumerGroup("$Default")
        .retryOptions(
            new AmqpRetryOptions().setMaxRetries(0).setTryTimeout(Duration.ofSeconds(10)));
  }

  private EventHubClientBuilder client() {
    return client(hub.connectionString("orders"));
  }

  private EventHub orders() {
    return hub.eventHubs().get(1);
  }

  /** Sends to partition 0. */
  private void send(String... texts) {
    try (EventHubProducerClient producer = client().buildProducerClient()) {
      for (String text : texts) {
        producer.send(List.of(new EventData(text)), new SendOptions().setPartitionId("0"));
      }
    }
  }

  private static List<String> read(
      EventHubConsumerClient consumer, String partition, EventPosition from, int count) {
    return read(consumer, partition, from, count, WAIT);
  }

  private static List<String> read(
      EventHubConsumerClient consumer,
      String partition,
      EventPosition from,
      int count,
      Duration wait) {
    List<String> texts = new ArrayList<>();
    consumer
        .receiveFromPartition(partition, count, from, wait)
        .forEach(event -> texts.add(event.getData().getBodyAsString()));
    return texts;
  }

  @Test
  void aBatchArrivesWithKeyAndProperties() {
    EventData first = new EventData("one");
    first.getProperties().put("number", 1);
    first.getProperties().put("text", "eins");
    first.setMessageId("m").setContentType("text/plain");
    try (EventHubProducerClient producer = client().buildProducerClient()) {
      EventDataBatch batch =
          producer.createBatch(new CreateBatchOptions().setPartitionKey("customer 7"));
      assertThat(batch.getMaxSizeInBytes()).isEqualTo(1 << 20);
      assertThat(batch.tryAdd(first)).isTrue();
      assertThat(batch.tryAdd(new EventData("two"))).isTrue();
      producer.send(batch);
    }

    Partition partition = orders().partitionForKey("customer 7");
    assertThat(partition.bounds().next()).isEqualTo(2);
    try (EventHubConsumerClient consumer = client().buildConsumerClient()) {
      List<PartitionEvent> events =
          consumer
              .receiveFromPartition(
                  Integer.toString(partition.index()), 2, EventPosition.earliest(), WAIT)
              .stream()
              .toList();
      EventData read = events.getFirst().getData();
      assertThat(read.getBodyAsString()).isEqualTo("one");
      assertThat(read.getPartitionKey()).isEqualTo("customer 7");
      assertThat(read.getProperties()).isEqualTo(Map.of("number", 1, "text", "eins"));
      assertThat(read.getMessageId()).isEqualTo("m");
      assertThat(read.getContentType()).isEqualTo("text/plain");
      assertThat(events.get(1).getData().getBodyAsString()).isEqualTo("two");
      assertThat(events.get(1).getData().getPartitionKey()).isEqualTo("customer 7");
    }
  }

  @Test
  void aProducerThatChoosesPartitionsItselfChoosesTheSameForAKey() throws Exception {
    List<String> keys = IntStream.range(0, 40).mapToObj(i -> "key of some length " + i).toList();
    try (EventHubBufferedProducerClient producer =
        new EventHubBufferedProducerClientBuilder()
            .connectionString(hub.connectionString("orders"))
            .onSendBatchFailed(failed -> {})
            .onSendBatchSucceeded(sent -> {})
            .buildClient()) {
      for (String key : keys) {
        producer.enqueueEvent(new EventData(key), new SendOptions().setPartitionKey(key));
      }
      producer.flush();
    }

    Await.until(
        "all events are there",
        () ->
            orders().partitions().stream().mapToLong(partition -> partition.bounds().next()).sum()
                == keys.size());
    for (Partition partition : orders().partitions()) {
      long count =
          keys.stream().filter(key -> orders().partitionForKey(key).equals(partition)).count();
      assertThat(partition.bounds().next()).isEqualTo(count).isPositive();
    }
  }

  @Test
  void eventsWithoutKeyAreSpread() {
    try (EventHubProducerClient producer = client().buildProducerClient()) {
      for (int i = 0; i < 6; i++) {
        producer.send(List.of(new EventData("e")));
      }
    }

    assertThat(orders().partitions())
        .allSatisfy(partition -> assertThat(partition.bounds().next()).isEqualTo(2));
  }

  @Test
  void readersBeginWhereTheyWantTo() throws Exception {
    send("a", "b", "c");
    Await.until(
        "time has passed",
        () ->
            Instant.now().toEpochMilli()
                > orders().partitions().getFirst().bounds().lastEnqueuedMillis());
    Instant later = Instant.now();
    send("d");
    try (EventHubConsumerClient consumer = client().buildConsumerClient()) {
      String offsetOfB =
          consumer.receiveFromPartition("0", 2, EventPosition.earliest(), WAIT).stream()
              .toList()
              .get(1)
              .getData()
              .getOffsetString();

      assertThat(read(consumer, "0", EventPosition.earliest(), 4))
          .containsExactly("a", "b", "c", "d");
      assertThat(read(consumer, "0", EventPosition.fromSequenceNumber(1, true), 3))
          .containsExactly("b", "c", "d");
      assertThat(read(consumer, "0", EventPosition.fromSequenceNumber(1), 2))
          .containsExactly("c", "d");
      assertThat(read(consumer, "0", EventPosition.fromOffsetString(offsetOfB), 2))
          .containsExactly("c", "d");
      assertThat(read(consumer, "0", EventPosition.fromEnqueuedTime(later), 1))
          .containsExactly("d");
    }
  }

  @Test
  void aReaderAtTheEndGetsWhatComes() throws Exception {
    send("before");
    List<String> texts = new CopyOnWriteArrayList<>();
    try (EventHubConsumerAsyncClient consumer = client().buildAsyncConsumerClient()) {
      Disposable reading =
          consumer
              .receiveFromPartition("0", EventPosition.latest())
              .subscribe(event -> texts.add(event.getData().getBodyAsString()));
      // When the link is there is not to be seen from outside, so events are sent until one comes.
      Await.until(
          "something comes",
          () -> {
            send("after");
            return !texts.isEmpty();
          });
      reading.dispose();
    }

    assertThat(texts).containsOnly("after");
  }

  @Test
  void whatIsKnownOfTheNewestEventComesAlongIfAskedFor() {
    send("a", "b", "c");
    try (EventHubConsumerClient consumer = client().buildConsumerClient()) {
      LastEnqueuedEventProperties newest =
          consumer
              .receiveFromPartition(
                  "0",
                  1,
                  EventPosition.earliest(),
                  WAIT,
                  new ReceiveOptions().setTrackLastEnqueuedEventProperties(true))
              .iterator()
              .next()
              .getLastEnqueuedEventProperties();

      assertThat(newest.getSequenceNumber()).isEqualTo(2);
      assertThat(newest.getOffsetString())
          .isEqualTo(Long.toString(orders().partitions().getFirst().bounds().lastOffset()));
      assertThat(newest.getEnqueuedTime()).isBeforeOrEqualTo(Instant.now());
    }
  }

  @Test
  void partitionsTellWhatTheyHold() {
    try (EventHubConsumerClient consumer = client().buildConsumerClient()) {
      PartitionProperties empty = consumer.getPartitionProperties("0");
      assertThat(empty.isEmpty()).isTrue();
      assertThat(empty.getBeginningSequenceNumber()).isZero();
      assertThat(empty.getLastEnqueuedSequenceNumber()).isEqualTo(-1);

      send("a", "b");

      PartitionProperties filled = consumer.getPartitionProperties("0");
      assertThat(filled.isEmpty()).isFalse();
      assertThat(filled.getEventHubName()).isEqualTo("orders");
      assertThat(filled.getLastEnqueuedSequenceNumber()).isEqualTo(1);
      assertThat(filled.getLastEnqueuedOffset())
          .isEqualTo(Long.toString(orders().partitions().getFirst().bounds().lastOffset()));
      assertThat(filled.getLastEnqueuedTime()).isBeforeOrEqualTo(Instant.now());
    }
  }

  @Test
  void aHigherOwnerLevelTakesAPartitionOver() throws Exception {
    AtomicReference<Throwable> evicted = new AtomicReference<>();
    List<String> first = new CopyOnWriteArrayList<>();
    send("a");
    try (EventHubConsumerAsyncClient one = client().buildAsyncConsumerClient();
        EventHubConsumerAsyncClient other = client().buildAsyncConsumerClient();
        EventHubConsumerAsyncClient lower = client().buildAsyncConsumerClient()) {
      Disposable reading =
          one.receiveFromPartition(
                  "0", EventPosition.earliest(), new ReceiveOptions().setOwnerLevel(1L))
              .subscribe(event -> first.add(event.getData().getBodyAsString()), evicted::set);
      Await.until("the first reads", () -> !first.isEmpty());

      String read =
          other
              .receiveFromPartition(
                  "0", EventPosition.earliest(), new ReceiveOptions().setOwnerLevel(2L))
              .map(event -> event.getData().getBodyAsString())
              .doOnNext(
                  text -> {
                    // While the second reads, who claims less gets nothing.
                    AtomicReference<Throwable> refused = new AtomicReference<>();
                    Disposable late =
                        lower
                            .receiveFromPartition(
                                "0",
                                EventPosition.earliest(),
                                new ReceiveOptions().setOwnerLevel(1L))
                            .subscribe(event -> {}, refused::set);
                    try {
                      Await.until("the lower one is refused", () -> refused.get() != null);
                    } catch (Exception e) {
                      throw new IllegalStateException(e);
                    }
                    assertStolen(refused.get());
                    late.dispose();
                  })
              .blockFirst(Duration.ofSeconds(30));

      assertThat(read).isEqualTo("a");
      Await.until("the first is evicted", () -> evicted.get() != null);
      assertStolen(evicted.get());
      reading.dispose();
    }
  }

  private static void assertStolen(Throwable failure) {
    assertThat(failure)
        .isInstanceOfSatisfying(
            AmqpException.class,
            e -> assertThat(e.getErrorCondition()).isEqualTo(AmqpErrorCondition.LINK_STOLEN));
  }

  @Test
  void consumerGroupsReadIndependently() {
    send("a");
    try (EventHubConsumerClient consumer =
        client().consumerGroup("billing").buildConsumerClient()) {
      assertThat(read(consumer, "0", EventPosition.earliest(), 1)).containsExactly("a");
    }
  }

  @Test
  void anUnknownConsumerGroupIsNotFound() {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try (EventHubConsumerAsyncClient consumer =
        client().consumerGroup("nobody").buildAsyncConsumerClient()) {
      assertThatThrownBy(
              () ->
                  consumer
                      .receiveFromPartition("0", EventPosition.earliest())
                      .blockFirst(Duration.ofSeconds(30)))
          .satisfies(failure::set);
    }

    assertNotFound(failure.get(), "ConsumerGroups/nobody' could not be found.");
  }

  @Test
  void anUnknownHubIsNotFoundAndNotMade() {
    try (EventHubProducerClient producer =
            client(hub.connectionString("nothing")).buildProducerClient();
        EventHubConsumerClient consumer =
            client(hub.connectionString("nothing")).buildConsumerClient()) {
      assertThatThrownBy(() -> producer.send(List.of(new EventData("x"))))
          .satisfies(e -> assertNotFound(e, "The messaging entity 'nothing' could not be found."));
      assertThatThrownBy(consumer::getEventHubProperties)
          .satisfies(e -> assertNotFound(e, "The messaging entity 'nothing' could not be found."));
    }

    assertThat(hub.eventHubs()).hasSize(2);
  }

  @Test
  void anUnknownPartitionIsOutOfRange() {
    String message = "Event hub 'orders' has no partition '3'";
    try (EventHubConsumerClient consumer = client().buildConsumerClient();
        EventHubProducerClient producer = client().buildProducerClient()) {
      assertThatThrownBy(() -> consumer.getPartitionProperties("3")).hasMessageContaining(message);
      assertThatThrownBy(
              () ->
                  producer.send(List.of(new EventData("x")), new SendOptions().setPartitionId("3")))
          .satisfies(
              e -> assertRefused(e, AmqpErrorCondition.ARGUMENT_OUT_OF_RANGE_ERROR, message));
    }
  }

  private static void assertNotFound(Throwable failure, String message) {
    assertRefused(failure, AmqpErrorCondition.NOT_FOUND, message);
  }

  /** Fails for good: no client tries again. */
  private static void assertRefused(
      Throwable failure, AmqpErrorCondition condition, String message) {
    Throwable cause = failure instanceof AmqpException ? failure : failure.getCause();
    assertThat(cause)
        .isInstanceOfSatisfying(
            AmqpException.class,
            e -> {
              assertThat(e.getErrorCondition()).isEqualTo(condition);
              assertThat(e.isTransient()).isFalse();
            })
        .hasMessageContaining(message);
  }

  @Test
  void largeEventsPassAsTheyAre() {
    byte[] large = new byte[900_000];
    for (int i = 0; i < large.length; i++) {
      large[i] = (byte) (i * 31);
    }
    try (EventHubProducerClient producer = client().buildProducerClient();
        EventHubConsumerClient consumer = client().buildConsumerClient()) {
      producer.send(List.of(new EventData(large)), new SendOptions().setPartitionId("2"));

      assertThat(
              consumer
                  .receiveFromPartition("2", 1, EventPosition.earliest(), WAIT)
                  .iterator()
                  .next()
                  .getData()
                  .getBody())
          .isEqualTo(large);
    }
  }

  @Test
  void tenThousandEventsComeInOrderToAReaderThatIsFarBehind() {
    try (EventHubProducerClient producer = client().buildProducerClient()) {
      for (int i = 0; i < 10; i++) {
        EventDataBatch batch = producer.createBatch(new CreateBatchOptions().setPartitionId("1"));
        for (int j = 0; j < 1000; j++) {
          assertThat(batch.tryAdd(new EventData(Integer.toString(i * 1000 + j)))).isTrue();
        }
        producer.send(batch);
      }
    }

    try (EventHubConsumerClient consumer = client().buildConsumerClient()) {
      assertThat(read(consumer, "1", EventPosition.earliest(), 10_000, WAIT_FOR_MANY))
          .containsExactlyElementsOf(
              IntStream.range(0, 10_000).mapToObj(Integer::toString).toList());
    }
  }
}
