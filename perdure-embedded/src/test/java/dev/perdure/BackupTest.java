package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import dev.perdure.engine.ActivityStart;
import dev.perdure.store.StoreException;
import dev.perdure.testing.LivenessAudit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A copy of a hub that is made while it is in use is a hub. */
class BackupTest {
  @TempDir Path temporary;

  private static Perdure open(Path directory) {
    return LoadProgram.open(directory, ActivityStart.STRICT, false);
  }

  @Test
  void aBackupUnderLoadHasWhatWasAcknowledgedBeforeAndGoesOnByItself() throws Exception {
    List<LoadAudit> before = new ArrayList<>();
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    AtomicBoolean enough = new AtomicBoolean();
    try (Perdure original = open(temporary.resolve("hub"));
        LivenessAudit livenessOfOriginal = LivenessAudit.of(original.client())) {
      PerdureClient client = original.client();
      ConcurrentLinkedQueue<String> acknowledged = new ConcurrentLinkedQueue<>();
      CountDownLatch underWay = new CountDownLatch(300);
      List<Thread> workers =
          IntStream.range(0, 4)
              .mapToObj(
                  worker ->
                      Thread.ofVirtual()
                          .start(
                              () -> {
                                try {
                                  work(client, worker, enough, acknowledged, underWay);
                                } catch (RuntimeException | Error e) {
                                  failures.add(e);
                                }
                              }))
              .toList();
      Hubs.await(underWay);
      for (int i = 0; i < 3; i++) {
        LoadAudit audit = new LoadAudit();
        acknowledged.forEach(audit::heard);
        before.add(audit);
        original.backup(temporary.resolve("copy" + i));
      }
      enough.set(true);
      for (Thread worker : workers) {
        assertThat(worker.join(Hubs.PATIENCE)).isTrue();
      }
      assertThat(failures).isEmpty();
      for (int i = 0; i < 3; i++) {
        try (Perdure copy = open(temporary.resolve("copy" + i));
            LivenessAudit livenessOfCopy = LivenessAudit.of(copy.client())) {
          before.get(i).check(copy.client(), false);
        }
      }
      LoadAudit all = new LoadAudit();
      acknowledged.forEach(all::heard);
      all.check(client, false);
    }
  }

  private static void work(
      PerdureClient client,
      int worker,
      AtomicBoolean enough,
      ConcurrentLinkedQueue<String> acknowledged,
      CountDownLatch underWay) {
    for (int i = 0; !enough.get(); i++) {
      String kind = Load.KINDS.get(i % Load.KINDS.size());
      String id = kind + "-" + worker + "-" + i;
      client.startNew(kind, null, StartOptions.id(id));
      acknowledged.add("started " + id);
      underWay.countDown();
      if (kind.equals("mail")) {
        client.raiseEvent(id, "letter", 1);
        acknowledged.add("raised " + id + " 1");
      } else if (i % 3 == 0) {
        acknowledged.add("completed " + id + " " + Hubs.completed(client, id).completedAt());
      }
    }
  }

  @Test
  void whatHappensInTheCopyDoesNotHappenInTheOriginal() {
    try (Perdure original = open(temporary.resolve("hub"));
        LivenessAudit livenessOfOriginal = LivenessAudit.of(original.client())) {
      String id = original.client().startNew("mail", null, StartOptions.id("mail-1"));
      original.client().raiseEvent(id, "letter", 1);
      original.backup(temporary.resolve("copy"));
      try (Perdure copy = open(temporary.resolve("copy"));
          LivenessAudit livenessOfCopy = LivenessAudit.of(copy.client())) {
        copy.client().raiseEvent(id, "letter", 2);
        copy.client().raiseEvent(id, "letter", Load.LAST);
        assertThat(Hubs.output(copy.client(), id, Integer[].class)).containsExactly(1, 2);
        assertThat(original.client().status(id).orElseThrow().status())
            .isNotEqualTo(OrchestrationStatus.COMPLETED);
        copy.client().startNew("hello", null, StartOptions.id("hello-2"));
        assertThat(original.client().status("hello-2")).isEmpty();
      }
      original.client().raiseEvent(id, "letter", Load.LAST);
      assertThat(Hubs.output(original.client(), id, Integer[].class)).containsExactly(1);
    }
  }

  @Test
  void aBackupDoesNotMixWithWhatIsThereAlready() throws Exception {
    Path taken = Files.createDirectory(temporary.resolve("taken"));
    Path photo = Files.writeString(taken.resolve("photo.jpg"), "precious");
    try (Perdure perdure = open(temporary.resolve("hub"));
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      assertThatThrownBy(() -> perdure.backup(taken))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("PD-2006")
          .hasMessageContaining(taken.toString());
      perdure.client().startNew("hello", null, StartOptions.id("hello-1"));
      assertThat(Hubs.output(perdure.client(), "hello-1", String.class))
          .isEqualTo(Load.expected("hello-1"));
    }
    assertThat(taken).isDirectoryNotContaining(file -> !file.equals(photo));
  }

  @Test
  void aClosedHubIsNotCopied() {
    Perdure perdure = open(temporary.resolve("hub"));
    perdure.close();
    assertThatThrownBy(() -> perdure.backup(temporary.resolve("copy")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("closed");
  }
}
