package dev.perdure.engine.worker;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.Payload;
import dev.perdure.api.Problem;
import dev.perdure.engine.activity.ActivityDispatcher;
import dev.perdure.engine.activity.ActivityWork;
import dev.perdure.engine.entity.EntityBatch;
import dev.perdure.engine.entity.RunningBatch;
import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.engine.orchestrator.OrchestratorRun;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs what a host has no function for: programs elsewhere that have connected to it. Work for
 * which no worker is there waits for one. A worker that goes away has its work given to another;
 * the engine hears of an end only. Implementations are safe from any thread.
 */
public interface Workers {
  /** Is told how work ended. Safe from any thread; does not throw. */
  interface Listener {
    /** An activity returned, or failed. */
    void activityEnded(
        ActivityWork work, @Nullable Payload result, @Nullable FailureDetails failure);

    /** An activity is not tried again, because it keeps taking its workers down with it. */
    void activityParked(ActivityWork work, Problem problem);

    /** Operations of an entity have run. */
    void entityBatchEnded(RunningBatch batch, EntityBatch outcome);

    /**
     * Operations of an entity were forgotten while they waited for a worker, and one has been
     * found.
     *
     * @param then is run, on any thread, when they are there again or not waited for any more
     */
    void entityBatchWanted(RunningBatch batch, Runnable then);
  }

  /**
   * A piece of work that waits for a worker.
   *
   * @param kind what is to be run: a step, an activity or operations of an entity
   * @param instanceId the orchestration it belongs to, or the entity
   * @param name the name of the function
   * @param version the version that is wanted; empty for none
   * @param sinceMillis when it first had to wait, in milliseconds since 1970
   */
  record Waiting(
      FunctionKind kind, String instanceId, String name, String version, long sinceMillis) {}

  /** Called once, before anything else. */
  void begin(Listener listener);

  /** An orchestration's steps are to be taken; none is until the run is told to start. */
  OrchestratorRun orchestrator(RemoteOrchestration which, OrchestratorRun.Listener listener);

  /** Runs an activity as soon as a worker takes it. */
  void activity(ActivityWork work);

  /**
   * Does not run an activity any more that waits for a worker, since nobody wants its result. One
   * that a worker has goes on.
   */
  void withdraw(ActivityWork unwanted);

  /** Runs operations of an entity as soon as a worker takes them. */
  void entity(RunningBatch batch);

  /** Activities that wait for a worker, and that a worker has. */
  ActivityDispatcher.Unfinished unfinishedActivities();

  /**
   * The work that waits for a worker and has done so since before a time, in no special order: what
   * no worker has had yet, and what was given back or lost and will be handed out again.
   *
   * @param beforeMillis in milliseconds since 1970
   */
  List<Waiting> waitingSince(long beforeMillis);

  /**
   * Why nobody takes work of a function at present, to follow "waits: "; null if somebody does or
   * might.
   *
   * @param version the version that is wanted; empty for none
   */
  @Nullable String obstacle(FunctionKind kind, String name, String version);

  /** Hands out no more work, and forgets what is under way: it is on record. */
  void stop();
}
