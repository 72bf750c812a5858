package dev.perdure.engine.orchestrator;

import dev.perdure.api.CriticalSection;
import dev.perdure.api.EntityId;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.FunctionRef;
import dev.perdure.api.HistoryEvent.EntityLockRequested;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityOperationSignaled;
import dev.perdure.api.HistoryEvent.EntityUnlockSent;
import dev.perdure.api.LockingRulesViolationException;
import dev.perdure.api.Payload;
import dev.perdure.api.TaskFailedException;
import dev.perdure.engine.InstanceIds;
import dev.perdure.engine.MisplacedArguments;
import dev.perdure.engine.entity.DueTimes;
import dev.perdure.engine.entity.OperationNames;
import dev.perdure.engine.functions.EntityProxies;
import dev.perdure.engine.functions.ResolvedOperation;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an orchestration does with entities, and the rules that keep it from waiting for itself or
 * for others for ever.
 */
final class EntityAccess {
  /** Entities locked together. The wish carries all their ids to each of them: it is a square. */
  private static final int LOCKED_MAX = 1_000;

  private final OrchestratorSession session;

  /** Calls that have not been answered, by entity. */
  private final Map<EntityId, Integer> openCalls = new HashMap<>(2);

  private @Nullable LockTask requested;
  private @Nullable Section section;

  EntityAccess(OrchestratorSession session) {
    this.session = session;
  }

  // ---- calls --------------------------------------------------------------------------------

  <R extends @Nullable Object> PayloadTask<R> call(
      EntityId entity, String operation, @Nullable Object input, Type resultType) {
    session.checkUse("callEntity");
    String target = target(entity, operation, "callEntity");
    MisplacedArguments.refuse(input, "callEntity", operation);
    checkCallAllowed(entity, operation);
    Payload payload = write(entity, operation, input);
    PayloadTask<R> task = new PayloadTask<>(session, resultType, "result of operation", operation);
    Answer waiter = new Answer(task, entity, operation);
    int taskId = session.open(waiter);
    waiter.taskId = taskId;
    openCalls.merge(entity, 1, Integer::sum);
    session.act(new EntityOperationCalled(session.timestamp(), taskId, target, operation, payload));
    return task;
  }

  <R extends @Nullable Object> PayloadTask<R> callByReference(
      EntityId entity, FunctionRef.ToEntityOperation reference, @Nullable Object input) {
    session.checkUse("callEntity");
    ResolvedOperation operation =
        session.config().functions().resolveOperation(reference).calledOf(entity);
    return call(entity, operation.operation(), input, operation.resultType());
  }

  /** Gets the answer of an entity. */
  private final class Answer implements OrchestratorSession.Waiter {
    private final PayloadTask<?> task;
    private final EntityId entity;
    private final String operation;
    private int taskId;

    Answer(PayloadTask<?> task, EntityId entity, String operation) {
      this.task = task;
      this.entity = entity;
      this.operation = operation;
    }

    @Override
    public void completed(@Nullable Payload result) {
      over();
      task.completeWith(result);
    }

    @Override
    public void failed(FailureDetails failure) {
      over();
      task.fail(new TaskFailedException(entity + "." + operation, taskId, failure));
    }

    private void over() {
      openCalls.computeIfPresent(entity, (key, count) -> count == 1 ? null : count - 1);
    }
  }

  // ---- signals ------------------------------------------------------------------------------

  void signal(EntityId entity, String operation, @Nullable Object input, @Nullable Instant at) {
    session.checkUse("signalEntity");
    String target = target(entity, operation, "signalEntity");
    MisplacedArguments.refuse(input, "signalEntity", operation);
    if (section != null && section.locked.contains(entity)) {
      throw violation(
          "signalEntity(%s, '%s')".formatted(entity, operation),
          "it holds the lock of that entity, so the signal would run after the critical section",
          "Use callEntity within it, or signal after it was closed.");
    }
    Instant due = DueTimes.checked("signalEntity", at, session.now());
    Payload payload = write(entity, operation, input);
    session.act(
        new EntityOperationSignaled(
            session.timestamp(), session.newTaskId(), target, operation, payload, due));
  }

  void signalByReference(
      EntityId entity,
      FunctionRef.ToEntityOperation reference,
      @Nullable Object input,
      @Nullable Instant at) {
    session.checkUse("signalEntity");
    signal(
        entity,
        session.config().functions().resolveOperation(reference).of(entity).operation(),
        input,
        at);
  }

  // ---- proxies ------------------------------------------------------------------------------

  <T> T callProxy(Class<T> operations, EntityId entity) {
    session.checkUse("entityProxy");
    return EntityProxies.proxy(
        operations,
        EntityProxies.Use.CALL,
        (method, input) -> {
          PayloadTask<@Nullable Object> task =
              call(entity, method.operation(), input, method.resultType());
          return method.returnsTask() ? task : task.await();
        });
  }

  <T> T signalProxy(Class<T> operations, EntityId entity) {
    session.checkUse("signalProxy");
    return EntityProxies.signalProxy(
        operations, (operation, input) -> signal(entity, operation, input, null));
  }

  // ---- locks --------------------------------------------------------------------------------

  TaskImpl<CriticalSection> lock(List<EntityId> entities) {
    session.checkUse("lockEntities");
    entities.forEach(entity -> target(entity, "lock", "lockEntities"));
    List<EntityId> wanted = entities.stream().distinct().sorted().toList();
    if (wanted.isEmpty()) {
      throw new IllegalArgumentException("lockEntities: there is no entity to lock.");
    }
    if (wanted.size() > LOCKED_MAX) {
      throw new IllegalArgumentException(
          ("lockEntities: %d entities are to be locked; lock %d or fewer together. Each of them has to"
                  + " be asked, one after the other.")
              .formatted(wanted.size(), LOCKED_MAX));
    }
    checkLockAllowed(wanted);
    LockTask task = new LockTask(wanted);
    task.ask();
    requested = task;
    return task;
  }

  List<EntityId> locked() {
    session.checkUse("lockedEntities");
    return section == null ? List.of() : section.entities();
  }

  /** The wish to hold some locks; giving it up gives back those that were taken meanwhile. */
  private final class LockTask extends TaskImpl<CriticalSection>
      implements OrchestratorSession.Waiter {
    private final List<EntityId> entities;
    private int taskId;

    LockTask(List<EntityId> entities) {
      super(EntityAccess.this.session);
      this.entities = entities;
    }

    void ask() {
      taskId = session.open(this);
      session.act(
          new EntityLockRequested(
              session.timestamp(), taskId, entities.stream().map(EntityId::instanceId).toList()));
    }

    @Override
    public void completed(@Nullable Payload nothing) {
      requested = null;
      Section begun = new Section(taskId, entities);
      section = begun;
      complete(begun);
    }

    @Override
    void cancelled() {
      requested = null;
      session.forget(taskId);
      session.act(new EntityUnlockSent(session.timestamp(), taskId));
    }
  }

  private final class Section implements CriticalSection {
    private final int taskId;
    private final List<EntityId> entities;
    private final Set<EntityId> locked;

    Section(int taskId, List<EntityId> entities) {
      this.taskId = taskId;
      this.entities = entities;
      this.locked = new HashSet<>(entities);
    }

    @Override
    public List<EntityId> entities() {
      return entities;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // this very section, not one like it
    public boolean isOpen() {
      return section == this;
    }

    @Override
    public void close() {
      session.checkUse("close");
      if (isOpen()) {
        section = null;
        session.act(new EntityUnlockSent(session.timestamp(), taskId));
      }
    }

    @Override
    public String toString() {
      return "CriticalSection" + entities;
    }
  }

  // ---- rules --------------------------------------------------------------------------------

  private void checkCallAllowed(EntityId entity, String operation) {
    String what = "callEntity(%s, '%s')".formatted(entity, operation);
    if (requested != null && requested.entities.contains(entity)) {
      throw violation(
          what,
          "the lock of that entity was asked for and is not held yet, so the call might wait behind"
              + " it for ever",
          "Wait for the lock first, or call before you ask for it.");
    }
    if (section == null) {
      return;
    }
    if (!section.locked.contains(entity)) {
      throw violation(
          what,
          "within a critical section only locked entities may be called, and these are %s"
              .formatted(section.entities),
          "Lock that entity as well, in the same lockEntities, or call it outside of the section.");
    }
    if (openCalls.containsKey(entity)) {
      throw violation(
          what,
          "another call of that entity is under way in this critical section",
          "Wait for its result first.");
    }
  }

  private void checkLockAllowed(List<EntityId> entities) {
    String what = "lockEntities(%s)".formatted(entities);
    if (section != null) {
      throw violation(
          what,
          "it holds the locks of %s already, and critical sections cannot be nested"
              .formatted(section.entities),
          "Lock all entities in one lockEntities, or close the section first.");
    }
    if (requested != null) {
      throw violation(
          what,
          "it has asked for the locks of %s already".formatted(requested.entities),
          "Lock all entities in one lockEntities, or wait for the first section and close it.");
    }
    for (EntityId entity : entities) {
      if (openCalls.containsKey(entity)) {
        throw violation(
            what,
            "a call of %s is under way, which might wait behind the lock for ever"
                .formatted(entity),
            "Wait for its result first.");
      }
    }
  }

  void checkSubOrchestrationAllowed(String name) {
    if (section != null) {
      throw violation(
          "callSubOrchestrator('%s')".formatted(name),
          "it is in a critical section (%s), and a sub-orchestration that wants the same locks"
                  .formatted(section.entities)
              + " would wait for it for ever",
          "Start it before the section, or after it was closed.");
    }
  }

  private LockingRulesViolationException violation(String what, String why, String remedy) {
    return new LockingRulesViolationException(
        "Instance '%s': %s is not allowed: %s. %s"
            .formatted(session.instanceId(), what, why, remedy));
  }

  // ---- the small things ---------------------------------------------------------------------

  private String target(@Nullable EntityId entity, @Nullable String operation, String method) {
    Objects.requireNonNull(entity, () -> method + ": the entity is null");
    OperationNames.check(operation);
    return InstanceIds.of(entity, session.config().instanceIdCharsMax());
  }

  private @Nullable Payload write(EntityId entity, String operation, @Nullable Object input) {
    return input == null
        ? null
        : session.write("input of operation '%s' of %s".formatted(operation, entity), input);
  }
}
