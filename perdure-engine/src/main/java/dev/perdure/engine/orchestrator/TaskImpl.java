package dev.perdure.engine.orchestrator;

import dev.perdure.api.Task;
import dev.perdure.api.TaskCancelledException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A task of a session. Used on the session's thread only.
 *
 * <p>Listeners form a linked list from which one can take itself out at once, so that waiting for
 * the first of many tasks, again and again, leaves nothing behind.
 */
class TaskImpl<V extends @Nullable Object> implements Task<V> {
  /** Something to do when a task ends. */
  static final class Listener {
    private final Runnable action;
    private @Nullable Listener previous;
    private @Nullable Listener next;
    private boolean linked;

    Listener(Runnable action) {
      this.action = action;
    }
  }

  private enum State {
    OPEN,
    DONE,
    FAILED,
    CANCELLED
  }

  final OrchestratorSession session;
  private State state = State.OPEN;
  private @Nullable V value;

  /** A {@link RuntimeException} or an {@link Error}. */
  private @Nullable Throwable failure;

  private @Nullable Listener first;
  private @Nullable Listener last;

  TaskImpl(OrchestratorSession session) {
    this.session = session;
  }

  // ---- ending -------------------------------------------------------------------------------

  final void complete(V result) {
    if (state == State.OPEN) {
      value = result;
      state = State.DONE;
      tell();
    }
  }

  final void fail(RuntimeException reason) {
    failWith(reason);
  }

  /** Ends with an exception, or with an error of the code that a callback ran. */
  final void failWith(Throwable reason) {
    if (state == State.OPEN) {
      failure = reason;
      state = reason instanceof TaskCancelledException ? State.CANCELLED : State.FAILED;
      tell();
    }
  }

  private void tell() {
    Listener at = first;
    first = null;
    last = null;
    while (at != null) {
      Listener next = at.next;
      at.linked = false;
      at.previous = null;
      at.next = null;
      session.callBackLater(at.action);
      at = next;
    }
    session.callBack();
  }

  final Listener onEnd(Runnable action) {
    Listener listener = new Listener(action);
    if (state != State.OPEN) {
      session.inCallback(action);
      return listener;
    }
    listener.linked = true;
    listener.previous = last;
    if (last == null) {
      first = listener;
    } else {
      last.next = listener;
    }
    last = listener;
    return listener;
  }

  final void remove(Listener listener) {
    if (!listener.linked) {
      return;
    }
    listener.linked = false;
    if (listener.previous == null) {
      first = listener.next;
    } else {
      listener.previous.next = listener.next;
    }
    if (listener.next == null) {
      last = listener.previous;
    } else {
      listener.next.previous = listener.previous;
    }
    listener.previous = null;
    listener.next = null;
  }

  /** The result of a task that has ended well, or its failure thrown. */
  V get() {
    Throwable thrown = failure;
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown != null) {
      throw (RuntimeException) thrown;
    }
    return result();
  }

  @SuppressWarnings("NullAway") // V may be a nullable type; then so is the value
  V result() {
    return value;
  }

  final void replaceResult(V result) {
    value = result;
  }

  /** What giving up means for whoever was to end this task. */
  void cancelled() {}

  // ---- the public face ----------------------------------------------------------------------

  @Override
  public final V await() {
    session.waitFor(this);
    return get();
  }

  @Override
  public final boolean isDone() {
    return state != State.OPEN;
  }

  @Override
  public final boolean isFailed() {
    return state == State.FAILED || state == State.CANCELLED;
  }

  @Override
  public final boolean isCancelled() {
    return state == State.CANCELLED;
  }

  @Override
  public final boolean cancel() {
    session.checkUse("cancel");
    if (state != State.OPEN) {
      return false;
    }
    cancelled();
    fail(new TaskCancelledException("The task was cancelled by its orchestrator."));
    return true;
  }

  @Override
  public final <R extends @Nullable Object> Task<R> thenApply(
      Function<? super V, ? extends R> function) {
    session.checkUse("thenApply");
    TaskImpl<R> derived = new TaskImpl<>(session);
    onEnd(() -> derived.endWith(() -> derived.complete(function.apply(get()))));
    return derived;
  }

  @Override
  public final <R extends @Nullable Object> Task<R> thenCompose(
      Function<? super V, ? extends Task<R>> function) {
    session.checkUse("thenCompose");
    TaskImpl<R> derived = new TaskImpl<>(session);
    onEnd(
        () ->
            derived.endWith(
                () -> {
                  TaskImpl<R> inner = session.own(function.apply(get()));
                  inner.onEnd(() -> derived.endWith(() -> derived.complete(inner.get())));
                }));
    return derived;
  }

  @Override
  public final Task<V> exceptionally(Function<? super RuntimeException, ? extends V> function) {
    session.checkUse("exceptionally");
    TaskImpl<V> derived = new TaskImpl<>(session);
    onEnd(
        () ->
            derived.endWith(
                () -> {
                  V result;
                  try {
                    result = get();
                  } catch (RuntimeException e) {
                    result = function.apply(e);
                  }
                  derived.complete(result);
                }));
    return derived;
  }

  /**
   * Does what may end this task. What that throws is this task's failure: it must not come out of
   * whatever else is being waited for, and leave this task open.
   */
  final void endWith(Runnable ending) {
    try {
      ending.run();
    } catch (Unwound e) {
      throw e;
    } catch (RuntimeException | Error e) {
      failWith(e);
    }
  }
}
