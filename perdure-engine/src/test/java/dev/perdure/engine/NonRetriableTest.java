package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.DurableHttpRequest;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.NonRetriable;
import dev.perdure.api.RetryPolicy;
import dev.perdure.api.TaskOptions;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class NonRetriableTest extends Scenarios {
  private static final RetryPolicy DAILY = RetryPolicy.of(10, Duration.ofDays(1));

  static final class Hopeless extends RuntimeException implements NonRetriable {
    private static final long serialVersionUID = 1L;
  }

  @Test
  void aHopelessActivityIsNotTriedAgain() {
    AtomicInteger attempts = new AtomicInteger();
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> ctx.callActivity("hopeless", null, TaskOptions.retry(DAILY)).await())
                    .activity(
                        "hopeless",
                        () -> {
                          attempts.incrementAndGet();
                          throw new Hopeless();
                        }));

    FailureDetails failure = hub.failure(hub.client().startNew("main"));

    assertThat(failure.isCausedBy(Hopeless.class)).isTrue();
    assertThat(attempts).hasValue(1);
  }

  @Test
  void anHttpRequestThatCannotBeMadeIsNotTriedAgain() {
    DurableHttpRequest impossible =
        new DurableHttpRequest(
            "GET",
            URI.create("http://localhost:1/"),
            Map.of("Host", List.of("other")),
            null,
            true,
            Duration.ofSeconds(1),
            DAILY);
    TestHub hub =
        hub(f -> f.orchestrator("main", ctx -> ctx.callHttp(impossible).await().statusCode()));

    FailureDetails failure = hub.failure(hub.client().startNew("main"));

    assertThat(failure.nonRetriable()).isTrue();
    assertThat(failure.isCausedBy(IllegalArgumentException.class)).isTrue();
    assertThat(failure.toString()).contains("'Host'");
  }
}
