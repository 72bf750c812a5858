package dev.perdure.functions.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AllAtOnceTest {
  private final AtomicInteger closed = new AtomicInteger();

  @Test
  void noneWaitsForAnother() {
    CyclicBarrier allHaveBegun = new CyclicBarrier(3);
    AutoCloseable part =
        () -> {
          allHaveBegun.await(20, TimeUnit.SECONDS);
          closed.incrementAndGet();
        };

    new AllAtOnce(List.of(part, part, part)).close();

    assertThat(closed).hasValue(3);
  }

  @Test
  void oneThatFailsKeepsNoOtherFromBeingClosed() {
    AutoCloseable failing =
        () -> {
          throw new IllegalStateException("on purpose");
        };

    new AllAtOnce(List.of(failing, closed::incrementAndGet, failing, closed::incrementAndGet))
        .close();

    assertThat(closed).hasValue(2);
  }
}
