package dev.perdure.engine;

import dev.perdure.api.AuditReport;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.EntityQuery;
import dev.perdure.api.EntitySignal;
import dev.perdure.api.EntityStorageCleanup;
import dev.perdure.api.Explanation;
import dev.perdure.api.FunctionRef;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.ExecutionRewound;
import dev.perdure.api.HubBusyException;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.OrchestratorMisuseException;
import dev.perdure.api.Payload;
import dev.perdure.api.PayloadTooLargeException;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.PurgeFilter;
import dev.perdure.api.StartOptions;
import dev.perdure.api.StartOptions.IdReusePolicy;
import dev.perdure.api.WaitTimeoutException;
import dev.perdure.engine.entity.DueTimes;
import dev.perdure.engine.entity.OperationNames;
import dev.perdure.engine.entity.TaskAddress;
import dev.perdure.engine.functions.EntityProxies;
import dev.perdure.engine.functions.FunctionName;
import dev.perdure.engine.functions.ResolvedFunction;
import dev.perdure.engine.instance.Rewind;
import dev.perdure.engine.orchestrator.EventNames;
import dev.perdure.engine.partition.Command;
import dev.perdure.engine.partition.Explaining;
import dev.perdure.engine.partition.Metadata;
import dev.perdure.store.InstanceFilter;
import dev.perdure.store.InstancePage;
import dev.perdure.store.InstanceRow;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The client of an engine in the same process. */
final class EngineClient implements PerdureClient {
  /** Entities looked at in one go when storage is cleaned. */
  private static final int CLEANED_AT_ONCE = 1_000;

  private static final Duration START_DELAY_MAX = Duration.ofDays(365_250);

  private final Engine engine;
  private final Lookups lookups;
  private final Purges purges;

  EngineClient(Engine engine) {
    this.engine = engine;
    this.lookups = new Lookups(engine);
    this.purges = new Purges(engine, lookups);
  }

  Lookups lookups() {
    return lookups;
  }

  // ---- starting -----------------------------------------------------------------------------

  @Override
  public String startNew(String name, @Nullable Object input, StartOptions options) {
    checkUse();
    Objects.requireNonNull(name, "startNew: the orchestrator's name is null");
    MisplacedArguments.refuse(input, "startNew", name);
    String version = options.version() == null ? defaultVersion() : options.version();
    requireOrchestrator(name, version);
    String id = options.instanceId();
    if (id != null) {
      checkId(id);
    }
    String chosen = id == null ? engine.newId() : id;
    return start(chosen, name, version, write("input", chosen, input), options);
  }

  /** Workers may have what is not here, and come later. */
  private void requireOrchestrator(String name, String version) {
    if (engine.workers() == null && engine.functions().orchestrator(name, version) == null) {
      throw engine.functions().orchestratorNotFound(name, version);
    }
  }

  /** Starts an orchestration whether its code is here or not. The id has been checked. */
  String start(
      String id, String name, String version, @Nullable Payload input, StartOptions options) {
    FunctionName.check(name);
    StartSize.check(name, version, options.tags(), options.traceContext());
    Instant scheduledStart = checkedStart(options.scheduledStart());
    waitForRoom();
    return Replies.get(startNow(id, name, version, input, scheduledStart, options));
  }

  /** The same without waiting; null if there is no room. */
  @Nullable CompletableFuture<String> startIfRoom(
      String id, String name, String version, @Nullable Payload input, StartOptions options) {
    FunctionName.check(name);
    StartSize.check(name, version, options.tags(), options.traceContext());
    Instant scheduledStart = checkedStart(options.scheduledStart());
    return engine.unfinished() < engine.options().limits().unfinishedInstancesMax()
        ? startNow(id, name, version, input, scheduledStart, options)
        : null;
  }

  private CompletableFuture<String> startNow(
      String id,
      String name,
      String version,
      @Nullable Payload input,
      @Nullable Instant scheduledStart,
      StartOptions options) {
    CompletableFuture<String> reply = new CompletableFuture<>();
    engine.post(
        id,
        new Command.Start(
            id,
            name,
            version,
            input,
            scheduledStart,
            options.tags(),
            options.idReuse(),
            options.traceContext(),
            options.instanceId() == null,
            reply));
    return reply;
  }

  private @Nullable Instant checkedStart(@Nullable Instant at) {
    if (at == null) {
      return null;
    }
    Instant now = engine.environment().clock().instant();
    if (Duration.between(now, at).compareTo(START_DELAY_MAX) > 0) {
      throw new IllegalArgumentException(
          "startNew: the scheduled start %s is more than 1000 years away.".formatted(at));
    }
    return at.isBefore(Instant.EPOCH)
        ? Instant.EPOCH // it has passed, whichever it is
        : at.plusNanos(999_999).truncatedTo(ChronoUnit.MILLIS);
  }

  String defaultVersion() {
    return engine.options().defaultVersion();
  }

  /** Waits while there is too much unfinished work; this is how load is kept out of the heap. */
  private void waitForRoom() {
    int most = engine.options().limits().unfinishedInstancesMax();
    if (engine.unfinished() < most) {
      return;
    }
    Duration wait = engine.options().limits().startWait();
    long until = System.nanoTime() + wait.toNanos();
    while (engine.unfinished() >= most) {
      if (System.nanoTime() - until >= 0) {
        throw new HubBusyException(
            ("The hub has %d unfinished orchestrations in memory, which is as many as it allows"
                    + " (limits.unfinishedInstancesMax), and that did not change within %s. Nothing"
                    + " was started; try again later.")
                .formatted(most, wait));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
      if (Thread.currentThread().isInterrupted()) {
        throw Replies.interrupted();
      }
      engine.checkOpen();
    }
  }

  @Override
  public String startNewByReference(
      FunctionRef.ToOrchestrator orchestrator, @Nullable Object input, StartOptions options) {
    ResolvedFunction function = engine.functions().resolve(orchestrator);
    boolean versioned = options.version() == null && !function.version().isEmpty();
    return startNew(
        function.name(), input, versioned ? options.withVersion(function.version()) : options);
  }

  @Override
  public String restart(String instanceId, boolean newInstanceId) {
    IdReusePolicy idReuse = IdReusePolicy.REPLACE_ENDED;
    OrchestrationMetadata old = restartable(instanceId, newInstanceId, idReuse);
    checkUse();
    requireOrchestrator(old.name(), old.version());
    return restart(old, newInstanceId, idReuse);
  }

  /** Reads an instance that is to be restarted. */
  OrchestrationMetadata restartable(
      String instanceId, boolean newInstanceId, IdReusePolicy idReuse) {
    OrchestrationMetadata old = find(instanceId);
    if (!newInstanceId && !old.isTerminal() && !idReuse.replaceable().contains(old.status())) {
      throw new InvalidInstanceStateException(
          "Instance '%s' cannot be restarted under its own id: it has not ended (%s). Terminate it first, or ask for a new id."
              .formatted(instanceId, old.status()));
    }
    return old;
  }

  /** Restarts an instance whether its code is here or not. */
  String restart(OrchestrationMetadata old, boolean newInstanceId, IdReusePolicy idReuse) {
    StartOptions options =
        StartOptions.DEFAULT
            .withTags(old.tags())
            .withIdReuse(old.isTerminal() ? IdReusePolicy.REPLACE_ENDED : idReuse);
    return start(
        newInstanceId ? engine.newId() : old.instanceId(),
        old.name(),
        old.version(),
        old.serializedInput(),
        newInstanceId ? options : options.withInstanceId(old.instanceId()));
  }

  // ---- asking -------------------------------------------------------------------------------

  @Override
  public Optional<OrchestrationMetadata> status(String instanceId, boolean withPayloads) {
    checkUse();
    checkId(instanceId);
    return Optional.ofNullable(lookups.status(instanceId, withPayloads));
  }

  private OrchestrationMetadata find(String instanceId) {
    return status(instanceId)
        .orElseThrow(
            () ->
                new InstanceNotFoundException(
                    "There is no instance '%s'. It may never have been started, or it was purged."
                        .formatted(instanceId)));
  }

  @Override
  public OrchestrationMetadata waitForStart(String instanceId, Duration timeout) {
    return await(instanceId, timeout, false);
  }

  @Override
  public OrchestrationMetadata waitForCompletion(String instanceId, Duration timeout) {
    return await(instanceId, timeout, true);
  }

  private OrchestrationMetadata await(String instanceId, Duration timeout, boolean completion) {
    checkUse();
    checkId(instanceId);
    Objects.requireNonNull(timeout, "The timeout is null");
    long nanos = Replies.nanos(timeout);
    if (nanos <= 0) {
      OrchestrationMetadata now = find(instanceId);
      boolean there = now.status() != OrchestrationStatus.PENDING && !completion;
      if (there || now.status().isTerminal()) {
        return now;
      }
      throw notYet(instanceId, timeout, completion);
    }
    CompletableFuture<OrchestrationMetadata> reply = new CompletableFuture<>();
    engine.post(instanceId, new Command.Await(instanceId, completion, false, reply));
    try {
      return nanos == Long.MAX_VALUE ? reply.get() : reply.get(nanos, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      reply.cancel(false);
      engine.post(instanceId, new Command.CancelAwait(instanceId));
      throw notYet(instanceId, timeout, completion);
    } catch (InterruptedException e) {
      reply.cancel(false);
      engine.post(instanceId, new Command.CancelAwait(instanceId));
      Thread.currentThread().interrupt();
      throw Replies.interrupted();
    } catch (ExecutionException e) {
      throw Replies.rethrown(e);
    }
  }

  private static WaitTimeoutException notYet(
      String instanceId, Duration timeout, boolean completion) {
    return new WaitTimeoutException(
        "Instance '%s' has not %s within %s. It goes on; client.explain tells what it waits for."
            .formatted(instanceId, completion ? "ended" : "begun", timeout));
  }

  @Override
  public List<HistoryEvent> history(String instanceId) {
    checkUse();
    checkId(instanceId);
    return lookups.history(instanceId).events();
  }

  @Override
  public Explanation explain(String instanceId) {
    checkUse();
    String id = anyId(instanceId);
    CompletableFuture<Explaining> reply = new CompletableFuture<>();
    engine.post(id, new Command.Explain(id, reply));
    return ExplanationDetails.complete(id, Replies.get(reply), details);
  }

  private final ExplanationDetails.Source details =
      new ExplanationDetails.Source() {
        @Override
        public List<HistoryEvent> history(String instanceId) {
          return lookups.history(instanceId).events();
        }

        @Override
        public @Nullable OrchestrationMetadata status(String instanceId) {
          return lookups.status(instanceId, false);
        }

        @Override
        public @Nullable EntityMetadata entity(String instanceId) {
          CompletableFuture<@Nullable EntityMetadata> reply = new CompletableFuture<>();
          engine.post(instanceId, new Command.GetEntity(instanceId, false, reply));
          return Replies.getNullable(reply);
        }
      };

  @Override
  public AuditReport audit() {
    checkUse();
    return lookups.visible(store -> engine.auditor().all(Set.of()));
  }

  @Override
  public InstanceQuery.Page query(InstanceQuery query) {
    checkUse();
    InstanceFilter filter = Lookups.filter(query, true);
    InstancePage page =
        lookups.visible(store -> store.query(filter, query.pageSize(), query.continuationToken()));
    List<OrchestrationMetadata> instances = new ArrayList<>(page.rows().size());
    for (InstanceRow row : page.rows()) {
      OrchestrationMetadata instance = Metadata.of(row, query.payloads(), engine.converter());
      if (!query.setAsideOnly() || instance.problem() != null) {
        instances.add(instance);
      }
    }
    return new InstanceQuery.Page(instances, page.continuationToken());
  }

  // ---- changing -----------------------------------------------------------------------------

  @Override
  public void raiseEvent(String instanceId, String eventName, @Nullable Object payload) {
    checkUse();
    checkId(instanceId);
    EventNames.check(eventName);
    MisplacedArguments.refuse(payload, "raiseEvent", eventName);
    Payload content = write("event '" + eventName + "'", instanceId, payload);
    CompletableFuture<@Nullable Void> reply = new CompletableFuture<>();
    engine.post(instanceId, new Command.RaiseEvent(instanceId, eventName, content, reply));
    Replies.getNullable(reply);
  }

  @Override
  public void suspend(String instanceId, @Nullable String reason) {
    suspend(instanceId, true, reason);
  }

  @Override
  public void resume(String instanceId, @Nullable String reason) {
    suspend(instanceId, false, reason);
  }

  private void suspend(String instanceId, boolean suspend, @Nullable String reason) {
    checkUse();
    checkId(instanceId);
    checkReason(instanceId, reason);
    CompletableFuture<@Nullable Void> reply = new CompletableFuture<>();
    engine.post(instanceId, new Command.Suspend(instanceId, suspend, reason, reply));
    Replies.getNullable(reply);
  }

  @Override
  public void terminate(String instanceId, @Nullable String reason, boolean recursive) {
    checkUse();
    checkId(instanceId);
    CompletableFuture<@Nullable Void> reply = new CompletableFuture<>();
    engine.post(
        instanceId,
        new Command.Terminate(
            instanceId, reason, write("reason", instanceId, reason), recursive, reply));
    Replies.getNullable(reply);
  }

  @Override
  public void rewind(String instanceId, @Nullable String reason) {
    checkUse();
    checkId(instanceId);
    checkReason(instanceId, reason);
    OrchestrationMetadata metadata = find(instanceId);
    if (metadata.status() != OrchestrationStatus.FAILED) {
      throw new InvalidInstanceStateException(
          "Instance '%s' cannot be rewound: its status is %s, not FAILED."
              .formatted(instanceId, metadata.status()));
    }
    Lookups.History history = lookups.history(instanceId);
    ExecutionRewound plan =
        Rewind.plan(
            history.events(), reason, Instant.ofEpochMilli(engine.environment().clock().millis()));
    String refusal = Rewind.refusal(history.events(), plan);
    if (refusal != null) {
      throw new InvalidInstanceStateException(
          "Instance '%s' cannot be rewound: %s Start it anew (restart)."
              .formatted(instanceId, refusal));
    }
    CompletableFuture<@Nullable Void> reply = new CompletableFuture<>();
    engine.post(
        instanceId,
        new Command.Rewind(
            instanceId, history.snapshot().executionId(), history.events().size(), plan, reply));
    Replies.getNullable(reply);
  }

  @Override
  public void requeue(String instanceId, @Nullable String reason) {
    checkUse();
    String id = anyId(instanceId);
    checkReason(id, reason);
    CompletableFuture<@Nullable Void> reply = new CompletableFuture<>();
    engine.post(id, new Command.Requeue(id, reason, reply));
    Replies.getNullable(reply);
  }

  // ---- purging ------------------------------------------------------------------------------

  @Override
  public int purge(String instanceId, boolean recursive) {
    checkUse();
    checkId(instanceId);
    return purges.purge(instanceId, recursive);
  }

  @Override
  public long purge(PurgeFilter filter) {
    return purge(filter, null).purged();
  }

  /**
   * Purges for a limited time.
   *
   * @param budget after which no more is begun; null for no limit
   */
  Requests.Purged purge(PurgeFilter filter, @Nullable Duration budget) {
    checkUse();
    return purges.purge(filter, budget);
  }

  /**
   * Removes instances, with their families or without; those that have not ended are left alone.
   */
  long purgeEnded(Collection<String> ids, boolean recursive) {
    checkUse();
    ids.forEach(this::checkId);
    return purges.purgeEnded(ids, recursive);
  }

  // ---- entities -----------------------------------------------------------------------------

  @Override
  public void signalEntity(
      EntityId entity, String operation, @Nullable Object input, @Nullable Instant at) {
    checkUse();
    Command.SignalEntities.Signal signal = signal(entity, operation, input, at);
    CompletableFuture<@Nullable Void> reply = new CompletableFuture<>();
    engine.post(signal.entityId(), new Command.SignalEntities(List.of(signal), reply));
    Replies.getNullable(reply);
  }

  @Override
  public void signalEntities(Collection<EntitySignal> signals) {
    checkUse();
    Map<Integer, List<Command.SignalEntities.Signal>> byPartition = new HashMap<>();
    for (EntitySignal one : signals) {
      Command.SignalEntities.Signal signal =
          signal(one.entity(), one.operation(), one.input(), one.at());
      byPartition
          .computeIfAbsent(
              InstanceIds.partition(signal.entityId(), engine.partitions()),
              key -> new ArrayList<>())
          .add(signal);
    }
    List<CompletableFuture<@Nullable Void>> replies = new ArrayList<>(byPartition.size());
    byPartition.forEach(
        (partition, all) -> {
          for (List<Command.SignalEntities.Signal> some : Command.SignalEntities.inPortions(all)) {
            CompletableFuture<@Nullable Void> reply = new CompletableFuture<>();
            replies.add(reply);
            engine.postTo(partition, new Command.SignalEntities(some, reply));
          }
        });
    replies.forEach(Replies::getNullable);
  }

  @Override
  public void signalEntityByReference(
      EntityId entity,
      FunctionRef.ToEntityOperation operation,
      @Nullable Object input,
      @Nullable Instant at) {
    checkUse();
    signalEntity(
        entity, engine.functions().resolveOperation(operation).of(entity).operation(), input, at);
  }

  private Command.SignalEntities.Signal signal(
      EntityId entity, String operation, @Nullable Object input, @Nullable Instant at) {
    Objects.requireNonNull(entity, "signalEntity: the entity is null");
    MisplacedArguments.refuse(input, "signalEntity", operation);
    if (engine.workers() == null && engine.functions().entity(entity.name()) == null) {
      throw engine.functions().entityNotFound(entity.name());
    }
    return signalAnywhere(entity, operation, input, at);
  }

  /** An operation for an entity whether its code is here or not. */
  Command.SignalEntities.Signal signalAnywhere(
      EntityId entity, String operation, @Nullable Object input, @Nullable Instant at) {
    OperationNames.check(operation);
    String id = entityId(entity);
    Payload payload = write("input of operation '" + operation + "'", id, input);
    Instant due = DueTimes.checked("signalEntity", at, engine.environment().clock().instant());
    return new Command.SignalEntities.Signal(id, operation, payload, due);
  }

  String entityId(EntityId entity) {
    return InstanceIds.of(entity, engine.options().limits().instanceIdCharsMax());
  }

  @Override
  public <T> T signalProxy(Class<T> operations, EntityId entity) {
    return EntityProxies.signalProxy(
        operations, (operation, input) -> signalEntity(entity, operation, input, null));
  }

  @Override
  public Optional<EntityMetadata> getEntity(EntityId entity, boolean withState) {
    checkUse();
    String id = entityId(entity);
    CompletableFuture<@Nullable EntityMetadata> reply = new CompletableFuture<>();
    engine.post(id, new Command.GetEntity(id, withState, reply));
    return Optional.ofNullable(Replies.getNullable(reply));
  }

  @Override
  public EntityQuery.Page queryEntities(EntityQuery query) {
    checkUse();
    String prefix = "@";
    String name = query.name();
    if (name != null) {
      prefix = new EntityId(name, query.keyPrefix()).instanceId();
    }
    InstanceFilter filter =
        Lookups.entityFilter(
            prefix, query.withoutState(), query.modifiedFrom(), query.modifiedTo());
    InstancePage page =
        lookups.visible(store -> store.query(filter, query.pageSize(), query.continuationToken()));
    return new EntityQuery.Page(
        page.rows().stream()
            .map(row -> Metadata.ofEntity(row, query.states(), engine.converter()))
            .filter(entity -> !query.setAsideOnly() || entity.problem() != null)
            .toList(),
        page.continuationToken());
  }

  @Override
  public boolean purgeEntity(EntityId entity) {
    return purgeEntity(entity, false);
  }

  /**
   * Removes an entity.
   *
   * @param onlyAtRest whether one is left alone for which something waits
   */
  boolean purgeEntity(EntityId entity, boolean onlyAtRest) {
    checkUse();
    String id = entityId(entity);
    CompletableFuture<Boolean> reply = new CompletableFuture<>();
    engine.post(id, new Command.PurgeEntity(id, onlyAtRest, reply));
    return Replies.get(reply);
  }

  @Override
  public EntityStorageCleanup cleanEntityStorage(
      boolean removeEmptyEntities, boolean releaseOrphanedLocks) {
    checkUse();
    long removed = 0;
    long released = 0;
    EntityQuery query = EntityQuery.ALL.withStatelessToo().withPageSize(CLEANED_AT_ONCE);
    while (true) {
      EntityQuery.Page page = queryEntities(query);
      for (EntityMetadata entity : page.entities()) {
        if (releaseOrphanedLocks && entity.lockedBy() != null && releaseIfOrphaned(entity.id())) {
          released++;
        }
        if (removeEmptyEntities && isEmpty(entity) && purgeEntity(entity.id())) {
          removed++;
        }
      }
      if (page.continuationToken() == null) {
        return new EntityStorageCleanup(removed, released);
      }
      query = query.withContinuationToken(page.continuationToken());
    }
  }

  private static boolean isEmpty(EntityMetadata entity) {
    return !entity.hasState()
        && entity.operationsWaiting() == 0
        && entity.lockedBy() == null
        && entity.problem() == null;
  }

  /** The lock is looked at first: whoever is gone now cannot have been about to take it. */
  private boolean releaseIfOrphaned(EntityId entity) {
    String id = entityId(entity);
    CompletableFuture<@Nullable TaskAddress> held = new CompletableFuture<>();
    engine.post(id, new Command.GetLockOwner(id, held));
    TaskAddress owner = Replies.getNullable(held);
    if (owner == null) {
      return false;
    }
    CompletableFuture<Boolean> underWay = new CompletableFuture<>();
    engine.post(owner.instanceId(), new Command.IsUnderWay(owner, underWay));
    if (Replies.get(underWay)) {
      return false;
    }
    CompletableFuture<Boolean> reply = new CompletableFuture<>();
    engine.post(id, new Command.ReleaseLock(id, owner, reply));
    return Replies.get(reply);
  }

  // ---- the small things ---------------------------------------------------------------------

  void checkUse() {
    if (Thread.currentThread().getName().equals(EngineEnvironment.ORCHESTRATOR_THREAD)) {
      throw new OrchestratorMisuseException(
          "A client was used inside an orchestrator. What it does is neither recorded nor"
              + " replayed: use the context (callSubOrchestrator, sendEvent), or a client in an"
              + " activity.");
    }
    engine.checkOpen();
  }

  /** Checks the id of an orchestration or an entity, whose name is folded to lower case. */
  private String anyId(@Nullable String id) {
    if (id != null && EntityId.isEntityId(id)) {
      return entityId(EntityId.parse(id));
    }
    checkId(id);
    return Objects.requireNonNull(id);
  }

  void checkId(@Nullable String id) {
    InstanceIds.check(id, engine.options().limits().instanceIdCharsMax());
  }

  /** A reason is kept in the history, as large as a payload may be. */
  private void checkReason(String instanceId, @Nullable String reason) {
    var unused = write("reason", instanceId, reason);
  }

  /** The serialized form of a value; a payload is that already. */
  @Nullable Payload write(String what, String instanceId, @Nullable Object value) {
    if (value == null) {
      return null;
    }
    Payload payload =
        value instanceof Payload written ? written : engine.converter().toPayload(value);
    int most = engine.options().limits().payloadBytesMax();
    if (payload.size() > most) {
      throw new PayloadTooLargeException(
          ("Instance '%s': the %s has %d bytes, the limit is %d (limits.payloadBytesMax). Keep large"
                  + " data elsewhere and pass a reference to it.")
              .formatted(instanceId, what, payload.size(), most));
    }
    return payload;
  }
}
