package dev.perdure.engine.partition;

import dev.perdure.api.EntityId;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.InvalidInstanceIdException;
import dev.perdure.engine.EngineFailures;
import dev.perdure.engine.InstanceIds;
import dev.perdure.engine.entity.EntityEvent.LockWithdrawn;
import dev.perdure.engine.entity.EntityEvent.RequestReceived;
import dev.perdure.engine.entity.EntityRequest.LockRequest;
import dev.perdure.engine.orchestrator.SessionConfig;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Takes what orchestrations and other entities send to entities. Used by the partition's thread
 * only.
 */
final class EntityMessages {
  private static final System.Logger LOG = System.getLogger("dev.perdure.entity");

  private final SessionConfig config;
  private final Mail mail;
  private final Entities entities;

  EntityMessages(Common common, Entities entities) {
    this.config = common.config();
    this.mail = common.mail();
    this.entities = entities;
  }

  /** An operation came from an orchestration or another entity. */
  void receive(Message.CallEntity m) {
    InvalidInstanceIdException refusal = refusal(m.target());
    if (refusal != null) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Operation ''{0}'' was dropped: {1}",
          m.operation(),
          refusal.getMessage());
      if (m.caller() != null) { // of a step that was recorded before there was this limit
        mail.send(new Message.EntityAnswered(m.caller(), null, FailureDetails.of(refusal)));
      }
      return;
    }
    ResidentEntity e = entities.findReadableOrNew(m.target());
    if (e != null) {
      entities.receive(e, m.operation(), m.input(), m.caller(), m.at());
    } else if (m.caller() != null) {
      mail.send(
          new Message.EntityAnswered(
              m.caller(), null, EngineFailures.entityUnreadable(m.target())));
    }
  }

  /** Remote code may ask for any id; it is from entities, since those of steps were checked. */
  private @Nullable InvalidInstanceIdException refusal(String id) {
    if (id.length() <= config.instanceIdCharsMax()) {
      return null;
    }
    try {
      var unused = InstanceIds.of(EntityId.parse(id), config.instanceIdCharsMax());
      return null;
    } catch (InvalidInstanceIdException e) {
      return e;
    }
  }

  // ---- locks --------------------------------------------------------------------------------

  /** A wish to lock entities has come to one of them. */
  void lock(Message.LockEntity m) {
    ResidentEntity e = entities.findReadableOrNew(m.target());
    if (e == null) {
      return;
    }
    Instant now = config.now();
    entities.record(
        e,
        new RequestReceived(
            now, new LockRequest(now.toEpochMilli(), m.owner(), m.lockSet(), m.position()), false));
    entities.advance(e);
  }

  /** A lock is released by whoever holds it. */
  void unlock(Message.UnlockEntity m) {
    ResidentEntity e = entities.findReadableOrNew(m.target());
    if (e != null) {
      entities.release(e, m.owner());
    }
  }

  /** A wish to lock entities is given up. */
  void withdraw(Message.WithdrawLock m) {
    ResidentEntity e = entities.findReadableOrNew(m.target());
    if (e != null && e.state.isLockWanted(m.owner())) {
      entities.record(e, new LockWithdrawn(config.now(), m.owner()));
      entities.advance(e);
      return;
    }
    // The wish has gone on to the next one, even if somebody has cleaned the lock away meanwhile;
    // it may also have done so if this one cannot be read.
    if (e != null) {
      entities.release(e, m.owner());
    }
    int next = m.position() + 1;
    if (next < m.lockSet().size()) {
      mail.send(new Message.WithdrawLock(m.owner(), m.lockSet(), next));
    }
  }
}
