package dev.perdure.grpc.worker;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.Payload;
import dev.perdure.api.Problem;
import dev.perdure.engine.activity.ActivityWork;
import dev.perdure.engine.functions.FunctionKind;
import org.jspecify.annotations.Nullable;

/** An activity for workers. */
final class ActivityItem extends Item {
  final ActivityWork work;
  private final WorkerPool pool;
  private volatile boolean isUnwanted;

  ActivityItem(ActivityWork work, WorkerPool pool) {
    super(FunctionKind.ACTIVITY, work.name(), work.version(), work.instanceId(), work.taskId());
    this.work = work;
    this.pool = pool;
  }

  /** A partition that has recovered hands out what is open, whoever has it or waits with it. */
  @Override
  Object key() {
    return work.key();
  }

  @Override
  boolean isVoid() {
    return isUnwanted; // otherwise it is seen when its answer comes whether it is still wanted
  }

  @Override
  void setWanted(boolean wanted) {
    isUnwanted = !wanted;
  }

  @Override
  WorkRequest toSend(long number, Connection to) {
    return new WorkRequest.Activity(work);
  }

  @Override
  boolean isLarge() {
    return work.input() != null && work.input().size() > LARGE_BYTES;
  }

  /** It returned, or failed. */
  void ended(@Nullable Payload result, @Nullable FailureDetails failure) {
    pool.listener().activityEnded(work, result, failure);
  }

  @Override
  void park(String why) {
    pool.listener()
        .activityParked(
            work,
            new Problem(
                Problem.Kind.POISON,
                ("Instance '%s': %s. It is not tried again. Find out what it does, then requeue or"
                        + " terminate the instance.")
                    .formatted(work.instanceId(), why)));
  }

  @Override
  String noun() {
    return "activity '%s' (#%d)".formatted(work.name(), work.taskId());
  }

  @Override
  String describe() {
    return "activity '%s' (#%d) of instance '%s'"
        .formatted(work.name(), work.taskId(), work.instanceId());
  }
}
