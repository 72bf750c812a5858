package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.perdure.api.EntityId;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.TaskFailedException;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.memory.MemoryDisk;
import dev.perdure.store.memory.MemoryStore;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What code throws that fails even when it is looked at, or where nobody expects it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UnusualExceptionsTest extends Scenarios {
  private static final Duration SOON = Duration.ofSeconds(10);

  /** An exception that fails itself when it is asked what is wrong. */
  private static final class Sly extends RuntimeException {
    @Override
    public String getMessage() {
      throw new IllegalStateException("no message");
    }
  }

  /** A number that may not go below zero. */
  public static final class Balance {
    public int value;

    public void add(int by) {
      if (by < 0) {
        throw new Sly();
      }
      value += by;
    }

    public int get() {
      return value;
    }
  }

  /** A text that was cut within an emoji is no proper text; in a replay it has to be the same. */
  @Test
  void aMessageMayEndWithHalfACharacter() {
    TestHub hub =
        hub(
            f ->
                f.activity(
                        "review",
                        () -> {
                          throw new IllegalArgumentException("bad comment: \uD83D");
                        })
                    .orchestrator(
                        "main",
                        ctx -> {
                          try {
                            return ctx.callActivity("review", null, String.class).await();
                          } catch (TaskFailedException e) {
                            return Integer.toHexString(
                                e.details().message().codePointAt("bad comment: ".length()));
                          }
                        }));
    String id = hub.client().startNew("main");
    assertThat(hub.client().waitForCompletion(id, SOON).output(String.class)).isEqualTo("d83d");
  }

  @Test
  void anOrchestratorMayThrowWhatHasNoMessage() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      throw new Sly();
                    }));
    String id = hub.client().startNew("main");
    assertThat(hub.client().waitForCompletion(id, SOON).status())
        .isEqualTo(OrchestrationStatus.FAILED);
  }

  @Test
  void anActivityMayThrowWhatHasNoMessage() {
    TestHub hub =
        hub(
            f ->
                f.activity(
                        "a",
                        String.class,
                        x -> {
                          throw new Sly();
                        })
                    .orchestrator("main", ctx -> ctx.callActivity("a", "x", String.class).await()));
    String id = hub.client().startNew("main");
    assertThat(hub.client().waitForCompletion(id, SOON).status())
        .isEqualTo(OrchestrationStatus.FAILED);
  }

  @Test
  void anOperationMayThrowWhatHasNoMessage() {
    TestHub hub = hub(f -> f.entity("balance", Balance.class));
    EntityId id = EntityId.of("balance", "1");
    hub.client().signalEntity(id, "add", 1);
    hub.client().signalEntity(id, "add", -1);
    hub.client().signalEntity(id, "add", 1);
    hub.until(
        "all",
        () -> {
          var e = hub.client().getEntity(id).orElseThrow();
          return e.operationsWaiting() == 0 || e.problem() != null;
        });
    assertThat(hub.client().getEntity(id).orElseThrow().problem()).isNull();
  }

  @Test
  void anErrorInACancellationActionDoesNotKeepAHubOpen() throws InterruptedException {
    CountDownLatch runs = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    MemoryStore store = MemoryStore.open(new MemoryDisk(), 1);
    FunctionRegistry functions =
        FunctionRegistry.builder()
            .activity(
                "a",
                String.class,
                (ctx, x) -> {
                  ctx.onCancellation(
                      () -> {
                        throw new AssertionError("in the action");
                      });
                  ctx.onCancellation(cancelled::countDown);
                  runs.countDown();
                  cancelled.await();
                  return x;
                })
            .orchestrator("main", ctx -> ctx.callActivity("a", "x", String.class).await())
            .build();
    Engine e =
        Engine.start(store, functions, new JacksonDataConverter(), mode.applyTo(TestHub.OPTIONS));
    e.client().startNew("main");
    runs.await();
    assertThatCode(e::close).doesNotThrowAnyException();
    store.close();
  }
}
