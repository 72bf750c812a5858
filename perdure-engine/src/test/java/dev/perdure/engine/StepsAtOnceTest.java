package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.OrchestrationStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Invariant 6, for steps: so many are under way and no more, and what waits gets its turn. */
class StepsAtOnceTest extends Scenarios {
  private static final int AT_ONCE = 512;

  @Test
  void stepsUnderWayAreLimitedAndTheOthersFollow() {
    AtomicInteger begun = new AtomicInteger();
    CountDownLatch release = new CountDownLatch(1);
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "slow",
                    ctx -> {
                      begun.incrementAndGet();
                      release.await(); // not what orchestrators should do: it makes a step long
                      return "done";
                    }));
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 3 * AT_ONCE; i++) {
      ids.add(hub.client().startNew("slow"));
    }
    // Ids spread evenly enough over the partitions for each of them to have more than its share.
    hub.until("as many have begun as may", () -> begun.get() == AT_ONCE);

    assertThat(ids)
        .allMatch(id -> hub.status(id).status() == OrchestrationStatus.PENDING)
        .hasSizeGreaterThan(begun.get());
    release.countDown();

    assertThat(ids).allMatch(id -> "done".equals(hub.output(id, String.class)));
  }
}
