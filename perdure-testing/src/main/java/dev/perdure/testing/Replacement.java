package dev.perdure.testing;

import dev.perdure.api.ActivityContext;
import dev.perdure.api.BiActivityLambda;
import dev.perdure.engine.functions.ActivityFunction;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * What takes the place of a registered activity.
 *
 * @param inputType what its code takes; null for what the activity takes
 */
record Replacement(
    String name, @Nullable Class<?> inputType, BiActivityLambda<@Nullable Object> code) {

  /** An input arrives as the declared type, because that is what it was converted to. */
  @SuppressWarnings("unchecked")
  static <I> Replacement of(String name, Class<I> inputType, BiActivityLambda<@Nullable I> code) {
    return new Replacement(name, inputType, (ctx, input) -> code.run(ctx, (I) input));
  }

  ActivityFunction inPlaceOf(ActivityFunction replaced) {
    return new Replaced(this, replaced);
  }

  private record Replaced(Replacement by, ActivityFunction replaced) implements ActivityFunction {
    @Override
    public String name() {
      return replaced.name();
    }

    @Override
    public Type inputType() {
      return by.inputType == null ? replaced.inputType() : by.inputType;
    }

    @Override
    public Type outputType() {
      return replaced.outputType();
    }

    @Override
    public int maxConcurrent() {
      return replaced.maxConcurrent();
    }

    @Override
    public @Nullable Object invoke(ActivityContext ctx, @Nullable Object input) throws Exception {
      return by.code.run(ctx, input);
    }

    @Override
    public String toString() {
      return "a replacement of " + replaced;
    }
  }
}
