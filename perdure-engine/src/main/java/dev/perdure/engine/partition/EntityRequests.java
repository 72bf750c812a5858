package dev.perdure.engine.partition;

import dev.perdure.api.DataConverter;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.HubBusyException;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.engine.EngineFailures;
import dev.perdure.engine.entity.EntityEvent.EntityPurged;
import dev.perdure.engine.entity.EntityEvent.EntityRequeued;
import dev.perdure.engine.entity.EntityRequest;
import dev.perdure.engine.entity.EntityRequest.LockRequest;
import dev.perdure.engine.entity.EntityRequest.Operation;
import dev.perdure.engine.entity.TaskAddress;
import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.engine.orchestrator.SessionConfig;
import dev.perdure.engine.worker.Workers;
import dev.perdure.store.CorruptStoreException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Does what clients ask for with entities. Used by the partition's thread only. */
final class EntityRequests {
  private static final System.Logger LOG = System.getLogger("dev.perdure.entity");

  private final SessionConfig config;
  private final DataConverter converter;
  private final PartitionLog log;
  private final Mail mail;
  private final TimerQueue timers;
  private final Entities entities;
  private final EntityResidents residents;
  private final int queueMax;

  EntityRequests(Common common, Entities entities) {
    this.config = common.config();
    this.converter = config.converter();
    this.log = common.log();
    this.mail = common.mail();
    this.timers = common.timers();
    this.entities = entities;
    this.residents = entities.residents();
    this.queueMax = common.options().limits().entityQueueMax();
  }

  /** An entity that there is anything of; null if there is not. */
  private @Nullable ResidentEntity find(String id) {
    ResidentEntity e = residents.find(id);
    return e == null || e.state.isEmpty() ? null : e;
  }

  private ResidentEntity get(String id) {
    ResidentEntity e = find(id);
    if (e == null) {
      throw new InstanceNotFoundException(
          "There is no entity '%s': it has no state, and nothing waits for it.".formatted(id));
    }
    return e;
  }

  /** A client sends operations. */
  void signal(Command.SignalEntities c) {
    Map<String, Long> waiting = new HashMap<>();
    for (Command.SignalEntities.Signal signal : c.signals()) {
      String id = signal.entityId();
      ResidentEntity e = residents.find(id);
      long before = waiting.getOrDefault(id, e == null ? 0 : e.state.waiting());
      if (before >= queueMax) {
        throw new HubBusyException(
            ("%d operations would wait at entity '%s', and the hub allows %d"
                    + " (limits.entityQueueMax). It was not sent; of several that were given together"
                    + " some may have been. Try again later, or send fewer together.")
                .formatted(before + 1, id, queueMax));
      }
      waiting.put(id, before + 1);
    }
    for (Command.SignalEntities.Signal signal : c.signals()) {
      entities.receive(
          residents.findOrNew(signal.entityId()),
          signal.operation(),
          signal.input(),
          null,
          signal.at());
    }
    log.reply(c.reply(), null);
  }

  void getEntity(Command.GetEntity c) {
    ResidentEntity e = find(c.entityId());
    log.reply(c.reply(), e == null ? null : metadata(e, c.withState()));
  }

  private EntityMetadata metadata(ResidentEntity e, boolean withState) {
    return Metadata.of(e.state, withState, converter);
  }

  void getLockOwner(Command.GetLockOwner c) {
    ResidentEntity e = find(c.entityId());
    log.reply(c.reply(), e == null ? null : e.state.lockOwner());
  }

  void requeue(Command.Requeue c) {
    ResidentEntity e = get(c.instanceId());
    if (e.state.problem() == null) {
      throw new InvalidInstanceStateException(
          "Entity '%s' cannot be requeued: it was not set aside.".formatted(c.instanceId()));
    }
    entities.record(e, new EntityRequeued(config.now(), c.reason()));
    entities.advance(e);
    log.reply(c.reply(), null);
  }

  void purge(Command.PurgeEntity c) {
    ResidentEntity e = find(c.entityId());
    if (e == null || (c.onlyAtRest() && !e.state.isAtRest())) {
      log.reply(c.reply(), false);
      return;
    }
    if (e.running != null) {
      entities.over(e);
    }
    List<LockRequest> kept = new ArrayList<>();
    List<TaskAddress> callers = new ArrayList<>();
    e.state.operationsAhead().forEach(operation -> addCaller(operation, callers));
    e.state.scheduledSignals().forEach(later -> addCaller(later.operation(), callers));
    try {
      e.state.forEachInQueue(
          residents.rows(e.id()),
          request -> {
            switch (request) {
              case Operation operation -> addCaller(operation, callers);
              case LockRequest lock -> kept.add(lock);
            }
          });
    } catch (CorruptStoreException | IllegalStateException unreadable) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Entity '"
              + c.entityId()
              + "': its queue cannot be read; whoever called the operations in it is not told.",
          unreadable);
    }
    e.state.scheduledSignals().forEach(later -> timers.remove(e.timerRow(later)));
    entities.record(e, new EntityPurged(config.now(), kept));
    FailureDetails failure = EngineFailures.entityPurged(c.entityId());
    callers.forEach(caller -> mail.send(new Message.EntityAnswered(caller, null, failure)));
    entities.advance(e);
    log.reply(c.reply(), true);
  }

  private static void addCaller(Operation operation, List<TaskAddress> callers) {
    if (operation.caller() != null) {
      callers.add(operation.caller());
    }
  }

  void explain(Command.Explain c) {
    ResidentEntity e = get(c.instanceId());
    EntityRequest head = e.state.head(residents.rows(e.id()));
    Workers workers = config.workers();
    String obstacle =
        workers != null && e.running != null && e.runningElsewhere
            ? workers.obstacle(FunctionKind.ENTITY, EntityId.parse(e.id()).name(), "")
            : null;
    log.reply(c.reply(), Explaining.made(EntityExplanations.of(e, head, obstacle)));
  }

  /** Releases a lock whose owner is gone. */
  void releaseLock(Command.ReleaseLock c) {
    ResidentEntity e = find(c.entityId());
    log.reply(c.reply(), e != null && entities.release(e, c.owner()));
  }
}
