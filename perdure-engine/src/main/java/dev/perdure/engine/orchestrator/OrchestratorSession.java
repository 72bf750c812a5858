package dev.perdure.engine.orchestrator;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.EntityLockGranted;
import dev.perdure.api.HistoryEvent.EntityOperationCompleted;
import dev.perdure.api.HistoryEvent.EntityOperationFailed;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationFailed;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TaskFailed;
import dev.perdure.api.HistoryEvent.TimerFired;
import dev.perdure.api.OrchestratorMisuseException;
import dev.perdure.api.Payload;
import dev.perdure.api.PayloadTooLargeException;
import dev.perdure.api.PerdureException;
import dev.perdure.api.Problem;
import dev.perdure.api.Task;
import dev.perdure.engine.MisplacedArguments;
import dev.perdure.engine.PayloadReader;
import dev.perdure.engine.functions.OrchestratorFunction;
import dev.perdure.engine.instance.Tries;
import dev.perdure.engine.orchestrator.StepResult.Outcome;
import dev.perdure.store.CorruptStoreException;
import dev.perdure.store.StoreException;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One orchestration in memory: its code on a thread, parked while it waits.
 *
 * <p>The engine hands over events with {@link #step}, and gets one {@link StepResult} back for each
 * such call; it never hands over more before that. Everything else happens on the session's own
 * thread: events are taken one at a time, and the code goes on whenever what it waits for is there.
 * So what the code sees depends on the order of events alone, not on how they were bundled.
 */
public final class OrchestratorSession implements OrchestratorRun {
  private static final System.Logger LOG = System.getLogger("dev.perdure.orchestrator");

  private static final int READ_ATTEMPTS = 6;

  private static final long READ_RETRY_NANOS = 50_000_000;

  /** How often code may catch what unwinds it; reasonable handlers and finally blocks are fewer. */
  private static final int UNWINDS_MAX = 1_000;

  private final SessionConfig config;
  private final String instanceId;
  private final Listener listener;
  private final @Nullable Supplier<List<HistoryEvent>> coldHistory;
  private final Thread thread;

  // Handed from the engine to the session's thread.
  private volatile @Nullable List<HistoryEvent> incoming;
  private volatile boolean closed;
  private volatile long stepStartedNanos;

  // Used by the session's thread only.
  private List<HistoryEvent> events = List.of();
  private int nextEvent;
  private int delivered;
  private @Nullable Replay replay;
  private List<HistoryEvent> actions = new ArrayList<>(2);
  private final Map<Integer, Waiter> waiters = new HashMap<>();
  private final EventInbox inbox = new EventInbox();
  private @Nullable ExecutionStarted started;
  private Instant now = Instant.EPOCH;
  private int nextTaskId;
  private int removedTasks; // by rewinds, whose ids are not given again
  private int callbackDepth;
  private final Deque<Runnable> callbacks = new ArrayDeque<>(2);
  private boolean callingBack;
  private boolean ended;
  private int unwinds;
  private @Nullable ContextImpl context;

  /** Gets what comes back for a task that was asked for. */
  interface Waiter {
    /** It went well. */
    void completed(@Nullable Payload result);

    /** It failed. */
    default void failed(FailureDetails failure) {
      throw new IllegalStateException("A timer cannot fail");
    }

    /** Which attempt of a call it is for; null if it is not for one that is tried again. */
    default @Nullable Tries tries() {
      return null;
    }
  }

  /**
   * A session whose code has not begun.
   *
   * @param coldHistory reads the history, for an orchestration whose code has run before; null for
   *     one that begins now. Called on the session's thread
   */
  public OrchestratorSession(
      SessionConfig config,
      String instanceId,
      @Nullable Supplier<List<HistoryEvent>> coldHistory,
      Listener listener) {
    this.config = config;
    this.instanceId = instanceId;
    this.coldHistory = coldHistory;
    this.listener = listener;
    this.thread = config.threads().newThread(this::run);
    this.stepStartedNanos = config.nanoTime().getAsLong();
  }

  // ---- the engine's side --------------------------------------------------------------------

  @Override
  public void start(List<HistoryEvent> firstEvents) {
    incoming = firstEvents;
    thread.start();
  }

  @Override
  public void step(List<HistoryEvent> newEvents) {
    incoming = newEvents;
    LockSupport.unpark(thread);
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  /** When the code began with the current or last step, by the clock of the environment. */
  @Override
  public long startedNanos() {
    return stepStartedNanos;
  }

  /** Whether events have been handed over that the code has not begun with, for want of a CPU. */
  @Override
  public boolean isQueued() {
    return incoming != null;
  }

  /** The session's thread is parked then, and has handed over what it did. */
  @Override
  public @Nullable Tries tries(int taskId) {
    Waiter waiter = waiters.get(taskId);
    return waiter == null ? null : waiter.tries();
  }

  @Override
  public StackTraceElement[] stack() {
    return thread.getStackTrace();
  }

  @Override
  public Thread.State threadState() {
    return thread.getState();
  }

  // ---- the life of the thread ---------------------------------------------------------------

  private void run() {
    Outcome outcome;
    try {
      outcome = runCode();
    } catch (Unwound e) {
      outcome = null;
    } catch (Throwable e) {
      outcome = problemOrFailure(e);
    }
    if (outcome != null && !ended && !closed) {
      endReplay(outcome);
    }
    ended = true;
  }

  private void endReplay(Outcome outcome) {
    Replay.Difference difference =
        replay == null || outcome instanceof StepResult.Stuck
            ? null
            : replay.ended(outcome instanceof StepResult.Failed ? "threw" : "returned");
    if (difference != null) {
      String thrown =
          outcome instanceof StepResult.Failed failed ? " (" + failed.failure() + ")" : "";
      post(new StepResult.Stuck(nonDeterminism(difference, thrown)));
    } else {
      post(outcome);
    }
  }

  private static Outcome problemOrFailure(Throwable e) {
    return new StepResult.Failed(FailureDetails.of(e));
  }

  private Outcome runCode() throws Throwable {
    List<HistoryEvent> first = incoming;
    stepStartedNanos = config.nanoTime().getAsLong();
    incoming = null;
    if (coldHistory != null) {
      try {
        Replay cold = new Replay(readHistory(coldHistory));
        replay = cold;
        events = cold.deliverables();
        skipRemovedTasks(cold);
      } catch (RuntimeException | OutOfMemoryError e) {
        return StepResult.Stuck.unreadable(instanceId, e);
      }
    } else {
      events = first == null ? List.of() : first;
    }
    ExecutionStarted start = (ExecutionStarted) takeEvent();
    started = start;
    ContextImpl ctx = new ContextImpl(this, start);
    context = ctx;
    OrchestratorFunction function = config.functions().orchestrator(start.name(), start.version());
    if (function == null) {
      return functionMissing(start);
    }
    Object input =
        start.input() == null || function.inputType() == Void.class
            ? null
            : read(start.input(), function.inputType(), "input of orchestrator", start.name());
    Object output = function.invoke(ctx, input);
    checkOpen();
    ContextImpl.Restart restart = ctx.restart();
    if (restart != null) {
      return new StepResult.ContinueAsNew(
          restart.input(), restart.keepEvents() ? unprocessedEvents() : List.of());
    }
    MisplacedArguments.refuseOutput(output, start.name());
    return new StepResult.Completed(
        output == null ? null : write("output of orchestrator '" + start.name() + "'", output));
  }

  /** Reads the history; a store that is out of breath is given some more tries. */
  private static List<HistoryEvent> readHistory(Supplier<List<HistoryEvent>> history) {
    for (int attempt = 1; ; attempt++) {
      try {
        return history.get();
      } catch (CorruptStoreException e) {
        throw e;
      } catch (StoreException e) {
        if (attempt == READ_ATTEMPTS) {
          throw e;
        }
        LockSupport.parkNanos(READ_RETRY_NANOS << attempt);
      }
    }
  }

  private List<EventRaised> unprocessedEvents() {
    List<EventRaised> left = inbox.buffered();
    for (int i = nextEvent; i < events.size(); i++) {
      if (events.get(i) instanceof EventRaised event) {
        left.add(event);
      }
    }
    return left;
  }

  private Outcome functionMissing(ExecutionStarted start) {
    PerdureException error = config.functions().orchestratorNotFound(start.name(), start.version());
    // What a client started had its code then, even if that never ran: it waits until the code is
    // back. A child may have been called by a name that never existed, and its parent has to know.
    boolean hadCode = replay != null && (replay.isReplaying() || start.parent() == null);
    return hadCode
        ? new StepResult.Stuck(
            new Problem(
                Problem.Kind.FUNCTION_NOT_FOUND,
                "Instance '%s': %s".formatted(instanceId, error.getMessage())))
        : new StepResult.Failed(FailureDetails.of(error).asNonRetriable());
  }

  // ---- taking events ------------------------------------------------------------------------

  private HistoryEvent takeEvent() {
    while (nextEvent == events.size()) {
      awaitEvents();
    }
    HistoryEvent event = events.get(nextEvent++);
    delivered++;
    pass(event.timestamp());
    if (event instanceof ExecutionStarted start && start.scheduledStart() != null) {
      pass(start.scheduledStart()); // the event is from when it was asked for
    }
    return event;
  }

  /** Time goes on to an event, not back to one that the last generation was given and left. */
  private void pass(Instant time) {
    if (time.isAfter(now)) {
      now = time;
    }
  }

  private void awaitEvents() {
    post(StepResult.Waiting.INSTANCE);
    List<HistoryEvent> more;
    while ((more = incoming) == null) {
      if (closed) {
        if (unwinds == 0) {
          listener.left(delivered, CodeLocation::here);
        }
        throw unwound();
      }
      LockSupport.park(this);
      // Code may have left its thread interrupted, and an interrupted thread does not park. Nobody
      // interrupts this thread to say something.
      Thread.interrupted();
    }
    stepStartedNanos = config.nanoTime().getAsLong();
    incoming = null;
    checkOpen();
    events = more;
    nextEvent = 0;
  }

  private void post(Outcome outcome) {
    if (closed) {
      return;
    }
    List<HistoryEvent> asked = actions;
    actions = new ArrayList<>(2);
    if (!(outcome instanceof StepResult.Waiting)) {
      ended = true;
    }
    listener.stepEnded(this, new StepResult(asked, delivered, inbox.namesWaitedFor(), outcome));
  }

  /** Goes on with events until the task has ended. */
  void waitFor(TaskImpl<?> task) {
    checkUse("await");
    if (callbackDepth > 0) {
      throw new OrchestratorMisuseException(
          ("await() was called inside a callback (thenApply, thenCompose, a retry handler) of"
                  + " instance '%s'. Callbacks run while a result is handed over and cannot wait;"
                  + " return the task from thenCompose instead.")
              .formatted(instanceId));
    }
    while (!task.isDone()) {
      checkReplayedStep();
      deliver(takeEvent());
    }
  }

  /**
   * The code waits: by now it has asked for all it asked for before, if this step is a repetition.
   */
  private void checkReplayedStep() {
    if (replay != null && replay.isReplaying()) {
      Replay.Difference difference = replay.waits(delivered);
      if (difference != null) {
        throw diverged(difference);
      }
      skipRemovedTasks(replay);
    }
  }

  private void skipRemovedTasks(Replay past) {
    int skipped = Math.max(0, past.leastTaskId() - nextTaskId);
    nextTaskId += skipped;
    removedTasks += skipped;
  }

  private void deliver(HistoryEvent event) {
    switch (event) {
      case TaskCompleted e -> completed(e.taskId(), e.result());
      case SubOrchestrationCompleted e -> completed(e.taskId(), e.result());
      case TimerFired e -> completed(e.taskId(), null);
      case TaskFailed e -> failed(e.taskId(), e.failure());
      case SubOrchestrationFailed e -> failed(e.taskId(), e.failure());
      case EntityOperationCompleted e -> completed(e.taskId(), e.result());
      case EntityOperationFailed e -> failed(e.taskId(), e.failure());
      case EntityLockGranted e -> completed(e.taskId(), null);
      case EventRaised e -> inbox.arrived(e);
      default ->
          throw new IllegalStateException(
              "Not an event for an orchestrator: " + event.getClass().getSimpleName());
    }
  }

  private void completed(int taskId, @Nullable Payload result) {
    Waiter waiter = waiters.remove(taskId);
    if (waiter != null) { // nobody waits for a task that was cancelled
      inCallback(() -> waiter.completed(result));
    }
  }

  private void failed(int taskId, FailureDetails failure) {
    Waiter waiter = waiters.remove(taskId);
    if (waiter != null) {
      inCallback(() -> waiter.failed(failure));
    }
  }

  // ---- what the context and the tasks use -----------------------------------------------------

  void inCallback(Runnable action) {
    callbackDepth++;
    try {
      action.run();
    } finally {
      callbackDepth--;
    }
  }

  /** Has a listener of a task that has ended called by {@link #callBack}. */
  void callBackLater(Runnable listener) {
    callbacks.add(listener);
  }

  /**
   * Calls the listeners of tasks that have ended, one after the other. A listener that ends further
   * tasks does not call theirs: a long chain of tasks would need a stack as deep.
   */
  void callBack() {
    if (callingBack) {
      return;
    }
    callingBack = true;
    try {
      Runnable listener;
      while ((listener = callbacks.poll()) != null) {
        inCallback(listener);
      }
    } finally {
      callingBack = false;
    }
  }

  /** Refuses one more task while there are as many under way as there may be, events included. */
  void checkOpenTasks() {
    int open = waiters.size() + inbox.waiting();
    if (open >= config.openTasksMax()) {
      throw new PerdureException(
          "PD-1018",
          ("Instance '%s' has %d tasks under way, which is as many as the hub allows"
                  + " (limits.openTasksMax). Wait for some before you start more, or use"
                  + " sub-orchestrations.")
              .formatted(instanceId, open));
    }
  }

  /** The id of a new task, for which something will come back. */
  int open(Waiter waiter) {
    checkOpenTasks();
    int id = newTaskId();
    waiters.put(id, waiter);
    return id;
  }

  /** The id of a new task, for which nothing will come back. */
  int newTaskId() {
    return nextTaskId++;
  }

  /** The id that a new task would have if rewinds had not removed any. */
  int idWithoutRewinds(int taskId) {
    return taskId - removedTasks;
  }

  /** Nobody waits for a task any more. */
  void forget(int taskId) {
    waiters.remove(taskId);
  }

  /** Asks for something. */
  void act(HistoryEvent action) {
    Replay past = replay;
    if (past != null && past.isReplaying()) {
      Replay.Difference difference = past.asked(action);
      if (difference != null) {
        throw diverged(difference);
      }
    } else {
      actions.add(action);
    }
  }

  private Unwound diverged(Replay.Difference difference) {
    String location = CodeLocation.here();
    post(
        new StepResult.Stuck(
            nonDeterminism(difference, location == null ? "" : ", at " + location)));
    closed = true;
    return unwound();
  }

  private Problem nonDeterminism(Replay.Difference difference, String where) {
    return new Problem(
        Problem.Kind.NONDETERMINISM,
        ("Instance '%s': at position %d the history holds %s, but the code %s%s. The code was"
                + " changed while the instance was under way, or it depends on something other than"
                + " its context (a clock, a random source, the order of a hash map, another thread)."
                + " Put the code right and start the host again, or register the change as a new"
                + " version.")
            .formatted(
                instanceId,
                difference.position(),
                difference.expected(),
                difference.actual(),
                where));
  }

  private Unwound unwound() {
    unwinds++;
    if (unwinds > UNWINDS_MAX) {
      rest();
    }
    return new Unwound();
  }

  /**
   * Ends the thread's work for good where code catches what unwinds it and goes on in a loop: such
   * code would take a CPU for itself.
   */
  private void rest() {
    LOG.log(
        System.Logger.Level.WARNING,
        "Instance ''{0}'': orchestrator ''{1}'' catches Throwable in a loop and so does not let its"
            + " thread end when it is taken out of memory. The thread is laid to rest; its memory is"
            + " lost until the program ends. Catch Exception instead.",
        instanceId,
        started == null ? "?" : started.name());
    while (true) {
      LockSupport.park(this);
      Thread.interrupted();
    }
  }

  private void checkOpen() {
    if (closed) {
      throw unwound();
    }
  }

  /** Checks that the context or a task is used where and while it may be. */
  void checkUse(String method) {
    boolean elsewhere = Thread.currentThread() != thread;
    if (elsewhere && !ended) {
      throw new OrchestratorMisuseException(
          ("%s was called on thread '%s', which is not the thread of orchestration '%s'. A context"
                  + " and its tasks belong to the orchestrator's own thread: do concurrent work in"
                  + " activities, and start them with callActivity and allOf.")
              .formatted(method, Thread.currentThread().getName(), instanceId));
    }
    if (closed && !elsewhere) {
      throw unwound();
    }
    if (ended) {
      throw new OrchestratorMisuseException(
          "%s was called after orchestration '%s' had ended. Do not keep a context beyond its orchestrator."
              .formatted(method, instanceId));
    }
  }

  @SuppressWarnings("unchecked")
  <R extends @Nullable Object> TaskImpl<R> own(Task<R> task) {
    if (task instanceof TaskImpl<?> impl && impl.session == this) {
      return (TaskImpl<R>) impl;
    }
    throw new OrchestratorMisuseException(
        "A task was used that does not belong to orchestration '%s'.".formatted(instanceId));
  }

  Payload write(String what, @Nullable Object value) {
    Payload payload = config.converter().toPayload(value);
    if (payload.size() > config.payloadBytesMax()) {
      throw new PayloadTooLargeException(
          ("Instance '%s': the %s has %d bytes, the limit is %d (limits.payloadBytesMax). Keep large"
                  + " data elsewhere and pass a reference to it.")
              .formatted(instanceId, what, payload.size(), config.payloadBytesMax()));
    }
    return payload;
  }

  @Nullable Object read(Payload payload, Type type, String whose, String name) {
    return PayloadReader.read(
        config.converter(), payload, type, () -> "the %s '%s'".formatted(whose, name));
  }

  /** Whether the code is being taken out of memory; what it does now, it will do again. */
  boolean isLeft() {
    return closed;
  }

  boolean isReplaying() {
    return replay != null && replay.isReplaying();
  }

  Instant now() {
    return now;
  }

  Instant timestamp() {
    return config.now();
  }

  SessionConfig config() {
    return config;
  }

  EventInbox inbox() {
    return inbox;
  }

  String instanceId() {
    return instanceId;
  }

  @Override
  public String toString() {
    return "OrchestratorSession[" + instanceId + (context == null ? ", new]" : "]");
  }
}
