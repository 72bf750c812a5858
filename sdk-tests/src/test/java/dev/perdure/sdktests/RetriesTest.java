package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.durabletask.OrchestrationMetadata;
import com.microsoft.durabletask.OrchestrationRuntimeStatus;
import com.microsoft.durabletask.RetryPolicy;
import com.microsoft.durabletask.TaskFailedException;
import com.microsoft.durabletask.TaskOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetriesTest extends SdkTest {
  private final AtomicInteger attempts = new AtomicInteger();

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 10})
  void anActivityIsTriedAsOftenAsItsPolicySays(int times) {
    workerWithFailures(() -> new TaskOptions(policy(times)));

    OrchestrationMetadata end = end(start("activity"));

    assertThat(end.getRuntimeStatus()).isEqualTo(OrchestrationRuntimeStatus.FAILED);
    assertThat(end.getFailureDetails().getErrorMessage()).contains("attempt " + times);
    assertThat(attempts).hasValue(times);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 10})
  void aChildIsTriedAsOftenAsItsPolicySays(int times) {
    workerWithFailures(() -> new TaskOptions(policy(times)));

    OrchestrationMetadata end = end(start("child"));

    assertThat(end.getRuntimeStatus()).isEqualTo(OrchestrationRuntimeStatus.FAILED);
    assertThat(end.getFailureDetails().getErrorMessage()).contains("attempt " + times);
    assertThat(attempts).hasValue(times);
  }

  @Test
  void aHandlerDecidesByWhatHappened() {
    List<String> seen = new CopyOnWriteArrayList<>();
    workerWithFailures(
        () ->
            new TaskOptions(
                retry -> {
                  if (!retry.getOrchestrationContext().getIsReplaying()) {
                    seen.add(
                        retry.getLastAttemptNumber()
                            + " "
                            + retry.getLastFailure().getErrorMessage());
                  }
                  return retry.getLastFailure().isCausedBy(IllegalStateException.class)
                      && retry.getLastAttemptNumber() < 3;
                }));

    assertThat(end(start("activity")).getRuntimeStatus())
        .isEqualTo(OrchestrationRuntimeStatus.FAILED);

    assertThat(attempts).hasValue(3);
    assertThat(seen).containsExactly("1 attempt 1", "2 attempt 2", "3 attempt 3");
  }

  @Test
  void aHandlerDecidesAboutChildrenToo() {
    workerWithFailures(() -> new TaskOptions(retry -> retry.getLastAttemptNumber() < 4));

    assertThat(end(start("child")).getRuntimeStatus()).isEqualTo(OrchestrationRuntimeStatus.FAILED);

    assertThat(attempts).hasValue(4);
  }

  @Test
  void whatSucceedsIsNotTriedAgain() {
    worker(
        code ->
            code.orchestrator(
                    "main",
                    ctx ->
                        ctx.complete(
                            ctx.callActivity(
                                    "third", null, new TaskOptions(policy(10)), String.class)
                                .await()))
                .activity(
                    "third",
                    ctx -> {
                      int attempt = attempts.incrementAndGet();
                      if (attempt < 3) {
                        throw new IllegalStateException("attempt " + attempt);
                      }
                      return "attempt " + attempt;
                    }));

    assertThat(output(start("main"), String.class)).isEqualTo("attempt 3");
    assertThat(attempts).hasValue(3);
  }

  @Test
  void thePausesGrow() throws Exception {
    RetryPolicy growing = new RetryPolicy(4, Duration.ofMillis(100)).setBackoffCoefficient(2);
    workerWithFailures(() -> new TaskOptions(growing));

    Punctually.within(
        Duration.ofMillis(1000),
        () -> {
          attempts.set(0);
          OrchestrationMetadata end = end(start("activity"));
          assertThat(attempts).hasValue(4);
          return Duration.between(end.getCreatedAt(), end.getLastUpdatedAt())
              .minusMillis(100 + 200 + 400);
        });
  }

  @Test
  void theyEndWithTheirTime() {
    RetryPolicy brief =
        new RetryPolicy(100, Duration.ofMillis(100)).setRetryTimeout(Duration.ofMillis(450));
    workerWithFailures(() -> new TaskOptions(brief));

    assertThat(end(start("activity")).getRuntimeStatus())
        .isEqualTo(OrchestrationRuntimeStatus.FAILED);

    // On a machine that is busy the time may be over after the first.
    assertThat(attempts.get()).isBetween(1, 10);
  }

  private static RetryPolicy policy(int times) {
    return new RetryPolicy(times, Duration.ofMillis(1));
  }

  /** An activity and a child that fail whenever they are tried, and who calls them. */
  private void workerWithFailures(Supplier<TaskOptions> options) {
    worker(
        code ->
            code.orchestrator(
                    "activity",
                    ctx -> ctx.callActivity("failingActivity", null, options.get()).await())
                .orchestrator(
                    "child",
                    ctx ->
                        ctx.callSubOrchestrator("failingChild", null, null, options.get()).await())
                .orchestrator(
                    "failingChild",
                    ctx -> {
                      try {
                        ctx.callActivity("failingActivity").await();
                      } catch (TaskFailedException e) {
                        throw new IllegalStateException(e.getErrorDetails().getErrorMessage(), e);
                      }
                    })
                .activity(
                    "failingActivity",
                    ctx -> {
                      throw new IllegalStateException("attempt " + attempts.incrementAndGet());
                    }));
  }
}
