package dev.perdure.engine.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.engine.Burst;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BurstTest {
  private final CommandQueue queue = new CommandQueue();

  /** Sleeps until it is woken, as the loop does; the future tells whether there was something. */
  private CompletableFuture<Boolean> sleeper() throws InterruptedException {
    CompletableFuture<Boolean> woken = new CompletableFuture<>();
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  queue.park(TimeUnit.HOURS.toNanos(1));
                  woken.complete(!queue.isEmpty());
                });
    while (thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    return woken;
  }

  private void add() {
    queue.add(0, new Command.Stop(new CompletableFuture<>()));
  }

  @Test
  void whatIsAddedOutsideOfABurstWakesAtOnce() throws Exception {
    CompletableFuture<Boolean> woken = sleeper();
    add();
    assertThat(woken.get(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aBurstWakesAtItsEnd() throws Exception {
    CompletableFuture<Boolean> woken = sleeper();
    Burst.begin();
    add();
    add();
    assertThat(woken).isNotDone();
    Burst.end();
    assertThat(woken.get(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void anotherThreadIsNotHeldUpByABurst() throws Exception {
    CompletableFuture<Boolean> woken = sleeper();
    Burst.begin();
    CompletableFuture.runAsync(this::add).get(10, TimeUnit.SECONDS);
    assertThat(woken.get(10, TimeUnit.SECONDS)).isTrue();
    Burst.end();
  }

  @Test
  void afterABurstThingsAreAsBefore() throws Exception {
    Burst.begin();
    Burst.end();
    whatIsAddedOutsideOfABurstWakesAtOnce();
  }
}
