package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.HubClosedException;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import dev.perdure.store.StoreException;
import dev.perdure.store.testkit.SmallDisk;
import dev.perdure.testing.LivenessAudit;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real full disk, where a small one can be mounted; that takes root on Linux. */
class FullDiskTest {
  private static final Duration FULL_FOR = Duration.ofSeconds(2);

  @TempDir Path temporary;

  /** Has a lot to say about full disks, none of which is news here. */
  private final Logger log = Logger.getLogger("dev.perdure");

  private @Nullable SmallDisk mounted;

  @BeforeEach
  void mountASmallDisk() {
    log.setLevel(Level.OFF);
    mounted = SmallDisk.mount(temporary.resolve("disk"), 24);
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

  private Perdure.Builder hub() {
    return Texts.hub(disk().resolve("hub"))
        .storeOptions(options -> options.withLog(256 << 10, 64 << 20)); // it is the log that fails
  }

  @Test
  void aHubOnAFullDiskLosesNothingAndGoesOnWhenThereIsRoom() throws Exception {
    List<String> acknowledged = new ArrayList<>();
    try (Perdure perdure = hub().start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      PerdureClient client = perdure.client();
      String waiting = Hubs.startAndWait(client, "wait", null);
      disk().fill(2 << 20);
      Instant enough = Instant.MAX;
      for (int i = 0; Instant.now().isBefore(enough); i++) {
        assertThat(acknowledged).as("the disk gets full").hasSizeLessThan(5_000);
        try {
          acknowledged.add(client.startNew("length", Texts.LONG, StartOptions.id("a" + i)));
        } catch (HubClosedException e) {
          assertThat(e).hasMessageContaining("PD-2007").hasMessageContaining("the disk is full");
          enough = enough == Instant.MAX ? Instant.now().plus(FULL_FOR) : enough;
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
      }
      assertThat(acknowledged).isNotEmpty();

      disk().makeRoom();
      Hubs.until("a start is taken again", () -> isTaken(client, "again"));
      Texts.assertMeasured(client, acknowledged);
      assertThat(Hubs.output(client, "again", Integer.class)).isEqualTo(1);
      Hubs.until("an event is taken again", () -> isRaised(client, waiting));
      assertThat(Hubs.output(client, waiting, String.class)).isEqualTo("gone");
    }
    try (Perdure perdure = hub().start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      Texts.assertMeasured(perdure.client(), acknowledged);
    }
  }

  /** Whether a start is accepted; a partition tries to recover a few times a second. */
  private static boolean isTaken(PerdureClient client, String id) {
    try {
      client.startNew(
          "length", "x", StartOptions.id(id).withIdReuse(StartOptions.IdReusePolicy.IGNORE));
      return true;
    } catch (HubClosedException e) {
      return false;
    }
  }

  private static boolean isRaised(PerdureClient client, String id) {
    try {
      client.raiseEvent(id, "go", "gone");
      return true;
    } catch (HubClosedException e) {
      return false;
    }
  }

  @Test
  void aHubThatIsClosedOnAFullDiskHasLostNothing() throws Exception {
    List<String> acknowledged = new ArrayList<>();
    try (Perdure perdure = hub().start()) {
      disk().fill(2 << 20);
      while (true) {
        String id = "a" + acknowledged.size();
        acknowledged.add(perdure.client().startNew("length", Texts.LONG, StartOptions.id(id)));
      }
    } catch (HubClosedException e) {
      assertThat(e).hasMessageContaining("the disk is full");
    }
    disk().makeRoom();
    try (Perdure perdure = hub().start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      Texts.assertMeasured(perdure.client(), acknowledged);
    }
  }

  /** Here rows are flushed so often that they need the room that is not there. */
  @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
  @RepeatedTest(3)
  void aHubThatCannotFlushItsRowsIsClosedAndHasLostNothing() throws Exception {
    List<String> acknowledged = new ArrayList<>();
    try (Perdure perdure = hub().storeOptions(Hubs::small).start()) {
      disk().fill(2 << 20);
      while (true) {
        String id = "a" + acknowledged.size();
        acknowledged.add(perdure.client().startNew("length", Texts.LONG, StartOptions.id(id)));
      }
    } catch (HubClosedException e) {
      assertThat(e).hasMessageContaining("the disk is full");
    }
    disk().makeRoom();
    try (Perdure perdure = hub().start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      Texts.assertMeasured(perdure.client(), acknowledged);
    }
  }

  /** However little room there is: making the hub stops at different places. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8, 40})
  void aHubThatCouldNotBeMadeForWantOfRoomIsMadeWhenThereIsSome(int pagesLeft) throws Exception {
    disk().fill(pagesLeft * 4096L);
    assertRefused();
    disk().makeRoom();
    assertWorks();
  }

  @Test
  void aHubThatCouldNotEvenBeLockedIsMadeWhenThereIsRoom() throws Exception {
    disk().fill(0);
    assertRefused();
    disk().makeRoom();
    assertWorks();
  }

  private void assertRefused() {
    assertThatThrownBy(() -> hub().start().close())
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("PD-2007")
        .hasMessageContaining("the disk is full");
  }

  private void assertWorks() {
    try (Perdure perdure = hub().start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      PerdureClient client = perdure.client();
      String id = client.startNew("length", "x");
      assertThat(Hubs.output(client, id, Integer.class)).isEqualTo(1);
    }
  }
}
