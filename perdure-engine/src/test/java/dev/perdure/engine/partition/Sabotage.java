package dev.perdure.engine.partition;

import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.engine.InstanceIds;
import dev.perdure.engine.entity.EntityEvent;
import dev.perdure.engine.entity.TaskAddress;
import dev.perdure.store.TimerRow;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Breaks the memory of a running hub on purpose, on its own thread; nothing of it is logged. */
public final class Sabotage {
  private Sabotage() {}

  private static void inside(Loop loop, String id, Consumer<Partition> action) {
    Partition partition = loop.partition(InstanceIds.partition(id, loop.partitions()));
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    loop.whenAtRest(
        () -> {
          if (!done.isDone()) {
            try {
              done.complete(action(partition, action));
            } catch (RuntimeException e) {
              done.completeExceptionally(e);
            }
          }
          return true;
        });
    done.join();
  }

  private static boolean action(Partition partition, Consumer<Partition> action) {
    action.accept(partition);
    return true;
  }

  /** A timer that is due soon is not in memory any more. */
  public static void dropTimer(Loop loop, String id, int taskId, Instant due) {
    TimerRow timer = new TimerRow(due.toEpochMilli(), id, taskId);
    inside(loop, id, partition -> partition.timers().remove(timer));
  }

  /** The timers of an entity's scheduled signals are not in memory any more. */
  public static void dropSignals(Loop loop, String id) {
    inside(
        loop,
        id,
        partition -> {
          ResidentEntity e = partition.residentEntity(id);
          e.state
              .scheduledSignals()
              .forEach(signal -> partition.timers().remove(e.timerRow(signal)));
        });
  }

  /** An orchestration is gone, and nobody was told. */
  public static void dropOrchestration(Loop loop, String id) {
    inside(loop, id, partition -> partition.resident(id).purged = true);
  }

  /** An entity forgets what waits at it, and nobody is told. */
  public static void dropQueue(Loop loop, String id) {
    inside(
        loop,
        id,
        partition -> {
          ResidentEntity e = partition.residentEntity(id);
          e.state.apply(new EntityEvent.EntityPurged(Instant.now(), List.of()), e.state.position());
        });
  }

  /** An entity is locked by somebody who does not know. */
  public static void lock(Loop loop, String id, String owner) {
    inside(
        loop,
        id,
        partition -> {
          ResidentEntity e = partition.residentEntity(id);
          e.state.apply(
              new EntityEvent.LockAcquired(Instant.now(), new TaskAddress(owner, "x", 7)),
              e.state.position());
        });
  }

  /** A step that is needed does not come. */
  public static void dropStep(Loop loop, String id) {
    inside(
        loop,
        id,
        partition -> {
          ResidentOrchestration r = partition.resident(id);
          r.state.apply(new EventRaised(Instant.now(), "e", null), r.state.position());
        });
  }
}
