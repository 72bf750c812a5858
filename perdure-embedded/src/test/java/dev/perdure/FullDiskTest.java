package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.perdure.api.HubClosedException;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import dev.perdure.store.StoreException;
import dev.perdure.testing.LivenessAudit;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
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

  private Path disk;
  private Path ballast;
  private boolean mounted;

  @BeforeEach
  void mountASmallDisk() throws Exception {
    log.setLevel(Level.OFF);
    disk = Files.createDirectory(temporary.resolve("disk"));
    ballast = disk.resolve("ballast");
    mounted = run("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk.toString()) == 0;
    if (!mounted) {
      System.err.println("SKIPPED: no small disk could be mounted, so a full one was not tested");
    }
    assumeTrue(mounted, "No small disk can be mounted here, so a full one is not tested");
  }

  @AfterEach
  void unmount() throws Exception {
    log.setLevel(null);
    if (mounted) { // lazily, so that a test that fails leaves nothing behind
      assertThat(run("umount", "-l", disk.toString())).isZero();
    }
  }

  private static int run(String... command) throws Exception {
    try {
      return new ProcessBuilder(command).inheritIO().start().waitFor();
    } catch (IOException e) {
      return -1;
    }
  }

  /** Leaves no more room than this. */
  private void fill(long bytesLeft) throws IOException {
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(ballast)) {
      while (Files.getFileStore(disk).getUsableSpace() > bytesLeft) {
        out.write(block);
      }
    } catch (IOException e) {
      assertThat(Files.getFileStore(disk).getUsableSpace()).isLessThanOrEqualTo(bytesLeft);
    }
  }

  private Perdure.Builder hub() {
    return Texts.hub(disk.resolve("hub"))
        .storeOptions(options -> options.withLog(256 << 10, 64 << 20)); // it is the log that fails
  }

  @Test
  void aHubOnAFullDiskLosesNothingAndGoesOnWhenThereIsRoom() throws Exception {
    List<String> acknowledged = new ArrayList<>();
    try (Perdure perdure = hub().start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      PerdureClient client = perdure.client();
      String waiting = Hubs.startAndWait(client, "wait", null);
      fill(2 << 20);
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

      Files.delete(ballast);
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
      fill(2 << 20);
      while (true) {
        String id = "a" + acknowledged.size();
        acknowledged.add(perdure.client().startNew("length", Texts.LONG, StartOptions.id(id)));
      }
    } catch (HubClosedException e) {
      assertThat(e).hasMessageContaining("the disk is full");
    }
    Files.delete(ballast);
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
      fill(2 << 20);
      while (true) {
        String id = "a" + acknowledged.size();
        acknowledged.add(perdure.client().startNew("length", Texts.LONG, StartOptions.id(id)));
      }
    } catch (HubClosedException e) {
      assertThat(e).hasMessageContaining("the disk is full");
    }
    Files.delete(ballast);
    try (Perdure perdure = hub().start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      Texts.assertMeasured(perdure.client(), acknowledged);
    }
  }

  /** However little room there is: making the hub stops at different places. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8, 40})
  void aHubThatCouldNotBeMadeForWantOfRoomIsMadeWhenThereIsSome(int pagesLeft) throws Exception {
    fill(pagesLeft * 4096L);
    assertRefused();
    Files.delete(ballast);
    assertWorks();
  }

  @Test
  void aHubThatCouldNotEvenBeLockedIsMadeWhenThereIsRoom() throws Exception {
    fill(0);
    assertRefused();
    Files.delete(ballast);
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
