package dev.perdure.engine.partition;

import dev.perdure.engine.EngineEnvironment;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.activity.ActivityRunner;
import dev.perdure.engine.entity.EntityWork;
import dev.perdure.engine.entity.RunningBatch;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.engine.orchestrator.SessionConfig;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.Store;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** Loops that tests turn by hand. */
final class Loops {
  private Loops() {}

  private static RunningBatch noEntities(EntityWork work) {
    throw new IllegalStateException("There are no entities here.");
  }

  /** A loop over a store, on the system's clock. */
  static Loop of(
      Store store, FunctionRegistry functions, Executor commits, ActivityRunner activities) {
    return of(
        store,
        functions,
        EngineOptions.DEFAULTS,
        commits,
        Runnable::run,
        activities,
        Loops::noEntities);
  }

  /** A loop that has nothing to run. */
  static Loop of(Store store, Executor commits) {
    return of(store, commits, Runnable::run);
  }

  /**
   * A loop that has nothing to run.
   *
   * @param rows where rows are written
   */
  static Loop of(Store store, Executor commits, Executor rows) {
    return of(
        store,
        FunctionRegistry.builder().build(),
        EngineOptions.DEFAULTS,
        commits,
        rows,
        work -> {},
        Loops::noEntities);
  }

  /** A loop with all that it works with. */
  static Loop of(
      Store store,
      FunctionRegistry functions,
      EngineOptions options,
      Executor commits,
      Executor rows,
      ActivityRunner activities,
      Function<EntityWork, RunningBatch> entities) {
    EngineEnvironment system = EngineEnvironment.system();
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
        rows,
        activities,
        entities,
        Runnable::run,
        () -> "execution",
        LoopMode.RUN);
  }
}
