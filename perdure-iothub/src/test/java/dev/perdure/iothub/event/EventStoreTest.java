package dev.perdure.iothub.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.iothub.codec.AmqpTypes;
import dev.perdure.iothub.codec.AmqpWriter;
import dev.perdure.iothub.codec.EventContent;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How events are kept. */
class EventStoreTest {
  @TempDir Path directory;
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-31T09:00:00Z"));
  private final InstantSource clock = now::get;

  private EventStore open() {
    return open(1);
  }

  private EventStore open(int partitions) {
    return EventStore.open(
        directory, List.of(new HubSettings("hub", partitions, List.of())), clock);
  }

  private static Partition partition(EventStore store) {
    return store.hub("hub").partitions().getFirst();
  }

  static EventContent content(String text) {
    byte[] body =
        new AmqpWriter(64)
            .section(AmqpTypes.DATA)
            .binary(text.getBytes(StandardCharsets.UTF_8))
            .toBytes();
    return new EventContent(new byte[0], 0, body, null);
  }

  static void append(Partition partition, String text) throws Exception {
    CompletableFuture<Void> done = new CompletableFuture<>();
    partition.append(content(text), outcome(done));
    done.get(10, TimeUnit.SECONDS);
  }

  static AppendOutcome outcome(CompletableFuture<Void> done) {
    return new AppendOutcome() {
      @Override
      public Executor executor() {
        return Runnable::run;
      }

      @Override
      public void onAppended(@Nullable EventStoreException failure) {
        if (failure == null) {
          done.complete(null);
        } else {
          done.completeExceptionally(failure);
        }
      }
    };
  }

  private static List<Long> sequenceNumbers(Partition partition, long from) {
    return partition.read(from, 100_000, Integer.MAX_VALUE).stream()
        .map(StoredEvent::sequenceNumber)
        .toList();
  }

  @Test
  void sequenceNumbersAreConsecutiveAndGoOnAfterReopening() throws Exception {
    try (EventStore store = open()) {
      append(partition(store), "a");
      append(partition(store), "b");
    }
    try (EventStore store = open()) {
      append(partition(store), "c");
      assertThat(sequenceNumbers(partition(store), 0)).containsExactly(0L, 1L, 2L);
      List<StoredEvent> events = partition(store).read(0, 10, Integer.MAX_VALUE);
      assertThat(events.getFirst().offset()).isZero();
      assertThat(events.get(1).offset()).isEqualTo(events.getFirst().message().length);
    }
  }

  @Test
  void aReaderFarBehindGetsEverythingInBatches() throws Exception {
    int count = 6000; // more than memory holds
    try (EventStore store = open()) {
      CompletableFuture<Void> last = new CompletableFuture<>();
      for (int i = 0; i < count; i++) {
        partition(store)
            .append(
                content("event " + i), outcome(i == count - 1 ? last : new CompletableFuture<>()));
      }
      last.get(20, TimeUnit.SECONDS);
      long next = 0;
      while (true) {
        List<StoredEvent> batch = partition(store).read(next, 100, Integer.MAX_VALUE);
        if (batch.isEmpty()) {
          break;
        }
        assertThat(batch).hasSizeLessThanOrEqualTo(100);
        for (StoredEvent event : batch) {
          assertThat(event.sequenceNumber()).isEqualTo(next++);
        }
      }
      assertThat(next).isEqualTo(count);
    }
  }

  private void addMessage(EventStore store, String device, Duration life) throws Exception {
    CompletableFuture<Void> added = new CompletableFuture<>();
    long expires = now.get().plus(life).toEpochMilli();
    store.deviceMessages().add(device, "g", "", new byte[] {1}, expires, outcome(added));
    added.get(10, TimeUnit.SECONDS);
  }

  /** How many messages are kept for a device, those among them that have expired. */
  private int kept(EventStore store, String device) {
    Instant today = now.getAndSet(Instant.EPOCH);
    try {
      return store.deviceMessages().waitingFor(device, "g").size();
    } finally {
      now.set(today);
    }
  }

  @Test
  void messagesToDevicesThatHaveExpiredAreDeleted() throws Exception {
    try (EventStore store = open()) {
      addMessage(store, "gone", Duration.ofHours(1));
      addMessage(store, "there", Duration.ofHours(1));
      addMessage(store, "there", Duration.ofHours(3));
      now.updateAndGet(time -> time.plus(Duration.ofHours(2)));

      store.enforce(Retention.DEFAULT).get(10, TimeUnit.SECONDS);

      assertThat(kept(store, "gone")).isZero();
      assertThat(kept(store, "there")).isEqualTo(1);
    }
    try (EventStore store = open()) {
      assertThat(kept(store, "there")).isEqualTo(1);
    }
    now.set(Instant.EPOCH);
    try (EventStore store = open()) {
      assertThat(kept(store, "gone")).as("on disk").isZero();
      assertThat(kept(store, "there")).as("on disk").isEqualTo(1);
    }
  }

  @Test
  void messagesToDevicesThatHaveExpiredWhileTheStoreWasClosedAreDeleted() throws Exception {
    try (EventStore store = open()) {
      addMessage(store, "d", Duration.ofHours(1));
      addMessage(store, "d", Duration.ofHours(3));
    }
    Instant before = now.getAndUpdate(time -> time.plus(Duration.ofHours(2)));
    try (EventStore store = open()) {
      assertThat(kept(store, "d")).isEqualTo(1);
      addMessage(store, "d", Duration.ofHours(1));
    }
    now.set(before);
    try (EventStore store = open()) {
      assertThat(kept(store, "d")).as("on disk").isEqualTo(2);
    }
  }

  @Test
  void aMessageToADeviceIsGivenUpWhenItWasDeliveredOftenEnough() throws Exception {
    try (EventStore store = open()) {
      addMessage(store, "d", Duration.ofHours(1));
      addMessage(store, "d", Duration.ofHours(1));
      for (int delivery = 1; delivery <= 6; delivery++) {
        assertThat(store.deviceMessages().startDelivery("d", 0)).isTrue();
      }
    }
    try (EventStore store = open();
        CapturedLog log = new CapturedLog(DeviceMessages.class)) {
      for (int delivery = 7; delivery <= DeviceMessages.DELIVERIES_MAX; delivery++) {
        assertThat(store.deviceMessages().startDelivery("d", 0)).isTrue();
      }
      assertThat(log.messages()).isEmpty();

      assertThat(store.deviceMessages().startDelivery("d", 0)).isFalse();

      assertThat(log.messages())
          .containsExactly(
              "A message to device 'd' is given up and deleted: it was sent 10 times and never acknowledged (PUBACK). Have the device acknowledge what it gets.");
    }
    try (EventStore store = open()) {
      assertThat(store.deviceMessages().waitingFor("d", "g"))
          .as("the other one, on disk")
          .singleElement()
          .returns(1L, DeviceMessages.Waiting::id)
          .returns(0, DeviceMessages.Waiting::deliveries);
    }
  }

  /** Whose number the next one may have. */
  @Test
  void deliveriesOfAMessageThatIsGoneAreForgotten() throws Exception {
    try (EventStore store = open()) {
      addMessage(store, "d", Duration.ofHours(1));
      store.deviceMessages().startDelivery("d", 0);
      store.deviceMessages().remove("d", 0);
    }
    try (EventStore store = open()) {
      addMessage(store, "d", Duration.ofHours(1));
      store.deviceMessages().startDelivery("d", 0);
      now.updateAndGet(time -> time.plus(Duration.ofHours(2)));
      store.enforce(Retention.DEFAULT).get(10, TimeUnit.SECONDS);
    }
    try (EventStore store = open()) {
      addMessage(store, "d", Duration.ofHours(1));
    }
    try (EventStore store = open()) {
      assertThat(store.deviceMessages().waitingFor("d", "g"))
          .singleElement()
          .returns(0L, DeviceMessages.Waiting::id)
          .returns(0, DeviceMessages.Waiting::deliveries);
    }
  }

  @Test
  void itIsLoggedWhoseMessagesHaveExpired() throws Exception {
    try (EventStore store = open();
        CapturedLog log = new CapturedLog(DeviceMessages.class)) {
      addMessage(store, "d", Duration.ofHours(1));
      addMessage(store, "d", Duration.ofHours(1));
      addMessage(store, "d", Duration.ofHours(3));
      addMessage(store, "there", Duration.ofHours(3));
      now.updateAndGet(time -> time.plus(Duration.ofHours(2)));

      store.enforce(Retention.DEFAULT).get(10, TimeUnit.SECONDS);
      store.enforce(Retention.DEFAULT).get(10, TimeUnit.SECONDS);

      assertThat(log.messages())
          .containsExactly(
              "Messages to device 'd' that expired before it took them, and are deleted: 2");
    }
  }

  @Test
  void retentionDeletesWhatIsOlderFromTheFront() throws Exception {
    Retention oneDay = new Retention(Duration.ofDays(1), 0);
    try (EventStore store = open()) {
      append(partition(store), "old");
      append(partition(store), "old too");
      now.updateAndGet(time -> time.plus(Duration.ofHours(20)));
      append(partition(store), "new");
      now.updateAndGet(time -> time.plus(Duration.ofHours(5)));

      store.enforce(oneDay).get(10, TimeUnit.SECONDS);

      assertThat(sequenceNumbers(partition(store), 0)).containsExactly(2L);
      assertThat(partition(store).bounds().first()).isEqualTo(2);
      assertThat(partition(store).resolve(new StartPosition.Earliest())).isEqualTo(2);
    }
    try (EventStore store = open()) {
      assertThat(partition(store).bounds().first()).isEqualTo(2);
      assertThat(sequenceNumbers(partition(store), 0)).containsExactly(2L);
    }
  }

  @Test
  void sequenceNumbersGoOnWhenEverythingWasDeleted() throws Exception {
    Bounds before;
    try (EventStore store = open()) {
      append(partition(store), "a");
      append(partition(store), "b");
      now.updateAndGet(time -> time.plus(Duration.ofDays(2)));
      store.enforce(Retention.DEFAULT).get(10, TimeUnit.SECONDS);
      before = partition(store).bounds();
      assertThat(before.isEmpty()).isTrue();
      assertThat(before.lastOffset()).isPositive();
    }
    try (EventStore store = open()) {
      assertThat(partition(store).bounds()).isEqualTo(before);
      append(partition(store), "c");
      assertThat(sequenceNumbers(partition(store), 0)).containsExactly(2L);
    }
    try (EventStore store = open()) {
      assertThat(partition(store).bounds().first()).isEqualTo(2);
      assertThat(partition(store).bounds().next()).isEqualTo(3);
    }
  }

  @Test
  void retentionKeepsNoMoreBytesThanAllowed() throws Exception {
    try (EventStore store = open()) {
      for (int i = 0; i < 10; i++) {
        append(partition(store), "0123456789".repeat(10));
      }
      long fifth = partition(store).read(5, 1, Integer.MAX_VALUE).getFirst().offset();
      long lastFive = partition(store).bounds().nextOffset() - fifth;

      store.enforce(new Retention(Duration.ofDays(1), lastFive + 1)).get(10, TimeUnit.SECONDS);

      assertThat(partition(store).bounds().bytes()).isEqualTo(lastFive);
      assertThat(sequenceNumbers(partition(store), 0)).containsExactly(5L, 6L, 7L, 8L, 9L);
    }
  }

  @Test
  void timeNeverGoesBackInAPartition() throws Exception {
    try (EventStore store = open()) {
      append(partition(store), "a");
      now.updateAndGet(time -> time.minusSeconds(60));
      append(partition(store), "b");

      List<StoredEvent> events = partition(store).read(0, 2, Integer.MAX_VALUE);
      assertThat(events.get(1).enqueuedMillis()).isEqualTo(events.getFirst().enqueuedMillis());
    }
  }

  @Test
  void positionsAreFound() throws Exception {
    try (EventStore store = open()) {
      Partition partition = partition(store);
      for (int i = 0; i < 5; i++) {
        append(partition, "event");
        now.updateAndGet(time -> time.plusSeconds(10));
      }
      List<StoredEvent> events = partition.read(0, 5, Integer.MAX_VALUE);
      long offset = events.get(2).offset();
      long time = events.get(2).enqueuedMillis();

      assertThat(partition.resolve(new StartPosition.Offset(offset, true))).isEqualTo(2);
      assertThat(partition.resolve(new StartPosition.Offset(offset, false))).isEqualTo(3);
      assertThat(partition.resolve(new StartPosition.Offset(offset + 1, true))).isEqualTo(3);
      assertThat(partition.resolve(new StartPosition.Offset(1L << 40, true))).isEqualTo(5);
      assertThat(partition.resolve(new StartPosition.SequenceNumber(2, true))).isEqualTo(2);
      assertThat(partition.resolve(new StartPosition.SequenceNumber(2, false))).isEqualTo(3);
      assertThat(partition.resolve(new StartPosition.SequenceNumber(-1, false))).isZero();
      assertThat(partition.resolve(new StartPosition.EnqueuedTime(time, true))).isEqualTo(2);
      assertThat(partition.resolve(new StartPosition.EnqueuedTime(time, false))).isEqualTo(3);
      assertThat(partition.resolve(new StartPosition.Latest())).isEqualTo(5);
    }
  }

  @Test
  void theNumberOfPartitionsIsRememberedAndFixed() {
    open(3).close();
    try (EventStore store = open(0)) {
      assertThat(store.hub("HUB").partitions()).hasSize(3);
    }
    assertThatThrownBy(() -> open(4))
        .isInstanceOf(EventStoreException.class)
        .hasMessageContaining("has 3 partitions and cannot have 4");
    open(3).close();
  }

  @Test
  void aDirectoryIsUsedByOneHubAtATime() {
    try (EventStore store = open()) {
      assertThatThrownBy(this::open)
          .isInstanceOf(EventStoreException.class)
          .hasMessageContaining("is in use by another hub");
      assertThat(store.hub("hub")).isNotNull();
    }
    open().close();
  }

  @Test
  void nothingIsAppendedToAClosedStore() {
    EventStore store = open();
    Partition partition = partition(store);
    store.close();
    assertThatThrownBy(() -> append(partition, "late")).isInstanceOf(IllegalStateException.class);
  }

  /** Appends in another process, which tells what is durable until it is killed. */
  @Test
  void whatWasReportedDurableSurvivesAKill() throws Exception {
    Path unpacked = Files.createDirectory(directory.resolve("unpacked"));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + unpacked,
                "-cp",
                System.getProperty("java.class.path"),
                Appending.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long reported = -1;
    try (BufferedReader out = process.inputReader()) {
      String line;
      while ((line = out.readLine()) != null) {
        reported = Long.parseLong(line);
        if (reported >= 500) {
          // By its handle: the process itself would close what it has still to say.
          process.toHandle().destroyForcibly();
        }
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(reported).isGreaterThanOrEqualTo(500);
    assertThat(unpacked).as("what the killed process has left behind").isEmptyDirectory();

    try (EventStore store = open()) {
      Bounds bounds = partition(store).bounds();
      assertThat(bounds.next()).isGreaterThan(reported);
      assertThat(sequenceNumbers(partition(store), 0))
          .containsExactlyElementsOf(LongStream.range(0, bounds.next()).boxed().toList());
      append(partition(store), "more");
      assertThat(partition(store).bounds().next()).isEqualTo(bounds.next() + 1);
    }
  }

  /** Reports the sequence number of each event when it is durable. */
  static final class Appending {
    public static void main(String[] args) throws Exception {
      EventStore store =
          EventStore.open(
              Path.of(args[0]),
              List.of(new HubSettings("hub", 1, List.of())),
              InstantSource.system());
      for (long i = 0; ; i++) {
        append(partition(store), "event " + i);
        System.out.println(i);
      }
    }
  }
}
