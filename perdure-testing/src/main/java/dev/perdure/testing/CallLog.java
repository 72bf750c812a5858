package dev.perdure.testing;

import dev.perdure.api.ActivityContext;
import dev.perdure.engine.functions.ActivityFunction;
import dev.perdure.engine.http.HttpActivity;
import java.lang.reflect.Type;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Which activities ran and which run, over all lives of a hub. Thread-safe. */
final class CallLog {
  private final InstantSource clock;
  private final List<ActivityCall> calls = new ArrayList<>();
  private final Map<Thread, ActivityCall> running = new LinkedHashMap<>();
  private int ended;
  private String latest = "";

  CallLog(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * The activity, which is noted down whenever it runs.
   *
   * @param powerIsOff whether the host that would run it is dead: then it does not run
   */
  ActivityFunction watch(ActivityFunction activity, BooleanSupplier powerIsOff) {
    return new Watched(activity, this, powerIsOff);
  }

  private record Watched(ActivityFunction activity, CallLog log, BooleanSupplier powerIsOff)
      implements ActivityFunction {
    @Override
    public String name() {
      return activity.name();
    }

    @Override
    public Type inputType() {
      return activity.inputType();
    }

    @Override
    public Type outputType() {
      return activity.outputType();
    }

    @Override
    public int maxConcurrent() {
      return activity.maxConcurrent();
    }

    @Override
    public @Nullable Object invoke(ActivityContext ctx, @Nullable Object input) throws Throwable {
      if (powerIsOff.getAsBoolean()) {
        throw new IllegalStateException("The power is off.");
      }
      log.began(ctx, input);
      try {
        return activity.invoke(ctx, input);
      } finally {
        log.ended(activity.name());
      }
    }

    @Override
    public String toString() {
      return activity.toString();
    }
  }

  private synchronized void began(ActivityContext ctx, @Nullable Object input) {
    ActivityCall call =
        new ActivityCall(
            ctx.name(),
            ctx.instanceId(),
            ctx.taskId(),
            ctx.attempt(),
            ctx.idempotencyKey(),
            input instanceof HttpActivity.Wire request ? request.toRequest() : input,
            clock.instant());
    calls.add(call);
    running.put(Thread.currentThread(), call);
    latest = "while '%s' ran".formatted(ctx.name());
  }

  private synchronized void ended(String name) {
    running.remove(Thread.currentThread());
    ended++;
    latest = "after '%s' had run".formatted(name);
  }

  /** All runs, in the order in which they began. */
  synchronized List<ActivityCall> calls() {
    return List.copyOf(calls);
  }

  /** How many runs have ended. */
  synchronized int endedCount() {
    return ended;
  }

  /** What happened last, for people; empty if no activity has run yet. */
  synchronized String latest() {
    return latest;
  }

  /** Whether this thread runs an activity of the hub. */
  synchronized boolean isActivity(Thread thread) {
    return running.containsKey(thread);
  }

  /** The activities that run now and where they are, a line each. */
  synchronized String describeRunning() {
    StringBuilder text = new StringBuilder();
    running.forEach(
        (thread, call) -> {
          text.append(
              "\n  - activity '%s' of instance '%s' runs"
                  .formatted(call.activity(), call.instanceId()));
          StackTraceElement[] stack = thread.getStackTrace();
          for (int i = 0; i < Math.min(stack.length, 8); i++) {
            text.append("\n      at ").append(stack[i]);
          }
        });
    return text.toString();
  }
}
