package dev.perdure.engine.instance;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.ContinuedAsNew;
import dev.perdure.api.HistoryEvent.CustomStatusSet;
import dev.perdure.api.HistoryEvent.EntityLockGranted;
import dev.perdure.api.HistoryEvent.EntityLockRequested;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityOperationCompleted;
import dev.perdure.api.HistoryEvent.EntityOperationFailed;
import dev.perdure.api.HistoryEvent.EntityOperationSignaled;
import dev.perdure.api.HistoryEvent.EntityUnlockSent;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.EventSent;
import dev.perdure.api.HistoryEvent.ExecutionCompleted;
import dev.perdure.api.HistoryEvent.ExecutionRequeued;
import dev.perdure.api.HistoryEvent.ExecutionResumed;
import dev.perdure.api.HistoryEvent.ExecutionRewound;
import dev.perdure.api.HistoryEvent.ExecutionSetAside;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.ExecutionSuspended;
import dev.perdure.api.HistoryEvent.OrchestratorCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.SubOrchestrationFailed;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TaskFailed;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerCanceled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.HistoryEvent.TimerFired;
import dev.perdure.api.HistoryEvent.WorkRedelivered;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.ParentInstance;
import dev.perdure.api.Payload;
import dev.perdure.api.Problem;
import dev.perdure.api.TraceContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state of one orchestration: what remains of its history once the payloads that code alone
 * needs are left out. {@link #apply} is the only way it changes.
 *
 * <p>Used by the thread of its partition only.
 */
public final class Instance {
  /** The task id of the timer that holds back a scheduled start. */
  public static final int SCHEDULED_START = -1;

  /**
   * Stands among the names of external events that are waited for where these are not known, since
   * remote workers do not tell, and after the first ones of many.
   */
  public static final String ANY_EVENT = "*";

  private final String id;

  String name = "";
  String version = "";
  String executionId = "";

  /** How often the current execution was rewound. */
  int rewinds;

  /** The log position at which the current execution began; tells it from earlier ones. */
  long execution;

  OrchestrationStatus status = OrchestrationStatus.PENDING;
  long createdAt;
  long updatedAt;
  long completedAt;

  /** When it was to begin, in milliseconds since 1970; 0 for at once. */
  long scheduledStart;

  /** Whether a step was ever taken, be it in an earlier execution. */
  boolean begun;

  @Nullable TraceContext traceContext;
  @Nullable ParentInstance parent;
  Map<String, String> tags = Map.of();
  @Nullable Payload input;
  @Nullable Payload output;
  @Nullable Payload customStatus;
  @Nullable FailureDetails failure;
  @Nullable FailureDetails lastTaskFailure;
  @Nullable Problem problem;

  final OpenTasks open = new OpenTasks();

  /** Events in the history of the current execution. */
  int events;

  /** How many of them are for the code, and how many of those the code has been handed. */
  int deliverable;

  int delivered;
  List<String> waitingFor = List.of();
  int stepRedeliveries;

  @Nullable EntityLocks locks;

  /** The log position up to which this state is true; -1 before the first event. */
  long position = -1;

  private boolean continuing;

  // What the rows of the store still hold of the past; a checkpoint deletes it.
  private final List<OpenTask.Timer> staleTimers = new ArrayList<>(0);

  /** A state without any history. */
  public Instance(String id) {
    this.id = id;
  }

  /**
   * Takes an event into account.
   *
   * @param event the event
   * @param at the log position of the transition it belongs to
   */
  public void apply(HistoryEvent event, long at) {
    position = at;
    updatedAt = event.timestamp().toEpochMilli();
    switch (event) {
      case ExecutionStarted e -> started(e, at);
      case OrchestratorCompleted e -> {
        delivered = e.delivered();
        waitingFor = e.waitingFor();
        stepRedeliveries = 0;
        begun = true;
        if (status == OrchestrationStatus.PENDING) {
          status = OrchestrationStatus.RUNNING;
        }
      }
      case TaskScheduled e -> opened(activity(e));
      case SubOrchestrationCreated e -> opened(subOrchestration(e));
      case TimerCreated e ->
          opened(new OpenTask.Timer(e.taskId(), updatedAt, e.fireAt().toEpochMilli(), false));
      case TaskCompleted e -> closedFor(e.taskId());
      case TaskFailed e -> {
        lastTaskFailure = e.failure();
        closedFor(e.taskId());
      }
      case SubOrchestrationCompleted e -> closedFor(e.taskId());
      case SubOrchestrationFailed e -> {
        lastTaskFailure = e.failure();
        closedFor(e.taskId());
      }
      case TimerFired e -> {
        if (e.taskId() == SCHEDULED_START) {
          closed(e.taskId());
        } else {
          closedFor(e.taskId());
        }
      }
      case TimerCanceled e -> closed(e.taskId());
      case EventRaised e -> deliverable++;
      case EventSent e -> {}
      case EntityOperationCalled e -> opened(entityCall(e));
      case EntityOperationSignaled e -> {}
      case EntityOperationCompleted e -> closedFor(e.taskId());
      case EntityOperationFailed e -> {
        lastTaskFailure = e.failure();
        closedFor(e.taskId());
      }
      case EntityLockRequested e -> {
        opened(new OpenTask.Lock(e.taskId(), updatedAt, e.lockSet()));
        locks = new EntityLocks(e.taskId(), updatedAt, e.lockSet(), false);
      }
      case EntityLockGranted e -> {
        closedFor(e.taskId());
        if (locks != null) {
          locks = locks.asGranted();
        }
      }
      case EntityUnlockSent e -> {
        closed(e.taskId());
        locks = null;
      }
      case CustomStatusSet e -> customStatus = e.status();
      case ExecutionSuspended e -> status = OrchestrationStatus.SUSPENDED;
      case ExecutionResumed e ->
          status = begun ? OrchestrationStatus.RUNNING : OrchestrationStatus.PENDING;
      case ExecutionRewound e -> rewound(e);
      case ExecutionSetAside e -> problem = e.problem();
      case ExecutionRequeued e -> {
        problem = null;
        stepRedeliveries = 0;
        for (OpenTask task : open.all()) {
          if (task instanceof OpenTask.Activity activity) {
            activity.redelivered(0);
          }
        }
      }
      case WorkRedelivered e -> {
        if (open.get(e.taskId()) instanceof OpenTask.Activity activity) {
          activity.redelivered(e.count());
        } else {
          stepRedeliveries = e.count();
        }
      }
      case ContinuedAsNew e -> continuing = true;
      case ExecutionCompleted e -> {
        status = e.status();
        output = e.output();
        failure = e.failure();
        completedAt = updatedAt;
        waitingFor = List.of();
        problem = null;
        locks = null;
        closeAll();
      }
    }
    events++;
  }

  private void started(ExecutionStarted e, long at) {
    closeAll();
    name = e.name();
    version = e.version();
    executionId = e.executionId();
    rewinds = 0;
    execution = at;
    if (!continuing) {
      status = OrchestrationStatus.PENDING;
      createdAt = updatedAt;
      scheduledStart = e.scheduledStart() == null ? 0 : e.scheduledStart().toEpochMilli();
      begun = false;
      customStatus = null;
    }
    continuing = false;
    completedAt = 0;
    traceContext = e.traceContext();
    parent = e.parent();
    tags = e.tags();
    input = e.input();
    output = null;
    failure = null;
    lastTaskFailure = null;
    problem = null;
    events = 0;
    deliverable = 1;
    delivered = 0;
    waitingFor = List.of();
    stepRedeliveries = 0;
    locks = null;
    if (e.scheduledStart() != null) {
      opened(
          new OpenTask.Timer(SCHEDULED_START, updatedAt, e.scheduledStart().toEpochMilli(), false));
    }
  }

  private void rewound(ExecutionRewound e) {
    rewinds++;
    if (parent != null && e.parentRewinds() > 0) {
      parent = Rewind.rewound(parent, e.parentRewinds());
    }
    status = OrchestrationStatus.RUNNING;
    begun = true;
    completedAt = 0;
    output = null;
    failure = null;
    lastTaskFailure = null;
    delivered = e.delivered();
    deliverable = e.deliverable();
    if (e.code() != null) {
      if (e.code().statusRemoved()) {
        customStatus = e.code().customStatus();
      }
      waitingFor = e.code().waitingFor();
    }
    for (HistoryEvent task : e.reopened()) {
      switch (task) {
        case TaskScheduled t -> opened(activity(t));
        case SubOrchestrationCreated t -> opened(subOrchestration(t));
        case EntityOperationCalled t -> opened(entityCall(t));
        case TimerCreated t ->
            opened(
                new OpenTask.Timer(
                    t.taskId(), t.timestamp().toEpochMilli(), t.fireAt().toEpochMilli(), false));
        default -> throw new IllegalStateException("Not a task that can be reopened: " + task);
      }
    }
  }

  /** The task that waits for an activity that was called. */
  public static OpenTask.Activity activity(TaskScheduled e) {
    return activity(e, 0, OpenTask.Activity.NOT_STORED);
  }

  static OpenTask.Activity activity(TaskScheduled e, int redeliveries, int chunk) {
    return new OpenTask.Activity(
        e.taskId(),
        e.timestamp().toEpochMilli(),
        e.name(),
        e.input(),
        e.firstTaskId(),
        e.attempt(),
        e.version(),
        e.tags(),
        e.traceContext(),
        redeliveries,
        chunk);
  }

  private static OpenTask subOrchestration(SubOrchestrationCreated e) {
    return new OpenTask.SubOrchestration(
        e.taskId(), e.timestamp().toEpochMilli(), e.instanceId(), e.name());
  }

  private static OpenTask entityCall(EntityOperationCalled e) {
    return new OpenTask.EntityCall(
        e.taskId(), e.timestamp().toEpochMilli(), e.instanceId(), e.operation());
  }

  void opened(OpenTask task) {
    open.put(task);
  }

  private void closedFor(int taskId) {
    closed(taskId);
    deliverable++;
  }

  private void closed(int taskId) {
    // A timer may fire while the step that cancels it is under way: then it is not open any more.
    if (open.remove(taskId) instanceof OpenTask.Timer timer && timer.stored()) {
      staleTimers.add(timer);
    }
  }

  private void closeAll() {
    for (OpenTask task : open.all()) {
      if (task instanceof OpenTask.Timer timer && timer.stored()) {
        staleTimers.add(timer);
      }
    }
    open.clear();
  }

  /**
   * The instance was removed; only its id is left.
   *
   * @param at the log position of the removal
   */
  public void removed(long at) {
    position = at;
    closeAll();
    input = null;
    output = null;
    customStatus = null;
    failure = null;
    lastTaskFailure = null;
  }

  /** Whether the event is handed to the orchestrator's code. */
  public static boolean isDeliverable(HistoryEvent event) {
    return switch (event) {
      case ExecutionStarted e -> true;
      case TaskCompleted e -> true;
      case TaskFailed e -> true;
      case SubOrchestrationCompleted e -> true;
      case SubOrchestrationFailed e -> true;
      case TimerFired e -> e.taskId() != SCHEDULED_START;
      case EventRaised e -> true;
      case EntityOperationCompleted e -> true;
      case EntityOperationFailed e -> true;
      case EntityLockGranted e -> true;
      case EntityOperationCalled e -> false;
      case EntityOperationSignaled e -> false;
      case EntityLockRequested e -> false;
      case EntityUnlockSent e -> false;
      case OrchestratorCompleted e -> false;
      case TaskScheduled e -> false;
      case SubOrchestrationCreated e -> false;
      case TimerCreated e -> false;
      case TimerCanceled e -> false;
      case EventSent e -> false;
      case CustomStatusSet e -> false;
      case ExecutionSuspended e -> false;
      case ExecutionResumed e -> false;
      case ExecutionRewound e -> false;
      case ExecutionSetAside e -> false;
      case ExecutionRequeued e -> false;
      case WorkRedelivered e -> false;
      case ContinuedAsNew e -> false;
      case ExecutionCompleted e -> false;
    };
  }

  /** Whether the code has something to do: events it has not been handed, and nothing holds it. */
  public boolean needsStep() {
    return delivered < deliverable
        && !status.isTerminal()
        && status != OrchestrationStatus.SUSPENDED
        && problem == null
        && open.get(SCHEDULED_START) == null;
  }

  /**
   * Whether there is work under way that only the memory of a host knows: after a crash, recovery
   * has to look at this instance. Timers, messages and events come by themselves.
   */
  public boolean isActive() {
    if (status.isTerminal()) {
      return false;
    }
    if (problem != null || needsStep()) {
      return true;
    }
    for (OpenTask task : open.all()) {
      if (task instanceof OpenTask.Activity) {
        return true;
      }
    }
    return false;
  }

  /** Timers that have rows in the store but are no longer set; forgets them. */
  public List<OpenTask.Timer> takeStaleTimers() {
    if (staleTimers.isEmpty()) {
      return List.of();
    }
    List<OpenTask.Timer> taken = List.copyOf(staleTimers);
    staleTimers.clear();
    return taken;
  }

  /** Whether there ever was an event. */
  public boolean exists() {
    return position >= 0;
  }

  /** The instance id. */
  public String id() {
    return id;
  }

  /** The orchestrator's name. */
  public String name() {
    return name;
  }

  /** The version; may be empty. */
  public String version() {
    return version;
  }

  /** The id of the current execution. */
  public String executionId() {
    return executionId;
  }

  /** The id of the current execution as clients and workers are told it. */
  public String publicExecutionId() {
    return Rewind.executionId(executionId, rewinds);
  }

  /** Whether a step was taken, in this execution or in one that it continues. */
  public boolean hasBegun() {
    return begun;
  }

  /** The log position at which the current execution began. */
  public long execution() {
    return execution;
  }

  /** Where it stands. */
  public OrchestrationStatus status() {
    return status;
  }

  /** Milliseconds since 1970. */
  public long createdAt() {
    return createdAt;
  }

  /** Milliseconds since 1970. */
  public long updatedAt() {
    return updatedAt;
  }

  /** Milliseconds since 1970; 0 while it has not ended. */
  public long completedAt() {
    return completedAt;
  }

  /** When it was to begin, in milliseconds since 1970; 0 for at once. */
  public long scheduledStart() {
    return scheduledStart;
  }

  /** The trace of whoever started it. */
  public @Nullable TraceContext traceContext() {
    return traceContext;
  }

  /** The orchestration that started it. */
  public @Nullable ParentInstance parent() {
    return parent;
  }

  /** The orchestration that started it, with its execution's id as clients are told it. */
  public @Nullable ParentInstance publicParent() {
    return Rewind.withPublicId(parent);
  }

  /** How often the current execution was rewound. */
  public int rewinds() {
    return rewinds;
  }

  /** The tags given at the start. */
  public Map<String, String> tags() {
    return tags;
  }

  /** The input. */
  public @Nullable Payload input() {
    return input;
  }

  /** The output. */
  public @Nullable Payload output() {
    return output;
  }

  /** The custom status. */
  public @Nullable Payload customStatus() {
    return customStatus;
  }

  /** What went wrong, for a failed one. */
  public @Nullable FailureDetails failure() {
    return failure;
  }

  /** The last failure of a task in this execution. */
  public @Nullable FailureDetails lastTaskFailure() {
    return lastTaskFailure;
  }

  /** Why it was set aside. */
  public @Nullable Problem problem() {
    return problem;
  }

  /** The tasks that will wake it. */
  public Collection<OpenTask> openTasks() {
    return open.all();
  }

  /** A task that will wake it; null if there is no such open task. */
  public @Nullable OpenTask openTask(int taskId) {
    return open.get(taskId);
  }

  /** Events in the history of the current execution. */
  public int events() {
    return events;
  }

  /** How many events the code has been handed. */
  public int delivered() {
    return delivered;
  }

  /** Names of the external events that the code waits for. */
  public List<String> waitingFor() {
    return waitingFor;
  }

  /** Locks of entities that it holds or has asked for; null if there are none. */
  public @Nullable EntityLocks locks() {
    return locks;
  }

  /** How often a step of it was under way when a host died. */
  public int stepRedeliveries() {
    return stepRedeliveries;
  }

  /** The log position up to which this state is true. */
  public long position() {
    return position;
  }
}
