package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.CriticalSection;
import dev.perdure.api.Entity;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.EntityQuery;
import dev.perdure.api.EntitySignal;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import dev.perdure.store.testkit.CrashCopy;
import dev.perdure.testing.LivenessAudit;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entities in a hub on disk that is closed, killed and copied. */
class EntityOnDiskTest {
  @TempDir Path temporary;

  /** Notices if anything comes twice, or too early, or too late. */
  @Entity
  static class Sequence {
    int next;
    long chars;
    List<String> mistakes = new ArrayList<>();

    void take(Item item) {
      if (item.number() != next && mistakes.size() < 10) {
        mistakes.add(item.number() + " in place of " + next);
      }
      next++;
      chars += item.text().length();
    }
  }

  record Item(int number, String text) {}

  private static final EntityId SEQUENCE = EntityId.of(Sequence.class, "s");

  private static Perdure.Builder hub(Path directory) {
    return Perdure.embedded(directory)
        .storeOptions(Hubs::small)
        .options(o -> o.withShutdownGrace(Duration.ofMillis(1)))
        .entity(Sequence.class)
        .orchestrator(
            "hold",
            ctx -> {
              try (CriticalSection section = ctx.lockEntities(SEQUENCE).await()) {
                return ctx.waitForExternalEvent("go", String.class).await();
              }
            });
  }

  // ---- closed and opened again
  // --------------------------------------------------------------------

  @Test
  void statesLocksQueuesAndSchedulesOutliveTheProgram() {
    Path directory = temporary.resolve("hub");
    Instant due = Instant.now().plus(Duration.ofSeconds(2));
    try (Perdure perdure = hub(directory).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      PerdureClient client = perdure.client();
      client.signalEntity(SEQUENCE, "take", new Item(0, "state"));
      Hubs.until("it ran", () -> client.getEntity(SEQUENCE).orElseThrow().hasState());
      Hubs.startAndWait(client, "hold", null);
      client.startNew("hold", null, StartOptions.id("holder"));
      Hubs.until("it is held", () -> client.getEntity(SEQUENCE).orElseThrow().lockedBy() != null);
      client.signalEntity(SEQUENCE, "take", new Item(1, "queue"));
      client.signalEntity(SEQUENCE, "take", new Item(2, "schedule"), due);
    }
    for (int i = 0; i < 2; i++) {
      try (Perdure perdure = hub(directory).start();
          LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
        EntityMetadata entity = perdure.client().getEntity(SEQUENCE).orElseThrow();
        assertThat(entity.state(Sequence.class).next).isEqualTo(1);
        assertThat(entity.lockedBy()).isNotNull();
        assertThat(entity.operationsWaiting()).isEqualTo(3);
      }
    }
    try (Perdure perdure = hub(directory).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      PerdureClient client = perdure.client();
      for (int i = 0; i < 2; i++) {
        // Operations may stand in the queue between the two, and run while nobody has the lock.
        Hubs.until(
            "somebody holds it", () -> client.getEntity(SEQUENCE).orElseThrow().lockedBy() != null);
        String owner = client.getEntity(SEQUENCE).orElseThrow().lockedBy();
        client.raiseEvent(owner, "go", "on");
        Hubs.output(client, owner, String.class);
        Hubs.until(
            "the lock goes on",
            () -> !owner.equals(client.getEntity(SEQUENCE).orElseThrow().lockedBy()));
      }
      Hubs.until(
          "all ran", () -> client.getEntity(SEQUENCE).orElseThrow().operationsWaiting() == 0);
      Sequence state = client.getEntity(SEQUENCE).orElseThrow().state(Sequence.class);
      assertThat(state.next).isEqualTo(3);
      assertThat(state.mistakes).isEmpty();
      assertThat(Instant.now()).isAfterOrEqualTo(due);
    }
  }

  // ---- a long queue
  // -------------------------------------------------------------------------------

  private static final int MANY = 20_000;

  /** An orchestration holds the lock, so that nothing of what is sent can run. */
  private static void fillQueue(PerdureClient client, int many, String text) {
    client.startNew("hold", null, StartOptions.id("holder"));
    Hubs.until("it is held", () -> client.getEntity(SEQUENCE).isPresent());
    for (int from = 0; from < many; from += 1_000) {
      client.signalEntities(
          IntStream.range(from, from + 1_000)
              .mapToObj(i -> EntitySignal.of(SEQUENCE, "take", new Item(i, text)))
              .toList());
      if (from % 5_000 == 0) {
        client.queryEntities(EntityQuery.ALL); // a checkpoint, which makes rows of the queue
      }
    }
    assertThat(client.getEntity(SEQUENCE).orElseThrow().operationsWaiting()).isEqualTo(many);
  }

  private static void drainAndCheck(PerdureClient client, int many, int chars) {
    EntityMetadata before = client.getEntity(SEQUENCE).orElseThrow();
    assertThat(before.operationsWaiting()).isEqualTo(many);
    assertThat(before.lockedBy()).isEqualTo("holder");
    client.raiseEvent("holder", "go", "on");
    Hubs.until(
        "the queue is empty",
        () -> client.getEntity(SEQUENCE).orElseThrow().operationsWaiting() == 0);
    Sequence state = client.getEntity(SEQUENCE).orElseThrow().state(Sequence.class);
    assertThat(state.mistakes).isEmpty();
    assertThat(state.next).isEqualTo(many);
    assertThat(state.chars).isEqualTo((long) many * chars);
  }

  @Test
  void aQueueOfTwentyThousandOperationsComesBackInOrder() {
    Path directory = temporary.resolve("hub");
    try (Perdure perdure = hub(directory).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      fillQueue(perdure.client(), MANY, "x".repeat(50));
    }
    try (Perdure perdure = hub(directory).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      drainAndCheck(perdure.client(), MANY, 50);
    }
    try (Perdure perdure = hub(directory).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      Sequence state = perdure.client().getEntity(SEQUENCE).orElseThrow().state(Sequence.class);
      assertThat(state.next).isEqualTo(MANY);
    }
  }

  @Test
  void aLongQueueOutlivesACrashBeforeAndWhileItIsWorkedOff() throws Exception {
    Path directory = temporary.resolve("hub");
    Path crashed = temporary.resolve("crashed");
    Path crashedAgain = temporary.resolve("crashed again");
    try (Perdure perdure = hub(directory).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      fillQueue(perdure.client(), MANY, "x".repeat(50));
      CrashCopy.of(directory, crashed);
    }
    try (Perdure perdure = hub(crashed).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      PerdureClient client = perdure.client();
      client.raiseEvent("holder", "go", "on");
      Hubs.until(
          "some have run",
          () -> client.getEntity(SEQUENCE).orElseThrow().operationsWaiting() < MANY - 2_000);
      CrashCopy.of(crashed, crashedAgain);
    }
    for (Path hub : List.of(crashed, crashedAgain)) {
      try (Perdure perdure = hub(hub).start();
          LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
        PerdureClient client = perdure.client();
        Hubs.until(
            "the queue is empty",
            () -> client.getEntity(SEQUENCE).orElseThrow().operationsWaiting() == 0);
        Sequence state = client.getEntity(SEQUENCE).orElseThrow().state(Sequence.class);
        assertThat(state.mistakes).isEmpty();
        assertThat(state.next).isEqualTo(MANY);
      }
    }
  }

  @Test
  void largeInputsWaitOnDiskAsWell() {
    Path directory = temporary.resolve("hub");
    int chars = 200_000;
    try (Perdure perdure = hub(directory).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      PerdureClient client = perdure.client();
      client.startNew("hold", null, StartOptions.id("holder"));
      Hubs.until("it is held", () -> client.getEntity(SEQUENCE).isPresent());
      for (int i = 0; i < 100; i++) {
        client.signalEntity(SEQUENCE, "take", new Item(i, "x".repeat(chars)));
        if (i % 30 == 0) {
          client.queryEntities(EntityQuery.ALL);
        }
      }
    }
    try (Perdure perdure = hub(directory).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      drainAndCheck(perdure.client(), 100, chars);
    }
  }

  // ---- killed and copied
  // --------------------------------------------------------------------------

  @Test
  void whatWasAcknowledgedTakesEffectOnceHoweverOftenTheProgramIsKilled() throws Exception {
    Path directory = temporary.resolve("hub");
    Map<String, Integer> acknowledged = new ConcurrentHashMap<>();
    Random random = new Random(2032);
    for (int kill = 0; kill < 5; kill++) {
      try (ChildProgram program =
          ChildProgram.start(
              line -> hear(line, acknowledged),
              BankProgram.class,
              directory.toString(),
              "run" + kill)) {
        program.awaitLines(150 + random.nextInt(200), line -> line.startsWith("signaled"));
        program.letRun(random.nextInt(10_000));
      }
    }
    assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(5);
    try (Perdure perdure = Bank.open(directory);
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      Bank.check(perdure.client());
      checkTallies(perdure.client(), acknowledged);
    }
  }

  private static void hear(String line, Map<String, Integer> acknowledged) {
    String[] words = line.split(" ", 3);
    if (words[0].equals("signaled")) {
      acknowledged.put(words[1], Integer.parseInt(words[2]));
    }
  }

  /** All that was acknowledged is there, in order; perhaps one more that was not. */
  private static void checkTallies(PerdureClient client, Map<String, Integer> acknowledged) {
    acknowledged.forEach(
        (tally, last) -> {
          List<Integer> numbers = Bank.numbers(client, tally);
          assertThat(numbers).isEqualTo(IntStream.range(0, numbers.size()).boxed().toList());
          assertThat(numbers.size()).as(tally).isBetween(last + 1, last + 2);
        });
  }

  @Test
  void aCopyThatIsMadeUnderLoadGoesOnByItself() throws Exception {
    AtomicBoolean enough = new AtomicBoolean();
    Map<String, Integer> acknowledged = new ConcurrentHashMap<>();
    List<Map<String, Integer>> before = new ArrayList<>();
    try (Perdure original = Bank.open(temporary.resolve("hub"));
        LivenessAudit livenessOfOriginal = LivenessAudit.of(original.client())) {
      PerdureClient client = original.client();
      CountDownLatch underWay = new CountDownLatch(200);
      List<Thread> workers =
          IntStream.range(0, 3)
              .mapToObj(
                  worker ->
                      Thread.ofVirtual()
                          .start(
                              () -> {
                                for (int i = 0; !enough.get(); i++) {
                                  client.signalEntity(
                                      Bank.tally("w" + worker), Bank.Tally::take, i);
                                  acknowledged.put("w" + worker, i);
                                  if (i % 5 == 0) {
                                    client.startNew("transfer", i);
                                  }
                                  underWay.countDown();
                                }
                              }))
              .toList();
      Hubs.await(underWay);
      for (int i = 0; i < 2; i++) {
        before.add(Map.copyOf(acknowledged));
        original.backup(temporary.resolve("copy" + i));
      }
      enough.set(true);
      for (Thread worker : workers) {
        assertThat(worker.join(Hubs.PATIENCE)).isTrue();
      }
      Bank.check(client);
      checkTallies(client, acknowledged);
    }
    for (int i = 0; i < 2; i++) {
      try (Perdure copy = Bank.open(temporary.resolve("copy" + i));
          LivenessAudit livenessOfCopy = LivenessAudit.of(copy.client())) {
        Bank.check(copy.client());
        before
            .get(i)
            .forEach(
                (tally, last) -> {
                  List<Integer> numbers = Bank.numbers(copy.client(), tally);
                  assertThat(numbers)
                      .isEqualTo(IntStream.range(0, numbers.size()).boxed().toList())
                      .hasSizeGreaterThan(last);
                });
      }
    }
  }

  // ---- what is seen
  // -------------------------------------------------------------------------------

  @Test
  void aListShowsEverythingThatHasBeenAnswered() {
    try (Perdure perdure =
            hub(temporary.resolve("hub"))
                .orchestrator(
                    "take",
                    Integer.class,
                    (ctx, i) -> {
                      EntityId one = EntityId.of(Sequence.class, "k" + i % 10);
                      return ctx.callEntity(one, "take", new Item(i / 10, "x")).await();
                    })
                .start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      PerdureClient client = perdure.client();
      for (int i = 0; i < 100; i++) {
        Hubs.completed(client, client.startNew("take", i));
        String key = "k" + i % 10;
        EntityMetadata entity =
            client
                .queryEntities(
                    EntityQuery.ALL.withName(Sequence.class).withKeyPrefix(key).withStates())
                .entities()
                .getFirst();
        assertThat(entity.state(Sequence.class).next).as(key).isEqualTo(i / 10 + 1);
        client.signalEntity(
            EntityId.of(Sequence.class, "later" + i),
            "take",
            new Item(0, ""),
            Instant.now().plus(Duration.ofDays(1)));
        assertThat(
                client
                    .queryEntities(
                        EntityQuery.ALL
                            .withName(Sequence.class)
                            .withKeyPrefix("later")
                            .withStatelessToo()
                            .withPageSize(1_000))
                    .entities())
            .hasSize(i + 1);
      }
    }
  }
}
