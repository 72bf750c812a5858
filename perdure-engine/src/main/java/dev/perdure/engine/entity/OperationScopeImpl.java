package dev.perdure.engine.entity;

import dev.perdure.api.DataConverter;
import dev.perdure.api.EntityId;
import dev.perdure.api.Payload;
import dev.perdure.api.PayloadTooLargeException;
import dev.perdure.api.Problem;
import dev.perdure.api.StartOptions;
import dev.perdure.api.TypeRef;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.InstanceIds;
import dev.perdure.engine.MisplacedArguments;
import dev.perdure.engine.PayloadReader;
import dev.perdure.engine.StartSize;
import dev.perdure.engine.entity.EntityBatch.Action;
import dev.perdure.engine.entity.EntityRequest.Operation;
import dev.perdure.engine.functions.FunctionName;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.engine.functions.OperationScope;
import java.lang.reflect.Type;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The scope of all operations of a batch, one after the other: what the last one that returned has
 * left is what the next one finds. Used on the thread of the batch only.
 */
final class OperationScopeImpl implements OperationScope {
  private static final int ACTION_BYTES = 100;

  /** How deep an exception is searched; causes may lead in a circle. */
  private static final int CAUSES_MAX = 50;

  private final EntityId id;
  private final FunctionRegistry functions;
  private final DataConverter converter;
  private final OperationLimits limits;
  private final Supplier<String> newIds;
  private final Thread thread = Thread.currentThread();

  // What operations that returned have left.
  private @Nullable Payload committedState;
  private final List<Action> actions = new ArrayList<>(0);
  private int committedActions;
  private long actionBytes;

  // What the operation under way has done.
  private @Nullable Operation operation;
  private Instant time = Instant.EPOCH;
  private @Nullable Payload state;
  private @Nullable Payload initial;
  private boolean touched;
  private @Nullable Problem problem;

  /** What the problem was told with to the operation. */
  private @Nullable RuntimeException unreadable;

  /** The object that stands for the state, which is {@link #liveFor} when written. */
  private @Nullable Object live;

  private @Nullable Payload liveFor;

  OperationScopeImpl(
      EntityId id,
      @Nullable Payload state,
      FunctionRegistry functions,
      DataConverter converter,
      OperationLimits limits,
      Supplier<String> newIds) {
    this.id = id;
    this.committedState = state;
    this.state = state;
    this.functions = functions;
    this.converter = converter;
    this.limits = limits;
    this.newIds = newIds;
  }

  // ---- for the runner -----------------------------------------------------------------------

  void begin(Operation next, Instant now) {
    operation = next;
    time = now.truncatedTo(ChronoUnit.MILLIS);
    initial = null;
    touched = false;
  }

  /** The operation has returned: what it did counts. */
  void commit() {
    operation = null;
    problem = null; // if there was one, the operation knew what to do about it
    committedState = state;
    committedActions = actions.size();
  }

  /** The operation threw: what it did does not count. */
  void rollBack(Throwable error) {
    operation = null;
    if (!isCausedByProblem(error)) {
      problem = null; // if there was one, it is not why the operation failed
    }
    state = committedState;
    live = null; // it may have been changed
    liveFor = null;
    actions.subList(committedActions, actions.size()).clear();
  }

  @SuppressWarnings("ReferenceEquality") // the very exception that was thrown
  private boolean isCausedByProblem(Throwable error) {
    Throwable at = error;
    for (int i = 0; i < CAUSES_MAX && at != null; i++) {
      if (at == unreadable) {
        return true;
      }
      at = at.getCause();
    }
    return false;
  }

  /** Why no operation can run; null if they can. */
  @Nullable Problem problem() {
    return problem;
  }

  @Nullable Payload state() {
    return committedState;
  }

  List<Action> actions() {
    return actions;
  }

  long takeActionBytes() {
    long bytes = actionBytes;
    actionBytes = 0;
    return bytes;
  }

  // ---- who, what and when -------------------------------------------------------------------

  private Operation use(String method) {
    Operation current = operation;
    if (current == null || Thread.currentThread() != thread) {
      throw new IllegalStateException(
          ("%s was called after the operation of entity '%s' had ended, or on another thread. Do"
                  + " not keep an entity's context beyond its operation, nor hand it to other"
                  + " threads.")
              .formatted(method, id));
    }
    return current;
  }

  @Override
  public EntityId id() {
    return id;
  }

  @Override
  public String operation() {
    return use("operation").name();
  }

  @Override
  public boolean isSignal() {
    return use("isSignal").caller() == null;
  }

  @Override
  public Instant currentInstant() {
    use("currentInstant");
    return time;
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> @Nullable T input(Class<T> type) {
    return (T) input((Type) type);
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> @Nullable T input(TypeRef<T> type) {
    return (T) input(type.type());
  }

  @Override
  public @Nullable Object input(Type type) {
    Operation current = use("input");
    Payload input = current.input();
    if (input == null) {
      return null;
    }
    return PayloadReader.read(
        converter,
        input,
        type,
        () -> "the input of operation '%s' of entity '%s'".formatted(current.name(), id));
  }

  // ---- state --------------------------------------------------------------------------------

  @Override
  public boolean hasState() {
    use("hasState");
    return state != null;
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> @Nullable T state(Class<T> type) {
    use("state");
    return (T) readState(type);
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> @Nullable T state(TypeRef<T> type) {
    use("state");
    return (T) readState(type.type());
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // the very payload that the object was written as
  public @Nullable Object liveState(Type type) {
    use("state");
    if (live != null && liveFor == state) {
      return live;
    }
    Object read = readState(type);
    live = read;
    liveFor = state;
    return read;
  }

  private @Nullable Object readState(Type type) {
    Payload current = state;
    if (current == null) {
      return null;
    }
    try {
      return Objects.requireNonNull(converter.fromPayload(current, type), "it reads as null");
    } catch (RuntimeException e) {
      if (touched) {
        throw e; // it wrote that itself a moment ago: this is its own mistake
      }
      problem =
          new Problem(
              Problem.Kind.UNREADABLE,
              ("Entity '%s': its state cannot be read as %s. Nothing is lost: state and operations"
                      + " are kept. Put the class right and start the host again, or requeue the"
                      + " entity; or purge it, which removes both. The reason: %s")
                  .formatted(id, type.getTypeName(), e.getMessage()));
      unreadable = e;
      throw e;
    }
  }

  @Override
  public void beginState(Object fresh) {
    initial = write("state", fresh);
  }

  @Override
  public void keepState(Object object) {
    use("setState");
    Payload written = write("state", object);
    Payload before = state == null ? initial : state;
    if (before == null || !before.equals(written)) {
      state = written;
    }
    live = state == null ? null : object;
    liveFor = state;
  }

  @Override
  public void setState(@Nullable Object object) {
    use("setState");
    MisplacedArguments.refuse(object, "setState", null);
    Payload written = object == null ? null : write("state", object);
    // What is written as null (an empty Optional) reads as null: there is no such state.
    state = written == null || written.equals(converter.toPayload(null)) ? null : written;
    touched = true;
    live = null;
    liveFor = null;
  }

  @Override
  public void deleteState() {
    setState(null);
  }

  @Override
  public boolean hasTouchedState() {
    return touched;
  }

  // ---- others -------------------------------------------------------------------------------

  @Override
  public void signalEntity(
      EntityId entity, String name, @Nullable Object input, @Nullable Instant at) {
    use("signalEntity");
    OperationNames.check(name);
    MisplacedArguments.refuse(input, "signalEntity", name);
    String target = InstanceIds.of(entity, limits.instanceIdCharsMax());
    if (limits.knownOnly() && functions.entity(entity.name()) == null) {
      throw functions.entityNotFound(entity.name());
    }
    Instant due = DueTimes.checked("signalEntity", at, time);
    Payload payload = input == null ? null : write("input of operation '" + name + "'", input);
    add(new Action.Signal(target, name, payload, due), payload);
  }

  @Override
  public String startNew(String name, @Nullable Object input, StartOptions options) {
    use("startNew");
    Objects.requireNonNull(name, "startNew: the orchestrator's name is null");
    MisplacedArguments.refuse(input, "startNew", name);
    String version = options.version() == null ? limits.defaultVersion() : options.version();
    if (limits.knownOnly() && functions.orchestrator(name, version) == null) {
      throw functions.orchestratorNotFound(name, version);
    }
    String chosen = options.instanceId();
    if (chosen != null) {
      InstanceIds.check(chosen, limits.instanceIdCharsMax());
    }
    FunctionName.check(name);
    StartSize.check(name, version, options.tags(), options.traceContext());
    Instant start = DueTimes.checked("startNew", options.scheduledStart(), time);
    String instanceId = chosen == null ? newIds.get() : chosen;
    Payload payload = input == null ? null : write("input of '" + name + "'", input);
    add(
        new Action.Start(
            instanceId, name, version, payload, options.tags(), start, options.traceContext()),
        payload);
    return instanceId;
  }

  private void add(Action action, @Nullable Payload payload) {
    long bytes = actionBytes + ACTION_BYTES + (payload == null ? 0 : payload.size());
    if (bytes > EngineOptions.STEP_BYTES_MAX) {
      throw new PayloadTooLargeException(
          ("Entity '%s': operation '%s' asked for signals and starts with more than %,d bytes. The"
                  + " operation has changed nothing. Keep large data elsewhere and pass references"
                  + " to it.")
              .formatted(id, use("signalEntity").name(), EngineOptions.STEP_BYTES_MAX));
    }
    actions.add(action);
    actionBytes = bytes;
  }

  private Payload write(String what, Object value) {
    Payload payload = converter.toPayload(value);
    if (payload.size() > limits.payloadBytesMax()) {
      throw new PayloadTooLargeException(
          ("Entity '%s': the %s has %d bytes, the limit is %d (limits.payloadBytesMax). Keep large"
                  + " data elsewhere and pass a reference to it.")
              .formatted(id, what, payload.size(), limits.payloadBytesMax()));
    }
    return payload;
  }
}
