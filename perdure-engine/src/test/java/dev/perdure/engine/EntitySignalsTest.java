package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.Entity;
import dev.perdure.api.EntityContext;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntitySignal;
import dev.perdure.api.Explanation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Operations that nobody waits for. */
class EntitySignalsTest extends Scenarios {
  @Entity
  static class Diary {
    List<String> lines = new ArrayList<>();

    void note(EntityContext ctx, String line) {
      lines.add(line);
    }

    void clock(EntityContext ctx) {
      lines.add(ctx.currentInstant().toString());
    }

    void later(EntityContext ctx, String line) {
      lines.add("asked for " + line);
      ctx.signalEntity(ctx.id(), "note", line, ctx.currentInstant().plus(Duration.ofHours(1)));
      ctx.signalEntity(ctx.id(), "note", "soon " + line);
    }

    void tear(String line) {
      lines.clear();
      throw new IllegalStateException("torn " + line);
    }
  }

  interface Notes {
    void note(String line);

    void clock();
  }

  private static final EntityId DIARY = EntityId.of(Diary.class, "mine");

  private static List<String> lines(TestHub hub, EntityId diary) {
    return hub.client()
        .getEntity(diary)
        .map(e -> e.state(Diary.class))
        .map(d -> d.lines)
        .orElse(List.of());
  }

  private static void untilLines(TestHub hub, EntityId diary, String... lines) {
    hub.until(
        diary + " says " + List.of(lines) + ", but " + lines(hub, diary),
        () -> lines(hub, diary).equals(List.of(lines)));
  }

  private TestHub standardHub() {
    return hub(f -> f.entity(Diary.class));
  }

  @Test
  void clientsSignalByNameByReferenceAndThroughAnInterface() {
    TestHub hub = standardHub();

    hub.client().signalEntity(DIARY, "NOTE", "by name");
    hub.client().signalEntity(DIARY, Diary::note, "by reference");
    hub.client().signalProxy(Notes.class, DIARY).note("by proxy");
    hub.client().signalEntity(DIARY, Diary::clock);

    untilLines(hub, DIARY, "by name", "by reference", "by proxy", "2030-01-01T12:00:00Z");
  }

  @Test
  void aSignalThatFailsIsLoggedAndTheOthersAreRun() throws InterruptedException {
    try (CapturedLog log = new CapturedLog("dev.perdure.entity")) {
      TestHub hub = standardHub();

      hub.client()
          .signalEntities(
              List.of(
                  EntitySignal.of(DIARY, "note", "one"),
                  EntitySignal.of(DIARY, "tear", "two"),
                  EntitySignal.of(DIARY, "note", "three")));

      untilLines(hub, DIARY, "one", "three");
      assertThat(log.next()).contains("@diary@mine", "'tear'", "torn two", "nobody waits");
    }
  }

  @Test
  void manySignalsAtOnceKeepTheirOrderAtEveryEntity() {
    TestHub hub = standardHub();
    List<EntitySignal> signals = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      signals.add(EntitySignal.of(EntityId.of(Diary.class, "" + i % 7), "note", "" + i));
    }

    hub.client().signalEntities(signals);

    for (int key = 0; key < 7; key++) {
      EntityId diary = EntityId.of(Diary.class, "" + key);
      hub.until(diary + " has all", () -> lines(hub, diary).size() >= 3_000 / 7);
      hub.until(
          diary + " rests",
          () -> hub.client().getEntity(diary).orElseThrow().operationsWaiting() == 0);
      List<String> expected = new ArrayList<>();
      for (int i = key; i < 3_000; i += 7) {
        expected.add("" + i);
      }
      assertThat(lines(hub, diary)).isEqualTo(expected);
    }
  }

  @Test
  void noSignalsAtAllAreNoMistake() {
    standardHub().client().signalEntities(List.of());
  }

  // ---- later
  // --------------------------------------------------------------------------------------

  @Test
  void aScheduledSignalRunsAtItsTimeAndNotBefore() {
    TestHub hub = standardHub();
    Instant due = TestHub.NOON.plusSeconds(10);
    hub.client().signalEntity(DIARY, "clock", null, due);
    assertThat(hub.client().getEntity(DIARY).orElseThrow().operationsWaiting()).isEqualTo(1);
    assertThat(hub.client().getEntity(DIARY).orElseThrow().hasState()).isFalse();

    hub.advance(Duration.ofMillis(9_999));
    hub.client().signalEntity(DIARY, "note", "meanwhile");
    untilLines(hub, DIARY, "meanwhile");

    hub.advance(Duration.ofMillis(1));
    untilLines(hub, DIARY, "meanwhile", due.toString());
  }

  @Test
  void aTimeBetweenTwoMillisecondsIsRoundedUp() {
    TestHub hub =
        hub(
            f ->
                f.entity(Diary.class)
                    .orchestrator(
                        "main",
                        ctx -> {
                          for (int i = 0; i < 8; i++) {
                            ctx.signalEntity(
                                EntityId.of(Diary.class, "" + i),
                                "clock",
                                null,
                                ctx.currentInstant().plusNanos(1_000_001));
                          }
                          return null;
                        }));
    hub.client().signalEntity(DIARY, "clock", null, TestHub.NOON.plusNanos(1_000_001));
    hub.run("main", null, Object.class);
    hub.advance(Duration.ofMillis(1));
    hub.client().signalEntity(DIARY, "note", "meanwhile");
    untilLines(hub, DIARY, "meanwhile");

    hub.advance(Duration.ofMillis(1));

    untilLines(hub, DIARY, "meanwhile", "2030-01-01T12:00:00.002Z");
    for (int i = 0; i < 8; i++) {
      untilLines(hub, EntityId.of(Diary.class, "" + i), "2030-01-01T12:00:00.002Z");
    }
  }

  @Test
  void scheduledSignalsOutliveTheProgramAndRunInTheOrderOfTheirTimes() {
    TestHub hub = standardHub();
    for (int hours : new int[] {3, 1, 2}) {
      hub.client()
          .signalEntity(
              DIARY, "note", "after " + hours, TestHub.NOON.plus(Duration.ofHours(hours)));
    }
    hub.restartProgram(f -> f.entity(Diary.class));
    assertThat(hub.client().getEntity(DIARY).orElseThrow().operationsWaiting()).isEqualTo(3);

    hub.advance(Duration.ofHours(1));
    untilLines(hub, DIARY, "after 1");
    hub.restartProgram(f -> f.entity(Diary.class));
    hub.advance(Duration.ofHours(5));
    untilLines(hub, DIARY, "after 1", "after 2", "after 3");
    hub.restartProgram(f -> f.entity(Diary.class));
    hub.advance(Duration.ofHours(5));
    assertThat(lines(hub, DIARY)).containsExactly("after 1", "after 2", "after 3");
  }

  @Test
  void aTimeThatHasPassedIsNow() {
    TestHub hub = standardHub();
    hub.client().signalEntity(DIARY, "note", "old", Instant.EPOCH);
    hub.client().signalEntity(DIARY, "note", "older", Instant.MIN);
    hub.client().signalEntity(DIARY, "note", "now", TestHub.NOON);
    untilLines(hub, DIARY, "old", "older", "now");
  }

  @Test
  void anEntityRemindsItself() {
    TestHub hub = standardHub();
    hub.client().signalEntity(DIARY, "later", "x");
    untilLines(hub, DIARY, "asked for x", "soon x");
    hub.advance(Duration.ofHours(1));
    untilLines(hub, DIARY, "asked for x", "soon x", "x");
  }

  @Test
  void aScheduledSignalIsExplainedWithItsTime() {
    TestHub hub = standardHub();
    Instant due = TestHub.NOON.plusSeconds(90);
    hub.client().signalEntity(DIARY, "note", "x", due);

    Explanation explanation = hub.client().explain(DIARY.instanceId());

    assertThat(explanation.waits())
        .singleElement()
        .satisfies(
            wait -> {
              assertThat(wait.kind()).isEqualTo("timer");
              assertThat(wait.description()).contains("scheduled operation 'note'");
              assertThat(wait.due()).isEqualTo(due);
            });
  }

  @Test
  void aScheduledSignalOfAPurgedEntityDoesNotCome() {
    TestHub hub = standardHub();
    hub.client().signalEntity(DIARY, "note", "never", TestHub.NOON.plusSeconds(90));
    assertThat(hub.client().purgeEntity(DIARY)).isTrue();
    hub.client().signalEntity(DIARY, "note", "at the same time", TestHub.NOON.plusSeconds(90));
    hub.restartProgram(f -> f.entity(Diary.class));
    hub.advance(Duration.ofHours(1));
    untilLines(hub, DIARY, "at the same time");
  }

  @Test
  void whileItIsLockedOrBusyScheduledSignalsQueueUp() {
    TestHub hub =
        hub(
            f ->
                f.entity(Diary.class)
                    .orchestrator(
                        "main",
                        ctx -> {
                          var section = ctx.lockEntities(DIARY).await();
                          ctx.waitForExternalEvent("go", String.class).await();
                          ctx.callEntity(DIARY, "note", "owner").await();
                          section.close();
                          return null;
                        }));
    String id = hub.start("main");
    hub.untilWaitingFor(id, "external event");
    hub.client().signalEntity(DIARY, "note", "scheduled", TestHub.NOON.plusSeconds(1));
    hub.advance(Duration.ofSeconds(1));
    hub.client().raiseEvent(id, "go");
    hub.output(id, Object.class);
    untilLines(hub, DIARY, "owner", "scheduled");
  }
}
