package dev.perdure.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An entity made of functions: each operation takes the state and gives back the next one. For
 * states that are values, such as records and numbers.
 *
 * <pre>{@code
 * EntityOperations.of(Integer.class, () -> 0)
 *     .operation("add", Integer.class, (value, n) -> value + n)
 *     .operation("reset", value -> 0)
 *     .query("get", value -> value)
 * }</pre>
 *
 * <p>Collected by one thread and then handed over.
 *
 * @param <S> the type of the state
 */
public final class EntityOperations<S> {
  private final Class<S> stateType;
  private final Supplier<? extends S> initial;
  private final List<Operation<S>> operations = new ArrayList<>();

  /**
   * An operation in its most general form.
   *
   * @param name its name
   * @param inputType the type of its input; {@code Void.class} for none
   * @param code what it does
   * @param <S> the type of the state
   */
  public record Operation<S>(String name, Class<?> inputType, Code<S, @Nullable Object> code) {}

  /** What an operation does. */
  @FunctionalInterface
  public interface Code<S, I extends @Nullable Object> {
    /** Gives the next state and a result. */
    EntityUpdate<? extends @Nullable S, ?> run(EntityContext ctx, S state, I input)
        throws Exception;
  }

  /** Makes the next state from the state and an input. */
  @FunctionalInterface
  public interface Change<S, I extends @Nullable Object> {
    /** Gives the next state; null deletes the entity. */
    @Nullable S apply(S state, I input) throws Exception;
  }

  /** Makes the next state from the state alone. */
  @FunctionalInterface
  public interface ChangeWithoutInput<S> {
    /** Gives the next state; null deletes the entity. */
    @Nullable S apply(S state) throws Exception;
  }

  /** Looks at the state. */
  @FunctionalInterface
  public interface Query<S> {
    /** Gives the result. */
    @Nullable Object apply(S state) throws Exception;
  }

  private EntityOperations(Class<S> stateType, Supplier<? extends S> initial) {
    this.stateType = Objects.requireNonNull(stateType, "The class of the state is null");
    this.initial = Objects.requireNonNull(initial, "The initial state is null");
  }

  /**
   * An entity without any operation but {@code delete}.
   *
   * @param initial makes the state of an entity that has none yet
   */
  public static <S> EntityOperations<S> of(Class<S> stateType, Supplier<? extends S> initial) {
    return new EntityOperations<>(stateType, initial);
  }

  /** Adds an operation with an input. Whoever calls it gets the next state. */
  public <I> EntityOperations<S> operation(
      String name, Class<I> inputType, Change<S, @Nullable I> change) {
    return add(
        name,
        inputType,
        (ctx, state, input) -> {
          S next = change.apply(state, cast(input));
          return EntityUpdate.of(next, next);
        });
  }

  /** Adds an operation without an input. Whoever calls it gets the next state. */
  public EntityOperations<S> operation(String name, ChangeWithoutInput<S> change) {
    return add(
        name,
        Void.class,
        (ctx, state, input) -> {
          S next = change.apply(state);
          return EntityUpdate.of(next, next);
        });
  }

  /** Adds an operation that changes nothing and has a result. */
  public EntityOperations<S> query(String name, Query<S> query) {
    return add(name, Void.class, (ctx, state, input) -> EntityUpdate.of(state, query.apply(state)));
  }

  /** Adds an operation with a context, a new state and a result. */
  public <I> EntityOperations<S> update(
      String name, Class<I> inputType, Code<S, @Nullable I> code) {
    return add(name, inputType, (ctx, state, input) -> code.run(ctx, state, cast(input)));
  }

  private EntityOperations<S> add(String name, Class<?> inputType, Code<S, @Nullable Object> code) {
    operations.add(new Operation<>(name, inputType, code));
    return this;
  }

  /** An input arrives as the declared type, because that is what it was converted to. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <I> @Nullable I cast(@Nullable Object input) {
    return (I) input;
  }

  /** The class of the state. */
  public Class<S> stateType() {
    return stateType;
  }

  /** The state of an entity that has none yet. */
  public S initialState() {
    return initial.get();
  }

  /** The operations, in the order in which they were added. */
  public List<Operation<S>> operations() {
    return List.copyOf(operations);
  }
}
