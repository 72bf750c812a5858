package dev.perdure.engine.partition;

import dev.perdure.engine.EngineEnvironment;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.activity.ActivityRunner;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.engine.orchestrator.SessionConfig;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.Store;
import java.util.concurrent.Executor;

/** Loops that tests turn by hand. */
final class Loops {
  private Loops() {}

  /** A loop over a store, on the system's clock. */
  static Loop of(
      Store store, FunctionRegistry functions, Executor commits, ActivityRunner activities) {
    EngineEnvironment system = EngineEnvironment.system();
    EngineOptions options = EngineOptions.DEFAULTS;
    return new Loop(
        store,
        new SessionConfig(
            functions,
            new JacksonDataConverter(),
            system.clock(),
            system.nanoTime(),
            options.limits().payloadBytesMax(),
            options.limits().openTasksMax(),
            options.limits().instanceIdCharsMax(),
            system.orchestratorThreads(),
            null),
        options,
        commits,
        Runnable::run,
        activities,
        work -> {
          throw new IllegalStateException("There are no entities here.");
        },
        Runnable::run,
        () -> "execution",
        LoopMode.RUN);
  }

  /** A loop that has nothing to run. */
  static Loop of(Store store, Executor commits) {
    return of(store, FunctionRegistry.builder().build(), commits, work -> {});
  }
}
