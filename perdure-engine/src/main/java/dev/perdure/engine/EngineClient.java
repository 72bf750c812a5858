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
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HubBusyException;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.OrchestratorMisuseException;
import dev.perdure.api.ParentInstance;
import dev.perdure.api.Payload;
import dev.perdure.api.PayloadTooLargeException;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.PurgeFilter;
import dev.perdure.api.StartOptions;
import dev.perdure.api.WaitTimeoutException;
import dev.perdure.engine.codec.HistoryCodec;
import dev.perdure.engine.entity.DueTimes;
import dev.perdure.engine.entity.OperationNames;
import dev.perdure.engine.entity.TaskAddress;
import dev.perdure.engine.functions.EntityProxies;
import dev.perdure.engine.functions.ResolvedFunction;
import dev.perdure.engine.instance.Rewind;
import dev.perdure.engine.orchestrator.EventNames;
import dev.perdure.engine.partition.Command;
import dev.perdure.engine.partition.Explaining;
import dev.perdure.engine.partition.HistorySnapshot;
import dev.perdure.engine.partition.Metadata;
import dev.perdure.store.CorruptStoreException;
import dev.perdure.store.InstanceFilter;
import dev.perdure.store.InstancePage;
import dev.perdure.store.InstanceRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
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
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The client of an engine in the same process. */
final class EngineClient implements PerdureClient {
  private static final int PURGE_BATCH = 1_000;
  private static final Duration START_DELAY_MAX = Duration.ofDays(365_250);

  private final Engine engine;

  EngineClient(Engine engine) {
    this.engine = engine;
  }

  // ---- starting -----------------------------------------------------------------------------

  @Override
  public String startNew(String name, @Nullable Object input, StartOptions options) {
    checkUse();
    Objects.requireNonNull(name, "startNew: the orchestrator's name is null");
    MisplacedArguments.refuse(input, "startNew", name);
    String version = options.version() == null ? defaultVersion() : options.version();
    // Workers may have what is not here, and come later.
    if (engine.workers() == null && engine.functions().orchestrator(name, version) == null) {
      throw engine.functions().orchestratorNotFound(name, version);
    }
    String id = options.instanceId();
    if (id != null) {
      checkId(id);
    }
    String chosen = id == null ? engine.newId() : id;
    return start(chosen, name, version, write("input", chosen, input), options);
  }

  /** Starts an orchestration whether its code is here or not. The id has been checked. */
  String start(
      String id, String name, String version, @Nullable Payload input, StartOptions options) {
    Instant scheduledStart = checkedStart(options.scheduledStart());
    waitForRoom();
    return Replies.get(startNow(id, name, version, input, scheduledStart, options));
  }

  /** The same without waiting; null if there is no room. */
  @Nullable CompletableFuture<String> startIfRoom(
      String id, String name, String version, @Nullable Payload input, StartOptions options) {
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
    return at.isBefore(Instant.EPOCH) ? Instant.EPOCH : at; // it has passed, whichever it is
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
    OrchestrationMetadata old = restartable(instanceId, newInstanceId);
    checkUse();
    if (engine.functions().orchestrator(old.name(), old.version()) == null) {
      throw engine.functions().orchestratorNotFound(old.name(), old.version());
    }
    return restart(old, newInstanceId);
  }

  /** Reads an instance that is to be restarted. */
  OrchestrationMetadata restartable(String instanceId, boolean newInstanceId) {
    OrchestrationMetadata old = find(instanceId);
    if (!newInstanceId && !old.isTerminal()) {
      throw new InvalidInstanceStateException(
          "Instance '%s' cannot be restarted under its own id: it has not ended (%s). Terminate it first, or ask for a new id."
              .formatted(instanceId, old.status()));
    }
    return old;
  }

  /** Restarts an instance whether its code is here or not. */
  String restart(OrchestrationMetadata old, boolean newInstanceId) {
    StartOptions options = StartOptions.DEFAULT.withTags(old.tags());
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
    CompletableFuture<@Nullable OrchestrationMetadata> reply = new CompletableFuture<>();
    engine.post(instanceId, new Command.GetStatus(instanceId, withPayloads, reply));
    return Optional.ofNullable(Replies.getNullable(reply));
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
    CompletableFuture<OrchestrationMetadata> reply = new CompletableFuture<>();
    engine.post(instanceId, new Command.Await(instanceId, completion, false, reply));
    try {
      long nanos = saturatedNanos(timeout);
      return nanos == Long.MAX_VALUE ? reply.get() : reply.get(nanos, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      reply.cancel(false);
      engine.post(instanceId, new Command.CancelAwait(instanceId));
      throw new WaitTimeoutException(
          "Instance '%s' has not %s within %s. It goes on; client.explain tells what it waits for."
              .formatted(instanceId, completion ? "ended" : "begun", timeout));
    } catch (InterruptedException e) {
      reply.cancel(false);
      engine.post(instanceId, new Command.CancelAwait(instanceId));
      Thread.currentThread().interrupt();
      throw Replies.interrupted();
    } catch (ExecutionException e) {
      throw Replies.rethrown(e);
    }
  }

  private static long saturatedNanos(Duration timeout) {
    try {
      return timeout.toNanos();
    } catch (ArithmeticException e) {
      return timeout.isNegative() ? 0 : Long.MAX_VALUE;
    }
  }

  @Override
  public List<HistoryEvent> history(String instanceId) {
    checkUse();
    checkId(instanceId);
    return readHistory(instanceId).events();
  }

  record History(HistorySnapshot snapshot, List<HistoryEvent> events) {}

  History readHistory(String instanceId) {
    for (int attempt = 1; ; attempt++) {
      CompletableFuture<HistorySnapshot> reply = new CompletableFuture<>();
      engine.post(instanceId, new Command.GetHistory(instanceId, reply));
      HistorySnapshot snapshot = Replies.get(reply);
      try {
        return new History(snapshot, snapshot.read(engine.store()));
      } catch (CorruptStoreException e) {
        if (attempt == 5) {
          throw e; // not just an execution that ended, and was removed, while we read it
        }
      }
    }
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
          return readHistory(instanceId).events();
        }

        @Override
        public @Nullable OrchestrationMetadata status(String instanceId) {
          CompletableFuture<@Nullable OrchestrationMetadata> reply = new CompletableFuture<>();
          engine.post(instanceId, new Command.GetStatus(instanceId, false, reply));
          return Replies.getNullable(reply);
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
    makeVisible();
    return engine.auditor().all(Set.of());
  }

  @Override
  public InstanceQuery.Page query(InstanceQuery query) {
    checkUse();
    makeVisible();
    InstanceFilter filter =
        new InstanceFilter(
            0,
            codes(
                query.statuses().isEmpty()
                    ? EnumSet.allOf(OrchestrationStatus.class) // entities have others
                    : query.statuses()),
            millis(query.createdFrom(), Long.MIN_VALUE),
            millis(query.createdTo(), Long.MAX_VALUE),
            millis(query.completedFrom(), 0),
            millis(query.completedTo(), Long.MAX_VALUE),
            query.idPrefix(),
            query.name(),
            query.tags(),
            query.payloads() || query.setAsideOnly());
    InstancePage page = engine.store().query(filter, query.pageSize(), query.continuationToken());
    List<OrchestrationMetadata> instances = new ArrayList<>(page.rows().size());
    for (InstanceRow row : page.rows()) {
      OrchestrationMetadata instance = Metadata.of(row, query.payloads(), engine.converter());
      if (!query.setAsideOnly() || instance.problem() != null) {
        instances.add(instance);
      }
    }
    return new InstanceQuery.Page(instances, page.continuationToken());
  }

  /** Has everything that was acknowledged so far written into rows. */
  void makeVisible() {
    List<CompletableFuture<@Nullable Void>> replies = new ArrayList<>();
    for (int i = 0; i < engine.partitions(); i++) {
      CompletableFuture<@Nullable Void> reply = new CompletableFuture<>();
      replies.add(reply);
      engine.postTo(i, new Command.Checkpoint(reply));
    }
    replies.forEach(Replies::getNullable);
  }

  static Set<Integer> codes(Set<OrchestrationStatus> statuses) {
    return statuses.stream().map(HistoryCodec::statusCode).collect(Collectors.toSet());
  }

  static long millis(@Nullable Instant instant, long otherwise) {
    if (instant == null) {
      return otherwise;
    }
    try {
      return instant.toEpochMilli();
    } catch (ArithmeticException e) {
      return instant.isBefore(Instant.EPOCH) ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
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
    OrchestrationMetadata metadata = find(instanceId);
    if (metadata.status() != OrchestrationStatus.FAILED) {
      throw new InvalidInstanceStateException(
          "Instance '%s' cannot be rewound: its status is %s, not FAILED."
              .formatted(instanceId, metadata.status()));
    }
    History history = readHistory(instanceId);
    ExecutionRewound plan =
        Rewind.plan(history.events(), reason, engine.environment().clock().instant());
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
            instanceId,
            history.snapshot().executionId(),
            history.events().size(),
            plan,
            Rewind.failedChildren(history.events(), plan),
            reply));
    Replies.getNullable(reply);
  }

  @Override
  public void requeue(String instanceId, @Nullable String reason) {
    checkUse();
    String id = anyId(instanceId);
    CompletableFuture<@Nullable Void> reply = new CompletableFuture<>();
    engine.post(id, new Command.Requeue(id, reason, reply));
    Replies.getNullable(reply);
  }

  // ---- purging ------------------------------------------------------------------------------

  @Override
  public int purge(String instanceId, boolean recursive) {
    checkUse();
    checkId(instanceId);
    if (!recursive) {
      return purgeOne(instanceId);
    }
    OrchestrationMetadata root = status(instanceId, false).orElse(null);
    if (root == null) {
      return 0;
    }
    if (!root.isTerminal()) {
      throw Command.Purge.refusal(instanceId, root.status());
    }
    long descendants = purgeDescendants(List.of(instanceId));
    return (int) descendants + purgeOne(instanceId);
  }

  private int purgeOne(String instanceId) {
    return Replies.get(purge(List.of(Command.Purge.Target.any(instanceId)), false));
  }

  /**
   * An instance whose family is purged.
   *
   * @param asked ids of the sub-orchestrations that its execution has asked for
   */
  private record Relative(String id, String executionId, List<String> asked) {}

  /**
   * Removes the descendants of instances, the youngest first. Should that be cut short, those that
   * are left can still be found through their ancestors: whoever asks again removes them, too.
   */
  private long purgeDescendants(Collection<String> ancestors) {
    Set<String> seen = new HashSet<>(ancestors);
    Deque<List<Command.Purge.Target>> youngestFirst = new ArrayDeque<>();
    List<Relative> generation = new ArrayList<>();
    for (String ancestor : ancestors) {
      addRelative(ancestor, null, generation);
    }
    while (!generation.isEmpty()) {
      List<Relative> children = new ArrayList<>();
      for (Relative parent : generation) {
        for (String id : parent.asked()) {
          if (!seen.contains(id) && addRelative(id, parent.executionId(), children)) {
            seen.add(id);
          }
        }
      }
      youngestFirst.push(
          children.stream()
              .map(child -> new Command.Purge.Target(child.id(), child.executionId(), 0))
              .toList());
      generation = children;
    }
    long purged = 0;
    for (List<Command.Purge.Target> targets : youngestFirst) {
      purged += purgeAll(targets);
    }
    return purged;
  }

  /**
   * Adds an instance, if there is one and it belongs to the family. An id alone says nothing: it
   * may have been taken when the parent asked for it, or have been used again since.
   *
   * @param parentExecutionId what must have started it; null if that does not matter
   */
  private boolean addRelative(
      String id, @Nullable String parentExecutionId, List<Relative> relatives) {
    List<HistoryEvent> events;
    try {
      events = readHistory(id).events();
    } catch (InstanceNotFoundException e) {
      return false; // never started, or gone already
    }
    ExecutionStarted start = (ExecutionStarted) events.getFirst();
    ParentInstance parent = start.parent();
    if (parentExecutionId != null
        && (parent == null || !parent.executionId().equals(parentExecutionId))) {
      return false;
    }
    return relatives.add(
        new Relative(
            id,
            start.executionId(),
            events.stream()
                .filter(SubOrchestrationCreated.class::isInstance)
                .map(event -> ((SubOrchestrationCreated) event).instanceId())
                .distinct()
                .toList()));
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
    makeVisible();
    long began = engine.environment().nanoTime().getAsLong();
    long nanos = budget == null ? Long.MAX_VALUE : saturatedNanos(budget);
    Set<OrchestrationStatus> statuses =
        filter.statuses().isEmpty()
            ? EnumSet.of(
                OrchestrationStatus.COMPLETED,
                OrchestrationStatus.FAILED,
                OrchestrationStatus.TERMINATED)
            : filter.statuses();
    InstanceFilter rows =
        new InstanceFilter(
            0,
            codes(statuses),
            millis(filter.createdFrom(), Long.MIN_VALUE),
            millis(filter.createdTo(), Long.MAX_VALUE),
            millis(filter.completedFrom(), 0),
            millis(filter.completedTo(), Long.MAX_VALUE),
            "",
            null,
            Map.of(),
            false);
    long purged = 0;
    String token = null;
    List<CompletableFuture<Integer>> underWay = List.of();
    do {
      InstancePage page = engine.store().query(rows, PURGE_BATCH, token);
      List<String> ids = page.rows().stream().map(InstanceRow::id).toList();
      if (filter.recursive()) {
        purged += purgeDescendants(ids);
      }
      // One page is removed while the next one is looked up.
      List<CompletableFuture<Integer>> next =
          purgeByPartition(
              page.rows().stream()
                  .map(row -> new Command.Purge.Target(row.id(), null, row.columns().completedAt()))
                  .toList());
      purged += sum(underWay);
      underWay = next;
      token = page.continuationToken();
    } while (token != null && engine.environment().nanoTime().getAsLong() - began < nanos);
    return new Requests.Purged(purged + sum(underWay), token == null);
  }

  /**
   * Removes instances, with their families or without; those that have not ended are left alone.
   */
  long purgeEnded(Collection<String> ids, boolean recursive) {
    Set<String> distinct = new LinkedHashSet<>(ids);
    if (!recursive) {
      return purgeAll(targets(distinct));
    }
    List<String> ended =
        distinct.stream()
            .filter(id -> status(id, false).map(OrchestrationMetadata::isTerminal).orElse(false))
            .toList();
    return purgeDescendants(ended) + purgeAll(targets(ended));
  }

  private static List<Command.Purge.Target> targets(Collection<String> ids) {
    return ids.stream().map(Command.Purge.Target::any).toList();
  }

  private long purgeAll(List<Command.Purge.Target> targets) {
    return sum(purgeByPartition(targets));
  }

  private static long sum(List<CompletableFuture<Integer>> replies) {
    long sum = 0;
    for (CompletableFuture<Integer> reply : replies) {
      sum += Replies.get(reply);
    }
    return sum;
  }

  private List<CompletableFuture<Integer>> purgeByPartition(List<Command.Purge.Target> targets) {
    Map<Integer, List<Command.Purge.Target>> byPartition = new HashMap<>();
    for (Command.Purge.Target target : targets) {
      byPartition
          .computeIfAbsent(
              InstanceIds.partition(target.instanceId(), engine.partitions()),
              key -> new ArrayList<>())
          .add(target);
    }
    List<CompletableFuture<Integer>> replies = new ArrayList<>();
    byPartition.values().forEach(some -> replies.add(purge(some, true)));
    return replies;
  }

  private CompletableFuture<Integer> purge(
      List<Command.Purge.Target> targets, boolean skipUnfinished) {
    CompletableFuture<Integer> reply = new CompletableFuture<>();
    engine.post(targets.getFirst().instanceId(), new Command.Purge(targets, skipUnfinished, reply));
    return reply;
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
        (partition, some) -> {
          CompletableFuture<@Nullable Void> reply = new CompletableFuture<>();
          replies.add(reply);
          engine.postTo(partition, new Command.SignalEntities(some, reply));
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
    if (engine.functions().entity(entity.name()) == null) {
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
    return EntityProxies.proxy(
        operations,
        EntityProxies.Use.SIGNAL,
        (method, input) -> {
          signalEntity(entity, method.operation(), input, null);
          return null;
        });
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
    makeVisible();
    String prefix = "@";
    String name = query.name();
    if (name != null) {
      prefix = new EntityId(name, query.keyPrefix()).instanceId();
    }
    InstancePage page =
        engine
            .store()
            .query(
                Metadata.entityFilter(
                    prefix,
                    query.withoutState(),
                    millis(query.modifiedFrom(), Long.MIN_VALUE),
                    millis(query.modifiedTo(), Long.MAX_VALUE)),
                query.pageSize(),
                query.continuationToken());
    return new EntityQuery.Page(
        page.rows().stream()
            .map(row -> Metadata.ofEntity(row, query.states(), engine.converter()))
            .filter(entity -> !query.setAsideOnly() || entity.problem() != null)
            .toList(),
        page.continuationToken());
  }

  @Override
  public boolean purgeEntity(EntityId entity) {
    checkUse();
    String id = entityId(entity);
    CompletableFuture<Boolean> reply = new CompletableFuture<>();
    engine.post(id, new Command.PurgeEntity(id, reply));
    return Replies.get(reply);
  }

  @Override
  public EntityStorageCleanup cleanEntityStorage(
      boolean removeEmptyEntities, boolean releaseOrphanedLocks) {
    checkUse();
    long removed = 0;
    long released = 0;
    EntityQuery query = EntityQuery.ALL.withStatelessToo().withPageSize(PURGE_BATCH);
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
