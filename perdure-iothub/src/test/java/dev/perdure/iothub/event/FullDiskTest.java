package dev.perdure.iothub.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.store.testkit.SmallDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real full disk, where a small one can be mounted; that takes root on Linux. */
@Timeout(120)
class FullDiskTest {
  private static final String TEXT = "x".repeat(40_000);

  @TempDir Path temporary;

  /** Has a lot to say about full disks, none of which is news here. */
  private final Logger log = Logger.getLogger(Committer.class.getName());

  private @Nullable SmallDisk mounted;

  @BeforeEach
  void mountASmallDisk() {
    log.setLevel(Level.OFF);
    mounted = SmallDisk.mount(temporary.resolve("disk"), 64);
  }

  @AfterEach
  void unmount() {
    log.setLevel(null);
    if (mounted != null) {
      mounted.close();
    }
  }

  private SmallDisk disk() {
    return Objects.requireNonNull(mounted);
  }

  private EventStore open() {
    return EventStore.open(
        disk().resolve("hub"),
        List.of(new HubSettings("hub", 1, List.of())),
        InstantSource.system());
  }

  private static Partition partition(EventStore store) {
    return store.hub("hub").partitions().getFirst();
  }

  private static boolean append(Partition partition, String text) throws Exception {
    try {
      EventStoreTest.append(partition, text);
      return true;
    } catch (ExecutionException e) {
      assertThat(e).hasMessageContaining("Events cannot be stored");
      return false;
    }
  }

  private static long count(Partition partition) {
    return partition.read(0, 100_000, Integer.MAX_VALUE).size();
  }

  @Test
  void aHubOnAFullDiskLosesNothingAndGoesOnWhenThereIsRoom() throws Exception {
    long stored = 0;
    try (EventStore store = open()) {
      Partition partition = partition(store);
      assertThat(append(partition, TEXT)).isTrue();
      stored++;
      disk().fill(0);
      while (append(partition, TEXT)) {
        stored++; // there is room in files that are there already
      }
      assertThat(append(partition, "small")).as("another one, on the full disk").isFalse();
      assertThat(count(partition)).isEqualTo(stored);

      disk().makeRoom();
      long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (!append(partition, TEXT)) {
        assertThat(System.nanoTime()).as("it goes on").isLessThan(deadline);
        Thread.sleep(100); // a device connects again
      }
      stored++;
      for (int i = 0; i < 100; i++) {
        assertThat(append(partition, TEXT)).isTrue();
        stored++;
      }
      assertThat(count(partition)).isEqualTo(stored);
    }
    try (EventStore store = open()) {
      assertThat(partition(store).bounds().next()).isEqualTo(stored);
      assertThat(count(partition(store))).isEqualTo(stored);
    }
  }

  /** Someone who sends one event after the other until one fails, as a device does. */
  private static final class Sender implements AppendOutcome {
    private final Executor loop;
    final List<@Nullable EventStoreException> told = new CopyOnWriteArrayList<>();

    Sender(Executor loop) {
      this.loop = loop;
    }

    @Override
    public Executor executor() {
      return loop;
    }

    @Override
    public void onAppended(@Nullable EventStoreException failure) {
      told.add(failure);
    }
  }

  @Test
  void nothingIsStoredBehindAFailureThatItsSenderHasNotHeardOf() throws Exception {
    List<Runnable> unheard = new ArrayList<>();
    try (EventStore store = open()) {
      Partition partition = partition(store);
      assertThat(append(partition, TEXT)).isTrue();
      disk().fill(0);
      while (append(partition, TEXT)) {
        // there is room in files that are there already
      }
      Sender deaf = new Sender(unheard::add);
      partition.append(EventStoreTest.content("first"), deaf);
      assertThatThrownBy(() -> EventStoreTest.append(partition, "another's"))
          .hasMessageContaining("cannot be stored"); // so the first has failed as well
      disk().makeRoom();
      long before = count(partition);
      // The database writes again after a few seconds; the hub must not before the sender knows.
      long end = System.nanoTime() + Duration.ofSeconds(7).toNanos();
      while (System.nanoTime() < end) {
        partition.append(EventStoreTest.content("second"), deaf);
        assertThat(append(partition, "another's")).isFalse();
        Thread.sleep(200); // it may rest in between
      }
      assertThat(count(partition)).isEqualTo(before);

      while (!unheard.isEmpty()) {
        unheard.removeFirst().run();
      }
      assertThat(deaf.told).doesNotContainNull();
      CompletableFuture<Void> stored = new CompletableFuture<>();
      while (!stored.isDone()) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        partition.append(EventStoreTest.content("third"), EventStoreTest.outcome(done));
        stored = done.exceptionallyCompose(e -> new CompletableFuture<>());
        Thread.sleep(50); // a device connects again
      }
      stored.get(1, TimeUnit.SECONDS);
    }
  }
}
