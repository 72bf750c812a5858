package dev.perdure.engine.functions;

import dev.perdure.api.DataConversionException;
import dev.perdure.api.EntityId;
import dev.perdure.api.StartOptions;
import dev.perdure.api.TypeRef;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** One entity and the operations that run on it one after another; its state stays an object. */
final class FakeScope implements OperationScope {
  /** What was done to the state by the operation that ran last. */
  final List<String> steps = new ArrayList<>();

  private final EntityFunction entity;
  private Object state;
  private Type stateType;
  private Type inputType;
  private String operation;
  private Object input;
  private boolean touched;

  private FakeScope(EntityFunction entity) {
    this.entity = entity;
  }

  static FakeScope of(EntityFunction entity) {
    return new FakeScope(entity);
  }

  /** An entity that is of a class, under the simple name of the class. */
  static FakeScope of(Class<?> entity) {
    return of(FunctionRegistry.builder().entity(entity).build().entity(entity.getSimpleName()));
  }

  Object run(String operation) throws Throwable {
    return run(operation, null);
  }

  Object run(String operation, Object input) throws Throwable {
    this.operation = operation;
    this.input = input;
    touched = false;
    inputType = null;
    stateType = null;
    steps.clear();
    return entity.invoke(this);
  }

  FakeScope withState(Object state) {
    this.state = state;
    return this;
  }

  /** The state as it is kept now; null if there is none. */
  Object state() {
    return state;
  }

  /** The type that was asked for to read the state of the last operation. */
  Type stateType() {
    return stateType;
  }

  /** The type that was asked for to read the input of the last operation; null if nobody did. */
  Type inputType() {
    return inputType;
  }

  // ---- what an entity's code sees -----------------------------------------------------------

  @Override
  public Object input(Type type) {
    inputType = type;
    if (input != null && !TypeResolver.erase(type).isInstance(input)) {
      throw new DataConversionException(input + " is not a " + type.getTypeName());
    }
    return input;
  }

  @Override
  public Object liveState(Type type) {
    stateType = type;
    return state;
  }

  @Override
  public void beginState(Object initial) {
    steps.add("begin");
  }

  @Override
  public void keepState(Object kept) {
    steps.add("keep");
    state = kept;
  }

  @Override
  public boolean hasTouchedState() {
    return touched;
  }

  @Override
  public void setState(Object set) {
    steps.add("set");
    touched = true;
    state = set;
  }

  @Override
  public void deleteState() {
    steps.add("delete");
    touched = true;
    state = null;
  }

  @Override
  public EntityId id() {
    return EntityId.of("thing", "a");
  }

  @Override
  public String operation() {
    return operation;
  }

  @Override
  public <T> T input(Class<T> type) {
    return type.cast(input);
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> T input(TypeRef<T> type) {
    return (T) input;
  }

  @Override
  public boolean hasState() {
    return state != null;
  }

  @Override
  public <T> T state(Class<T> type) {
    return type.cast(state);
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> T state(TypeRef<T> type) {
    return (T) state;
  }

  @Override
  public boolean isSignal() {
    return false;
  }

  @Override
  public Instant currentInstant() {
    return Instant.EPOCH;
  }

  @Override
  public void signalEntity(EntityId to, String signaled, Object with, Instant at) {
    throw new UnsupportedOperationException("signalEntity");
  }

  @Override
  public String startNew(String name, Object with, StartOptions options) {
    throw new UnsupportedOperationException("startNew");
  }
}
