package dev.perdure.api;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * References to registered functions by method, such as {@code Cities::sayHello}: the compiler
 * checks input and output, and the engine finds the registered name. They are never invoked and are
 * serializable only so that the method behind them can be found; a lambda will not do.
 */
public final class FunctionRef {
  private FunctionRef() {}

  /** An activity with an input, on an instance: {@code Cities::sayHello}. */
  @FunctionalInterface
  public interface ActivityOf<T, I extends @Nullable Object, R extends @Nullable Object>
      extends Serializable {
    /** Never called. */
    R apply(T target, I input) throws Exception;
  }

  /** An activity with an input and no result, on an instance. */
  @FunctionalInterface
  public interface VoidActivityOf<T, I extends @Nullable Object> extends Serializable {
    /** Never called. */
    void apply(T target, I input) throws Exception;
  }

  /** An activity without an input, on an instance. */
  @FunctionalInterface
  public interface ActivityWithoutInput<T, R extends @Nullable Object> extends Serializable {
    /** Never called. */
    R apply(T target) throws Exception;
  }

  /** An activity with an input that is a static method, or bound to an object. */
  @FunctionalInterface
  public interface BoundActivity<I extends @Nullable Object, R extends @Nullable Object>
      extends Serializable {
    /** Never called. */
    R apply(I input) throws Exception;
  }

  /** An activity with a context and an input, on an instance. */
  @FunctionalInterface
  public interface ActivityWithContext<T, I extends @Nullable Object, R extends @Nullable Object>
      extends Serializable {
    /** Never called. */
    R apply(T target, ActivityContext context, I input) throws Exception;
  }

  /** An orchestrator with an input, on an instance: {@code Orders::process}. */
  @FunctionalInterface
  public interface OrchestratorOf<T, I extends @Nullable Object, R extends @Nullable Object>
      extends Serializable {
    /** Never called. */
    R apply(T target, OrchestrationContext context, I input) throws Exception;
  }

  /** An orchestrator without an input, on an instance. */
  @FunctionalInterface
  public interface OrchestratorWithoutInput<T, R extends @Nullable Object> extends Serializable {
    /** Never called. */
    R apply(T target, OrchestrationContext context) throws Exception;
  }
}
