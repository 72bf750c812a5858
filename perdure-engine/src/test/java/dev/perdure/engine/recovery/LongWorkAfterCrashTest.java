package dev.perdure.engine.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.EntityId;
import dev.perdure.api.HistoryEvent.WorkRedelivered;
import dev.perdure.api.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** After a crash, a fan-out of activities that take long keeps nothing else from going on. */
@ExtendWith(QuietLog.class)
class LongWorkAfterCrashTest {
  /** Activities that are handed out again at once. */
  private static final int PLACES = 256;

  private static final EntityId TALLY = EntityId.of("tally", "a");

  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicInteger begun = new AtomicInteger();
  private World world;

  @BeforeEach
  void open() {
    world =
        new World()
            .partitions(1)
            .functions(
                f ->
                    f.activity(
                            "long",
                            () -> {
                              begun.incrementAndGet();
                              release.await();
                              return "done";
                            })
                        .activity("short", () -> "done")
                        .orchestrator(
                            "fan-out",
                            Integer.class,
                            (ctx, count) -> {
                              List<Task<String>> tasks = new ArrayList<>();
                              for (int i = 0; i < count; i++) {
                                tasks.add(ctx.callActivity("long", null, String.class));
                              }
                              return ctx.allOf(tasks).await().size();
                            })
                        .orchestrator(
                            "quick", ctx -> ctx.callActivity("short", null, String.class).await())
                        .orchestrator(
                            "sleeps",
                            ctx -> {
                              ctx.createTimer(Duration.ofSeconds(10)).await();
                              return "awake";
                            })
                        .entity(
                            "tally",
                            ctx -> {
                              ctx.setState(1);
                              return null;
                            }));
    world.open();
  }

  @AfterEach
  void close() {
    release.countDown();
    world.close();
  }

  private void crashWithFanOutOf(int count) {
    world.start("f", "fan-out", count);
    world.until("all have begun", client -> begun.get() == count);
    begun.set(0);
    world.crash();
    world.until("as many as may run again", client -> begun.get() >= Math.min(count, PLACES));
  }

  @Test
  void whatBeginsAfterwardsHasItsTurn() {
    world.start("w", "sleeps", null);
    world.until("it sleeps", client -> !client.explain("w").waits().isEmpty());
    crashWithFanOutOf(PLACES + 50);

    world.start("q", "quick", null);
    world.tell(client -> client.signalEntity(TALLY, "add", 1));
    world.clock.jump(Duration.ofSeconds(10));
    world.engine().clockChanged();

    assertThat(world.output("q", String.class)).isEqualTo("done");
    assertThat(world.output("w", String.class)).isEqualTo("awake");
    world.until(
        "the operation has run", client -> client.getEntity(TALLY).orElseThrow().hasState());
    assertThat(begun).hasValue(PLACES);

    release.countDown();
    assertThat(world.output("f", Integer.class)).isEqualTo(PLACES + 50);
  }

  @Test
  void theirPlacesAreFreeAgainAfterAWhile() {
    crashWithFanOutOf(PLACES + 50);
    assertThat(begun).hasValue(PLACES);

    world.clock.jump(Duration.ofMinutes(1));
    world.engine().clockChanged();

    world.until("the others run, too", client -> begun.get() == PLACES + 50);
    release.countDown();
    assertThat(world.output("f", Integer.class)).isEqualTo(PLACES + 50);
  }

  @Test
  void whatWaitsForAPlaceIsExplained() {
    for (int i = 0; i <= PLACES; i++) {
      world.start("f" + i, "fan-out", 1);
    }
    world.until("all have begun", client -> begun.get() == PLACES + 1);
    begun.set(0);
    world.crash();
    world.until("as many as may run again", client -> begun.get() == PLACES);

    assertThat(IntStream.rangeClosed(0, PLACES).mapToObj(i -> world.client().explain("f" + i)))
        .filteredOn(e -> e.summary().contains("waits to be handed out again after a crash"))
        .hasSize(1);
  }

  @Test
  void activitiesOfSeveralInstancesTakeTurns() {
    world.start("f", "fan-out", 2 * PLACES);
    world.start("g", "fan-out", 10);
    world.until("all have begun", client -> begun.get() == 2 * PLACES + 10);
    begun.set(0);
    world.crash();
    world.until("as many as may run again", client -> begun.get() == PLACES);

    assertThat(world.client().history("g"))
        .filteredOn(WorkRedelivered.class::isInstance)
        .hasSize(10);
  }
}
