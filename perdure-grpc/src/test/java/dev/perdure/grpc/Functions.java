package dev.perdure.grpc;

import dev.perdure.api.Entity;
import dev.perdure.api.TaskOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Functions that tests run in the process of the server. */
final class Functions {
  private Functions() {}

  @Entity
  static class Counter {
    int value;

    void add(int n) {
      value += n;
    }
  }

  /**
   * The functions.
   *
   * @param broken whether the activity of {@code fragile} fails
   */
  static FunctionRegistry registry(AtomicBoolean broken) {
    return FunctionRegistry.builder()
        .orchestrator("echo", Object.class, (ctx, x) -> x)
        .orchestrator(
            "wait",
            Object.class,
            (ctx, x) -> {
              ctx.setCustomStatus("waiting");
              return ctx.waitForExternalEvent("go", Object.class).await();
            })
        .orchestrator(
            "fail",
            ctx -> {
              throw new IllegalStateException("on purpose");
            })
        .orchestrator("fragile", ctx -> ctx.callActivity("break", null, String.class).await())
        .orchestrator(
            "collect",
            ctx ->
                List.of(
                    ctx.waitForExternalEvent("first", Object.class).await(),
                    ctx.waitForExternalEvent("second", Object.class).await()))
        .orchestrator(
            "family",
            Integer.class,
            (ctx, depth) ->
                depth == 0
                    ? ctx.waitForExternalEvent("go", Object.class).await()
                    : ctx.callSubOrchestrator(
                            "family",
                            depth - 1,
                            TaskOptions.NONE.withInstanceId(ctx.instanceId() + "-child"),
                            Object.class)
                        .await())
        .activity(
            "break",
            () -> {
              if (broken.get()) {
                throw new IllegalStateException("broken");
              }
              return "whole";
            })
        .entity(Counter.class)
        .build();
  }
}
