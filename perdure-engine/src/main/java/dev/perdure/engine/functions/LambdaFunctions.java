package dev.perdure.engine.functions;

import dev.perdure.api.ActivityContext;
import dev.perdure.api.BiActivityLambda;
import dev.perdure.api.BiOrchestratorLambda;
import dev.perdure.api.EntityLambda;
import dev.perdure.api.OrchestrationContext;
import java.lang.reflect.Type;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Functions that were registered as lambdas, by name. */
final class LambdaFunctions {
  private LambdaFunctions() {}

  /** An input arrives as the declared type, because that is what it was converted to. */
  @SuppressWarnings("unchecked")
  static <I> BiOrchestratorLambda<@Nullable Object> anyInput(
      BiOrchestratorLambda<@Nullable I> code) {
    return (ctx, input) -> code.run(ctx, (I) input);
  }

  /** An input arrives as the declared type, because that is what it was converted to. */
  @SuppressWarnings("unchecked")
  static <I> BiActivityLambda<@Nullable Object> anyInput(BiActivityLambda<@Nullable I> code) {
    return (ctx, input) -> code.run(ctx, (I) input);
  }

  record Orchestrator(
      String name, String version, Type inputType, BiOrchestratorLambda<@Nullable Object> code)
      implements OrchestratorFunction {

    Orchestrator {
      inputType = TypeResolver.boxed(inputType);
    }

    @Override
    public @Nullable Object invoke(OrchestrationContext ctx, @Nullable Object input)
        throws Exception {
      return code.run(ctx, input);
    }

    @Override
    public String toString() {
      return "a lambda (%s)".formatted(code.getClass().getName());
    }
  }

  record Activity(
      String name,
      Type inputType,
      Type outputType,
      int maxConcurrent,
      BiActivityLambda<@Nullable Object> code)
      implements ActivityFunction {

    Activity {
      inputType = TypeResolver.boxed(inputType);
      outputType = TypeResolver.boxed(outputType);
    }

    @Override
    public @Nullable Object invoke(ActivityContext ctx, @Nullable Object input) throws Exception {
      return code.run(ctx, input);
    }

    @Override
    public String toString() {
      return "a lambda (%s)".formatted(code.getClass().getName());
    }
  }

  /** Called for every operation, {@code delete} included: what there is, the code says. */
  record Entity(String name, EntityLambda code) implements EntityFunction {

    Entity {
      name = name.toLowerCase(Locale.ROOT);
    }

    @Override
    public @Nullable Object invoke(OperationScope scope) throws Exception {
      return code.run(scope);
    }

    @Override
    public String toString() {
      return "a lambda (%s)".formatted(code.getClass().getName());
    }
  }
}
