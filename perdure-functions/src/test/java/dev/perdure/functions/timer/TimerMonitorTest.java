package dev.perdure.functions.timer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.EntityMetadata;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.Problem;
import dev.perdure.json.JacksonDataConverter;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a timer whose hub is slow, or out of order. */
@Timeout(8)
class TimerMonitorTest {
  private static final Instant TEN = Instant.parse("2026-01-01T10:00:00Z");

  private static TimerStatus next(Instant time) {
    return new TimerStatus(null, time, TEN, "0 0 * * * *", "UTC");
  }

  private static EntityMetadata entity(
      TimerStatus status, long operationsWaiting, @Nullable Problem problem) {
    JacksonDataConverter converter = new JacksonDataConverter();
    return new EntityMetadata(
        TimerState.idOf("Cleanup"),
        TEN,
        TEN,
        true,
        operationsWaiting,
        null,
        problem,
        converter.toPayload(new TimerState(status)),
        converter);
  }

  /** A hub of which only reading entities works. */
  private static TimerMonitor monitor(Supplier<EntityMetadata> entities) {
    PerdureClient hub =
        (PerdureClient)
            Proxy.newProxyInstance(
                TimerMonitorTest.class.getClassLoader(),
                new Class<?>[] {PerdureClient.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("getEntity")) {
                    return Optional.of(entities.get());
                  }
                  throw new HubClosedException("closed, meant to be");
                });
    return new TimerMonitor(hub, "Cleanup");
  }

  @Test
  void whatTheLastHostSentBeforeItDiedIsTakenDownFirst() throws Exception {
    Queue<EntityMetadata> found =
        new ArrayDeque<>(
            List.of(
                entity(next(TEN), 1, null),
                entity(next(TEN), 1, null),
                entity(next(TEN.plusSeconds(3600)), 0, null)));
    assertThat(monitor(found::remove).read()).isEqualTo(next(TEN.plusSeconds(3600)));
    assertThat(found).isEmpty();
  }

  @Test
  void anEntityThatWasSetAsideIsNotWaitedFor() throws Exception {
    EntityMetadata setAside =
        entity(next(TEN), 1, new Problem(Problem.Kind.UNREADABLE, "meant to be"));
    assertThat(monitor(() -> setAside).read()).isEqualTo(next(TEN));
  }

  @Test
  void aHubThatDoesNotAnswerDoesNotKeepTheTimerFromRunning() throws Exception {
    TimerMonitor monitor =
        monitor(
            () -> {
              throw new HubClosedException("closed, meant to be");
            });
    assertThat(monitor.read()).isNull();
    monitor.write(next(TEN));
  }
}
