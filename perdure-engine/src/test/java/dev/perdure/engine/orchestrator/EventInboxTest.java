package dev.perdure.engine.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.Payload;
import java.lang.ref.WeakReference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EventInboxTest {
  private final EventInbox inbox = new EventInbox();
  private final List<String> taken = new ArrayList<>();

  private EventInbox.Waiter await(String who) {
    return inbox.await("go", event -> taken.add(who));
  }

  private void raise() {
    inbox.arrived(new EventRaised(Instant.EPOCH, "Go", Payload.of("1")));
  }

  @Test
  void eventsGoToThoseWhoStillWaitInTheOrderInWhichTheyCame() {
    await("a");
    List<EventInbox.Waiter> leaving = List.of(await("b"), await("c"), await("d"));
    await("e");
    leaving.forEach(waiter -> inbox.leave("go", waiter));
    await("f");
    assertThat(inbox.waiting()).isEqualTo(3);

    for (int i = 0; i < 4; i++) {
      raise();
    }

    assertThat(taken).containsExactly("a", "e", "f");
    assertThat(inbox.buffered()).hasSize(1);
    assertThat(inbox.waiting()).isZero();
  }

  /** A loop may wait with a timeout beside a wait that goes on, for as long as it likes. */
  @Test
  void nothingIsKeptOfWaitsThatWereGivenUpWhileAnotherGoesOn() {
    await("stays");
    WeakReference<EventInbox.Waiter> first = null;
    for (int i = 0; i < 10; i++) {
      EventInbox.Waiter waiter = await("leaves");
      inbox.leave("go", waiter);
      first = first == null ? new WeakReference<>(waiter) : first;
    }
    for (int i = 0; i < 20 && first.get() != null; i++) {
      System.gc();
    }
    assertThat(first.get()).isNull();
    raise();
    assertThat(taken).containsExactly("stays");
  }
}
