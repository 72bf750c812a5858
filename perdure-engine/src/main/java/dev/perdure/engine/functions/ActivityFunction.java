package dev.perdure.engine.functions;

import dev.perdure.api.ActivityContext;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** A registered activity. Safe from any thread. */
public interface ActivityFunction {
  /** The name under which it is registered. */
  String name();

  /** The type of its input, never a primitive; {@code Void.class} if it takes none. */
  Type inputType();

  /** The type of its result, never a primitive; {@code Void.class} if it has none. */
  Type outputType();

  /** How many calls may run at once in one host; 0 for no limit of its own. */
  int maxConcurrent();

  /**
   * Runs the user's code.
   *
   * @param input a value of the input type; ignored if the function takes none
   * @return the result; null for a function without one
   * @throws dev.perdure.api.DataConversionException if the input is null and the parameter a
   *     primitive
   * @throws Throwable what the user's code throws, as it was thrown
   */
  @Nullable Object invoke(ActivityContext ctx, @Nullable Object input) throws Throwable;
}
