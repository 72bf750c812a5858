package dev.perdure.engine.functions;

import org.jspecify.annotations.Nullable;

/** A registered entity. Safe from any thread. */
public interface EntityFunction {
  /** The name under which it is registered, in lower case. */
  String name();

  /**
   * Runs one operation.
   *
   * @param scope the operation, its input, and the state it works on
   * @return the result; null for none
   * @throws dev.perdure.api.EntityOperationNotFoundException if there is no such operation
   * @throws dev.perdure.api.DataConversionException if the input is null and the parameter a
   *     primitive, or does not fit it
   * @throws Throwable what the user's code throws, as it was thrown
   */
  @Nullable Object invoke(OperationScope scope) throws Throwable;
}
