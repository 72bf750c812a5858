package dev.perdure.api;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * References to registered functions by method, such as {@code Cities::sayHello}: the compiler
 * checks input and output, and the engine finds the registered name and version. They are never
 * invoked and are serializable only so that the method behind them can be found; a lambda will not
 * do.
 *
 * <p>There is one type for each shape that a function's method may have; the compiler picks it. A
 * method that is overloaded, has parameters without a fixed number, or has type parameters of its
 * own leaves the compiler with several: call it by name.
 */
public final class FunctionRef {
  private FunctionRef() {}

  /** Any reference to an activity. */
  public interface ToActivity extends Serializable {}

  /** Any reference to an orchestrator. */
  public interface ToOrchestrator extends Serializable {}

  /** Any reference to an operation of an entity: a method of its class, or of an interface. */
  public interface ToEntityOperation extends Serializable {}

  /** Any reference to a function that takes no input. */
  public interface ToFunctionWithoutInput extends Serializable {}

  // ---- activities ---------------------------------------------------------------------------

  /** An activity with an input, on an instance: {@code Cities::sayHello}. */
  @FunctionalInterface
  public interface ActivityOf<T, I extends @Nullable Object, R extends @Nullable Object>
      extends ToActivity {
    /** Never called. */
    R apply(T target, I input) throws Exception;
  }

  /** An activity with an input and no result, on an instance. */
  @FunctionalInterface
  public interface VoidActivityOf<T, I extends @Nullable Object> extends ToActivity {
    /** Never called. */
    void apply(T target, I input) throws Exception;
  }

  /** An activity without an input, on an instance. */
  @FunctionalInterface
  public interface ActivityWithoutInput<T, R extends @Nullable Object>
      extends ToActivity, ToFunctionWithoutInput {
    /** Never called. */
    R apply(T target) throws Exception;
  }

  /** An activity without an input and a result, on an instance. */
  @FunctionalInterface
  public interface VoidActivityWithoutInput<T> extends ToActivity, ToFunctionWithoutInput {
    /** Never called. */
    void apply(T target) throws Exception;
  }

  /** An activity with a context and an input, on an instance. */
  @FunctionalInterface
  public interface ActivityWithContext<T, I extends @Nullable Object, R extends @Nullable Object>
      extends ToActivity {
    /** Never called. */
    R apply(T target, ActivityContext context, I input) throws Exception;
  }

  /** An activity with a context, an input and no result, on an instance. */
  @FunctionalInterface
  public interface VoidActivityWithContext<T, I extends @Nullable Object> extends ToActivity {
    /** Never called. */
    void apply(T target, ActivityContext context, I input) throws Exception;
  }

  /** An activity with a context only, on an instance. */
  @FunctionalInterface
  public interface ActivityWithContextOnly<T, R extends @Nullable Object>
      extends ToActivity, ToFunctionWithoutInput {
    /** Never called. */
    R apply(T target, ActivityContext context) throws Exception;
  }

  /** An activity with a context only and no result, on an instance. */
  @FunctionalInterface
  public interface VoidActivityWithContextOnly<T> extends ToActivity, ToFunctionWithoutInput {
    /** Never called. */
    void apply(T target, ActivityContext context) throws Exception;
  }

  /** An activity with an input that is a static method, or bound to an object. */
  @FunctionalInterface
  public interface BoundActivity<I extends @Nullable Object, R extends @Nullable Object>
      extends ToActivity {
    /** Never called. */
    R apply(I input) throws Exception;
  }

  /** An activity with an input and no result, static or bound to an object. */
  @FunctionalInterface
  public interface VoidBoundActivity<I extends @Nullable Object> extends ToActivity {
    /** Never called. */
    void apply(I input) throws Exception;
  }

  /** An activity without an input, static or bound to an object. */
  @FunctionalInterface
  public interface BoundActivityWithoutInput<R extends @Nullable Object>
      extends ToActivity, ToFunctionWithoutInput {
    /** Never called. */
    R apply() throws Exception;
  }

  /** An activity without an input and a result, static or bound to an object. */
  @FunctionalInterface
  public interface VoidBoundActivityWithoutInput extends ToActivity, ToFunctionWithoutInput {
    /** Never called. */
    void apply() throws Exception;
  }

  /** An activity with a context and an input, static or bound to an object. */
  @FunctionalInterface
  public interface BoundActivityWithContext<I extends @Nullable Object, R extends @Nullable Object>
      extends ToActivity {
    /** Never called. */
    R apply(ActivityContext context, I input) throws Exception;
  }

  /** An activity with a context, an input and no result, static or bound to an object. */
  @FunctionalInterface
  public interface VoidBoundActivityWithContext<I extends @Nullable Object> extends ToActivity {
    /** Never called. */
    void apply(ActivityContext context, I input) throws Exception;
  }

  /** An activity with a context only, static or bound to an object. */
  @FunctionalInterface
  public interface BoundActivityWithContextOnly<R extends @Nullable Object>
      extends ToActivity, ToFunctionWithoutInput {
    /** Never called. */
    R apply(ActivityContext context) throws Exception;
  }

  /** An activity with a context only and no result, static or bound to an object. */
  @FunctionalInterface
  public interface VoidBoundActivityWithContextOnly extends ToActivity, ToFunctionWithoutInput {
    /** Never called. */
    void apply(ActivityContext context) throws Exception;
  }

  // ---- orchestrators ------------------------------------------------------------------------

  /** An orchestrator with an input, on an instance: {@code Orders::process}. */
  @FunctionalInterface
  public interface OrchestratorOf<T, I extends @Nullable Object, R extends @Nullable Object>
      extends ToOrchestrator {
    /** Never called. */
    R apply(T target, OrchestrationContext context, I input) throws Exception;
  }

  /** An orchestrator without an input, on an instance. */
  @FunctionalInterface
  public interface OrchestratorWithoutInput<T, R extends @Nullable Object>
      extends ToOrchestrator, ToFunctionWithoutInput {
    /** Never called. */
    R apply(T target, OrchestrationContext context) throws Exception;
  }

  /** An orchestrator with an input and no output, on an instance. */
  @FunctionalInterface
  public interface VoidOrchestratorOf<T, I extends @Nullable Object> extends ToOrchestrator {
    /** Never called. */
    void apply(T target, OrchestrationContext context, I input) throws Exception;
  }

  /** An orchestrator without an input and an output, on an instance. */
  @FunctionalInterface
  public interface VoidOrchestratorWithoutInput<T> extends ToOrchestrator, ToFunctionWithoutInput {
    /** Never called. */
    void apply(T target, OrchestrationContext context) throws Exception;
  }

  /** An orchestrator with an input that is a static method, or bound to an object. */
  @FunctionalInterface
  public interface BoundOrchestrator<I extends @Nullable Object, R extends @Nullable Object>
      extends ToOrchestrator {
    /** Never called. */
    R apply(OrchestrationContext context, I input) throws Exception;
  }

  /** An orchestrator without an input, static or bound to an object. */
  @FunctionalInterface
  public interface BoundOrchestratorWithoutInput<R extends @Nullable Object>
      extends ToOrchestrator, ToFunctionWithoutInput {
    /** Never called. */
    R apply(OrchestrationContext context) throws Exception;
  }

  /** An orchestrator with an input and no output, static or bound to an object. */
  @FunctionalInterface
  public interface VoidBoundOrchestrator<I extends @Nullable Object> extends ToOrchestrator {
    /** Never called. */
    void apply(OrchestrationContext context, I input) throws Exception;
  }

  /** An orchestrator without an input and an output, static or bound to an object. */
  @FunctionalInterface
  public interface VoidBoundOrchestratorWithoutInput
      extends ToOrchestrator, ToFunctionWithoutInput {
    /** Never called. */
    void apply(OrchestrationContext context) throws Exception;
  }

  // ---- operations of entities ---------------------------------------------------------------

  /** An operation with an input: {@code Counter::add}. */
  @FunctionalInterface
  public interface EntityOperationOf<T, I extends @Nullable Object, R extends @Nullable Object>
      extends ToEntityOperation {
    /** Never called. */
    R apply(T entity, I input) throws Exception;
  }

  /** An operation with an input and no result. */
  @FunctionalInterface
  public interface VoidEntityOperationOf<T, I extends @Nullable Object> extends ToEntityOperation {
    /** Never called. */
    void apply(T entity, I input) throws Exception;
  }

  /** An operation without an input. */
  @FunctionalInterface
  public interface EntityOperationWithoutInput<T, R extends @Nullable Object>
      extends ToEntityOperation, ToFunctionWithoutInput {
    /** Never called. */
    R apply(T entity) throws Exception;
  }

  /** An operation without an input and a result. */
  @FunctionalInterface
  public interface VoidEntityOperationWithoutInput<T>
      extends ToEntityOperation, ToFunctionWithoutInput {
    /** Never called. */
    void apply(T entity) throws Exception;
  }

  /** An operation with a context and an input. */
  @FunctionalInterface
  public interface EntityOperationWithContext<
          T, I extends @Nullable Object, R extends @Nullable Object>
      extends ToEntityOperation {
    /** Never called. */
    R apply(T entity, EntityContext context, I input) throws Exception;
  }

  /** An operation with a context, an input and no result. */
  @FunctionalInterface
  public interface VoidEntityOperationWithContext<T, I extends @Nullable Object>
      extends ToEntityOperation {
    /** Never called. */
    void apply(T entity, EntityContext context, I input) throws Exception;
  }

  /** An operation with a context only. */
  @FunctionalInterface
  public interface EntityOperationWithContextOnly<T, R extends @Nullable Object>
      extends ToEntityOperation, ToFunctionWithoutInput {
    /** Never called. */
    R apply(T entity, EntityContext context) throws Exception;
  }

  /** An operation with a context only and no result. */
  @FunctionalInterface
  public interface VoidEntityOperationWithContextOnly<T>
      extends ToEntityOperation, ToFunctionWithoutInput {
    /** Never called. */
    void apply(T entity, EntityContext context) throws Exception;
  }
}
