package dev.perdure.engine.orchestrator;

import dev.perdure.api.CompositeTaskFailedException;
import dev.perdure.api.CriticalSection;
import dev.perdure.api.DurableHttpRequest;
import dev.perdure.api.DurableHttpResponse;
import dev.perdure.api.EntityId;
import dev.perdure.api.FunctionRef;
import dev.perdure.api.HistoryEvent.CustomStatusSet;
import dev.perdure.api.HistoryEvent.EventSent;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.TimerCanceled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.ParentInstance;
import dev.perdure.api.Payload;
import dev.perdure.api.Task;
import dev.perdure.api.TaskOptions;
import dev.perdure.api.TaskTimeoutException;
import dev.perdure.api.TypeRef;
import dev.perdure.engine.InstanceIds;
import dev.perdure.engine.MisplacedArguments;
import dev.perdure.engine.functions.ResolvedFunction;
import dev.perdure.engine.instance.Tries;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The context of a session. */
final class ContextImpl implements OrchestrationContext {
  private static final Duration TIMER_MAX = Duration.ofDays(365_250);

  /** The wish to begin afresh. */
  record Restart(@Nullable Payload input, boolean keepEvents) {}

  private final OrchestratorSession session;
  private final ExecutionStarted started;
  private int uuids;
  private @Nullable RandomGenerator random;
  private System.@Nullable Logger logger;
  private @Nullable Restart restart;
  private final EntityAccess entities;

  ContextImpl(OrchestratorSession session, ExecutionStarted started) {
    this.session = session;
    this.started = started;
    this.entities = new EntityAccess(session);
  }

  // ---- who and when -------------------------------------------------------------------------

  @Override
  public String instanceId() {
    return session.instanceId();
  }

  @Override
  public String name() {
    return started.name();
  }

  @Override
  public String version() {
    return started.version();
  }

  @Override
  public Optional<ParentInstance> parent() {
    return Optional.ofNullable(started.parent());
  }

  @Override
  public Map<String, String> tags() {
    // The order of immutable maps is another one in every process.
    return Collections.unmodifiableMap(new TreeMap<>(started.tags()));
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> @Nullable T input(Class<T> type) {
    session.checkUse("input");
    Payload input = started.input();
    return input == null
        ? null
        : (T) session.read(input, type, "input of orchestrator", started.name());
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> @Nullable T input(TypeRef<T> type) {
    session.checkUse("input");
    Payload input = started.input();
    return input == null
        ? null
        : (T) session.read(input, type.type(), "input of orchestrator", started.name());
  }

  @Override
  public Instant currentInstant() {
    session.checkUse("currentInstant");
    return session.now();
  }

  @Override
  public boolean isReplaying() {
    return session.isReplaying();
  }

  @Override
  public UUID newUuid() {
    session.checkUse("newUuid");
    String name = started.executionId() + "/uuid/" + uuids++;
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public RandomGenerator random() {
    session.checkUse("random");
    RandomGenerator source = random;
    if (source == null) {
      source = DeterministicRandom.seededBy(started.executionId() + "/random");
      random = source;
    }
    return source;
  }

  @Override
  public System.Logger logger() {
    System.Logger target = logger;
    if (target == null) {
      target =
          new ReplaySafeLogger(
              System.getLogger("dev.perdure.orchestrator." + started.name()),
              () -> session.isReplaying() || session.isLeft());
      logger = target;
    }
    return target;
  }

  // ---- activities ---------------------------------------------------------------------------

  @Override
  public <R> Task<@Nullable R> callActivity(
      String name, @Nullable Object input, TaskOptions options, Class<R> resultType) {
    return activity(name, input, options, resultType);
  }

  @Override
  public <R> Task<@Nullable R> callActivity(
      String name, @Nullable Object input, TaskOptions options, TypeRef<R> resultType) {
    return activity(name, input, options, resultType.type());
  }

  <R extends @Nullable Object> TaskImpl<R> activity(
      String name, @Nullable Object input, TaskOptions options, Type resultType) {
    session.checkUse("callActivity");
    Objects.requireNonNull(name, "callActivity: the activity's name is null");
    if (options.instanceId() != null || options.version() != null || !options.tags().isEmpty()) {
      throw new IllegalArgumentException(
          "callActivity('%s'): instance id, version and tags are options of sub-orchestrations, not of activities."
              .formatted(name));
    }
    MisplacedArguments.refuse(input, "callActivity", name);
    Payload payload = writeInput("input of activity '" + name + "'", input);
    PayloadTask<R> task = new PayloadTask<>(session, resultType, "result of activity", name);
    return new ActivityCall<>(this, session, name, payload, options.retry(), task).start();
  }

  @Override
  public <R extends @Nullable Object> Task<R> callByReference(
      FunctionRef.ToActivity activity, @Nullable Object input, TaskOptions options) {
    session.checkUse("call");
    ResolvedFunction function = session.config().functions().resolve(activity);
    return activity(function.name(), input, options, function.resultType());
  }

  // ---- sub-orchestrations -------------------------------------------------------------------

  @Override
  public <R> Task<@Nullable R> callSubOrchestrator(
      String name, @Nullable Object input, TaskOptions options, Class<R> resultType) {
    return subOrchestrator(name, input, options, resultType);
  }

  @Override
  public <R> Task<@Nullable R> callSubOrchestrator(
      String name, @Nullable Object input, TaskOptions options, TypeRef<R> resultType) {
    return subOrchestrator(name, input, options, resultType.type());
  }

  @Override
  public <R extends @Nullable Object> Task<R> callSubOrchestratorByReference(
      FunctionRef.ToOrchestrator orchestrator, @Nullable Object input, TaskOptions options) {
    session.checkUse("callSubOrchestrator");
    ResolvedFunction function = session.config().functions().resolve(orchestrator);
    boolean versioned = options.version() == null && !function.version().isEmpty();
    return subOrchestrator(
        function.name(),
        input,
        versioned ? options.withVersion(function.version()) : options,
        function.resultType());
  }

  private <R extends @Nullable Object> Task<R> subOrchestrator(
      String name, @Nullable Object input, TaskOptions options, Type resultType) {
    session.checkUse("callSubOrchestrator");
    Objects.requireNonNull(name, "callSubOrchestrator: the orchestrator's name is null");
    entities.checkSubOrchestrationAllowed(name);
    if (options.instanceId() != null) {
      InstanceIds.check(options.instanceId(), session.config().instanceIdCharsMax());
    }
    MisplacedArguments.refuse(input, "callSubOrchestrator", name);
    Payload payload = writeInput("input of sub-orchestration '" + name + "'", input);
    PayloadTask<R> task =
        new PayloadTask<>(session, resultType, "result of sub-orchestration", name);
    return new SubOrchestrationCall<>(this, session, name, payload, options, task).start();
  }

  // ---- entities -----------------------------------------------------------------------------

  @Override
  public <R> Task<@Nullable R> callEntity(
      EntityId entity, String operation, @Nullable Object input, Class<R> resultType) {
    return entities.call(entity, operation, input, resultType);
  }

  @Override
  public <R> Task<@Nullable R> callEntity(
      EntityId entity, String operation, @Nullable Object input, TypeRef<R> resultType) {
    return entities.call(entity, operation, input, resultType.type());
  }

  @Override
  public <R extends @Nullable Object> Task<R> callEntityByReference(
      EntityId entity, FunctionRef.ToEntityOperation operation, @Nullable Object input) {
    return entities.callByReference(entity, operation, input);
  }

  @Override
  public void signalEntity(
      EntityId entity, String operation, @Nullable Object input, @Nullable Instant at) {
    entities.signal(entity, operation, input, at);
  }

  @Override
  public void signalEntityByReference(
      EntityId entity,
      FunctionRef.ToEntityOperation operation,
      @Nullable Object input,
      @Nullable Instant at) {
    entities.signalByReference(entity, operation, input, at);
  }

  @Override
  public Task<CriticalSection> lockEntities(List<EntityId> wanted) {
    return entities.lock(wanted);
  }

  @Override
  public List<EntityId> lockedEntities() {
    return entities.locked();
  }

  @Override
  public <T> T entityProxy(Class<T> operations, EntityId entity) {
    return entities.callProxy(operations, entity);
  }

  @Override
  public <T> T signalProxy(Class<T> operations, EntityId entity) {
    return entities.signalProxy(operations, entity);
  }

  // ---- time, events, messages ---------------------------------------------------------------

  @Override
  public Task<@Nullable Void> createTimer(Duration delay) {
    session.checkUse("createTimer");
    checkDelay("createTimer", delay);
    return timer(session.now().plus(delay));
  }

  @Override
  public Task<@Nullable Void> createTimer(Instant fireAt) {
    session.checkUse("createTimer");
    Objects.requireNonNull(fireAt, "createTimer: the time is null");
    if (Duration.between(session.now(), fireAt).compareTo(TIMER_MAX) > 0) {
      throw new IllegalArgumentException(
          "createTimer: %s is more than 1000 years away.".formatted(fireAt));
    }
    return timer(fireAt.isBefore(session.now()) ? session.now() : fireAt);
  }

  private static void checkDelay(String method, Duration delay) {
    Objects.requireNonNull(delay, () -> method + ": the duration is null");
    if (delay.isNegative() || delay.compareTo(TIMER_MAX) > 0) {
      throw new IllegalArgumentException(
          "%s: %s is not a duration between zero and 1000 years.".formatted(method, delay));
    }
  }

  TimerTask timer(Instant fireAt) {
    return timer(fireAt, () -> null);
  }

  /**
   * A timer.
   *
   * @param tries tells of the call whose next attempt it puts off; null if there is none
   */
  TimerTask timer(Instant fireAt, Supplier<@Nullable Tries> tries) {
    TimerTask task = new TimerTask(session, tries);
    task.set(fireAt);
    return task;
  }

  /** A timer; giving it up removes it. */
  static final class TimerTask extends TaskImpl<@Nullable Void>
      implements OrchestratorSession.Waiter {
    private final Supplier<@Nullable Tries> tries;
    private int taskId;

    TimerTask(OrchestratorSession session, Supplier<@Nullable Tries> tries) {
      super(session);
      this.tries = tries;
    }

    @Override
    public void completed(@Nullable Payload result) {
      complete(null);
    }

    @Override
    public @Nullable Tries tries() {
      return tries.get();
    }

    void set(Instant fireAt) {
      taskId = session.open(this);
      // The stored precision is a millisecond; rounding up keeps a timer from firing too early.
      Instant millis = Instant.ofEpochMilli(fireAt.plusNanos(999_999).toEpochMilli());
      session.act(new TimerCreated(session.timestamp(), taskId, millis));
    }

    @Override
    void cancelled() {
      session.forget(taskId);
      session.act(new TimerCanceled(session.timestamp(), taskId));
    }
  }

  @Override
  public <T> Task<@Nullable T> waitForExternalEvent(String name, Class<T> type) {
    return event(name, null, type);
  }

  @Override
  public <T> Task<@Nullable T> waitForExternalEvent(String name, TypeRef<T> type) {
    return event(name, null, type.type());
  }

  @Override
  public <T> Task<@Nullable T> waitForExternalEvent(String name, Duration timeout, Class<T> type) {
    checkDelay("waitForExternalEvent", timeout);
    return event(name, timeout, type);
  }

  @Override
  public <T> Task<@Nullable T> waitForExternalEvent(
      String name, Duration timeout, TypeRef<T> type) {
    checkDelay("waitForExternalEvent", timeout);
    return event(name, timeout, type.type());
  }

  private <T extends @Nullable Object> Task<T> event(
      String name, @Nullable Duration timeout, Type type) {
    session.checkUse("waitForExternalEvent");
    EventNames.check(name);
    if (!session.inbox().hasEvent(name)) {
      session.checkOpenTasks();
    }
    EventTask<T> task = new EventTask<>(session, name, type);
    task.waitForIt();
    if (timeout != null && !task.isDone()) {
      TimerTask timer;
      try {
        timer = timer(session.now().plus(timeout));
      } catch (RuntimeException e) {
        task.cancelled(); // it would take an event that nobody waits for
        throw e;
      }
      timer.onEnd(() -> task.timedOut(timeout));
      task.onEnd(
          () -> {
            if (!timer.isDone()) {
              timer.cancel();
            }
          });
    }
    return task;
  }

  /** A wait for an event; giving it up leaves the event to the next. */
  private static final class EventTask<T extends @Nullable Object> extends PayloadTask<T> {
    private final String name;
    private EventInbox.@Nullable Waiter waiter;

    EventTask(OrchestratorSession session, String name, Type type) {
      super(session, type, "payload of event", name);
      this.name = name;
    }

    void waitForIt() {
      waiter = session.inbox().await(name, this::completeWith);
    }

    void timedOut(Duration timeout) {
      if (!isDone()) {
        cancelled();
        fail(
            new TaskTimeoutException(
                "No event '%s' came to instance '%s' within %s."
                    .formatted(name, session.instanceId(), timeout)));
      }
    }

    @Override
    void cancelled() {
      if (waiter != null) {
        session.inbox().leave(name, waiter);
      }
    }
  }

  @Override
  public void sendEvent(String instanceId, String eventName, @Nullable Object payload) {
    session.checkUse("sendEvent");
    InstanceIds.check(instanceId, session.config().instanceIdCharsMax());
    EventNames.check(eventName);
    MisplacedArguments.refuse(payload, "sendEvent", eventName);
    Payload content = writeInput("event '" + eventName + "'", payload);
    session.act(
        new EventSent(session.timestamp(), session.newTaskId(), instanceId, eventName, content));
  }

  @Override
  public Task<DurableHttpResponse> callHttp(DurableHttpRequest request) {
    session.checkUse("callHttp");
    return new HttpCall(this, session).start(request);
  }

  // ---- combining ----------------------------------------------------------------------------

  @Override
  public <V extends @Nullable Object> Task<List<V>> allOf(List<? extends Task<? extends V>> tasks) {
    session.checkUse("allOf");
    List<TaskImpl<? extends V>> own = new ArrayList<>(tasks.size());
    for (Task<? extends V> task : tasks) {
      own.add(session.own(task));
    }
    return new AllOf<V>(session, own).start();
  }

  /** All of some tasks; the results are gathered when somebody asks. */
  private static final class AllOf<V extends @Nullable Object> extends TaskImpl<List<V>> {
    private final List<TaskImpl<? extends V>> tasks;
    private int open;

    AllOf(OrchestratorSession session, List<TaskImpl<? extends V>> tasks) {
      super(session);
      this.tasks = tasks;
      this.open = tasks.size();
    }

    AllOf<V> start() {
      if (tasks.isEmpty()) {
        complete(List.of());
      }
      for (TaskImpl<? extends V> task : tasks) {
        task.onEnd(this::oneEnded);
      }
      return this;
    }

    private void oneEnded() {
      open--;
      if (open == 0) {
        List<RuntimeException> failures = new ArrayList<>(0);
        for (TaskImpl<? extends V> task : tasks) {
          if (task.isFailed()) {
            try {
              task.get();
            } catch (RuntimeException e) {
              failures.add(e);
            } catch (Error e) {
              failWith(e);
              return;
            }
          }
        }
        if (failures.isEmpty()) {
          complete(List.of());
        } else {
          fail(new CompositeTaskFailedException(tasks.size(), failures));
        }
      }
    }

    @Override
    List<V> result() {
      List<V> results = new ArrayList<>(tasks.size());
      for (TaskImpl<? extends V> task : tasks) {
        results.add(task.get());
      }
      return results;
    }
  }

  @Override
  public Task<Task<?>> anyOf(List<? extends Task<?>> tasks) {
    session.checkUse("anyOf");
    if (tasks.isEmpty()) {
      throw new IllegalArgumentException("anyOf: there is no task to wait for.");
    }
    TaskImpl<Task<?>> any = new TaskImpl<>(session);
    for (Task<?> task : tasks) {
      if (task.isDone()) {
        session.own(task);
        any.complete(task);
        return any;
      }
    }
    List<TaskImpl<?>> own = new ArrayList<>(tasks.size());
    List<TaskImpl.Listener> listeners = new ArrayList<>(tasks.size());
    for (Task<?> task : tasks) {
      TaskImpl<?> impl = session.own(task);
      own.add(impl);
      listeners.add(impl.onEnd(() -> any.complete(task)));
    }
    any.onEnd(
        () -> {
          for (int i = 0; i < own.size(); i++) {
            own.get(i).remove(listeners.get(i));
          }
        });
    return any;
  }

  @Override
  public <V extends @Nullable Object> Iterable<Task<V>> inCompletionOrder(List<Task<V>> tasks) {
    session.checkUse("inCompletionOrder");
    return () -> new CompletionOrder<>(session, tasks);
  }

  private static final class CompletionOrder<V extends @Nullable Object>
      implements Iterator<Task<V>> {
    private final OrchestratorSession session;
    private final Deque<TaskImpl<V>> ended = new ArrayDeque<>();
    private @Nullable TaskImpl<@Nullable Void> signal;
    private int left;

    CompletionOrder(OrchestratorSession session, List<Task<V>> tasks) {
      this.session = session;
      this.left = tasks.size();
      for (Task<V> task : tasks) {
        TaskImpl<V> own = session.own(task);
        own.onEnd(() -> took(own));
      }
    }

    private void took(TaskImpl<V> task) {
      ended.add(task);
      if (signal != null) {
        signal.complete(null);
      }
    }

    @Override
    public boolean hasNext() {
      return left > 0;
    }

    @Override
    public Task<V> next() {
      if (left == 0) {
        throw new NoSuchElementException("All tasks have been handed over.");
      }
      if (ended.isEmpty()) {
        TaskImpl<@Nullable Void> one = new TaskImpl<>(session);
        signal = one;
        session.waitFor(one);
        signal = null;
      }
      left--;
      return ended.remove();
    }
  }

  // ---- itself -------------------------------------------------------------------------------

  @Override
  public void setCustomStatus(@Nullable Object status) {
    session.checkUse("setCustomStatus");
    MisplacedArguments.refuse(status, "setCustomStatus", null);
    session.act(new CustomStatusSet(session.timestamp(), writeInput("custom status", status)));
  }

  @Override
  public void continueAsNew(@Nullable Object input, boolean preserveUnprocessedEvents) {
    session.checkUse("continueAsNew");
    MisplacedArguments.refuse(input, "continueAsNew", null);
    restart = new Restart(writeInput("input of continueAsNew", input), preserveUnprocessedEvents);
  }

  @Nullable Restart restart() {
    return restart;
  }

  private @Nullable Payload writeInput(String what, @Nullable Object value) {
    return value == null ? null : session.write(what, value);
  }

  String executionId() {
    return started.executionId();
  }
}
