package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.HubClosedException;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import dev.perdure.testing.LivenessAudit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The directory of the rows goes away under a hub that works, and comes back. */
@DisabledOnOs(OS.WINDOWS) // where what is open cannot be moved
class LostRowsTest {
  @TempDir Path temporary;

  /** Says a lot about that, none of which is news here. */
  private final Logger log = Logger.getLogger("dev.perdure");

  @BeforeEach
  void beQuiet() {
    log.setLevel(Level.OFF);
  }

  @AfterEach
  void beLoudAgain() {
    log.setLevel(null);
  }

  private Perdure.Builder hub() {
    return Texts.hub(temporary.resolve("hub")).storeOptions(Hubs::small);
  }

  @Test
  void aHubWhoseRowsWereAwayGoesOnByItselfAndLosesNothing() throws Exception {
    Path rows = temporary.resolve("hub").resolve("rows");
    Path away = temporary.resolve("away");
    List<String> acknowledged = new ArrayList<>();
    try (Perdure perdure = hub().start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      PerdureClient client = perdure.client();
      String waiting = Hubs.startAndWait(client, "wait", null);
      for (int round = 0; round < 3; round++) {
        Files.move(rows, away);
        startUntilOneIsRefused(client, round, acknowledged);
        Files.move(away, rows);
        Hubs.until("a start is taken again", () -> isStarted(client, "after"));
        Texts.assertMeasured(client, acknowledged);
      }
      client.raiseEvent(waiting, "go", "gone");
      assertThat(Hubs.output(client, waiting, String.class)).isEqualTo("gone");
      assertThat(LoadAudit.all(client, InstanceQuery.ALL))
          .containsKeys("after", waiting)
          .containsKeys(acknowledged.toArray(String[]::new));
    }
    try (Perdure perdure = hub().start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      Texts.assertMeasured(perdure.client(), acknowledged);
    }
  }

  private static void startUntilOneIsRefused(
      PerdureClient client, int round, List<String> acknowledged) {
    for (int i = 0; ; i++) {
      assertThat(i).as("starts until rows are flushed").isLessThan(5_000);
      String id = "a" + round + "-" + i;
      if (!isStarted(client, id)) {
        return;
      }
      acknowledged.add(id);
    }
  }

  private static boolean isStarted(PerdureClient client, String id) {
    try {
      client.startNew(
          "length", Texts.LONG, StartOptions.id(id).withIdReuse(StartOptions.IdReusePolicy.IGNORE));
      return true;
    } catch (HubClosedException e) {
      return false;
    }
  }
}
