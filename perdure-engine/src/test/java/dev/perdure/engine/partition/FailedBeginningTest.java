package dev.perdure.engine.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.StartOptions.IdReusePolicy;
import dev.perdure.engine.ActivityStart;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.engine.recovery.QuietLog;
import dev.perdure.store.memory.MemoryStore;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** No commit waits for what could not begin, such as for want of a thread. */
@ExtendWith(QuietLog.class)
@Timeout(20)
class FailedBeginningTest {
  private int failures;

  private final MemoryStore store = new MemoryStore(1);
  private final Loop loop =
      Loops.of(
          store,
          FunctionRegistry.builder()
              .orchestrator("o", ctx -> ctx.callActivity("a").await())
              .activity("a", () -> "done")
              .entity("e", ctx -> null)
              .build(),
          EngineOptions.DEFAULTS.withActivityStart(ActivityStart.PIPELINED),
          Runnable::run,
          Runnable::run,
          activity -> {
            throw scarce();
          },
          operations -> {
            throw scarce();
          });

  private OutOfMemoryError scarce() {
    failures++;
    return new OutOfMemoryError("unable to create native thread");
  }

  @BeforeEach
  void open() {
    loop.recover();
  }

  @AfterEach
  void close() {
    loop.stop();
    loop.end();
    store.close();
  }

  private void turnUntilItFails() {
    while (failures == 0) {
      loop.runOnce();
    }
  }

  @Test
  void operationsOfAnEntityThatCannotBeginAreNotUnderWay() {
    loop.post(
        0,
        new Command.SignalEntities(
            List.of(new Command.SignalEntities.Signal("@e@key", "set", null, null)),
            new CompletableFuture<>()));
    turnUntilItFails();
    assertThat(loop.stepping()).isZero();
  }

  @Test
  void aPipelinedActivityThatCannotBeginIsNotUnderWay() {
    loop.post(
        0,
        new Command.Start(
            "i",
            "o",
            "",
            null,
            null,
            Map.of(),
            IdReusePolicy.ERROR,
            null,
            true,
            new CompletableFuture<>()));
    turnUntilItFails();
    assertThat(loop.stepping()).isZero();
  }
}
