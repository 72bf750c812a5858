package dev.perdure.engine.functions;

import dev.perdure.api.ActivityLambda;
import dev.perdure.api.BiActivityLambda;
import dev.perdure.api.BiOrchestratorLambda;
import dev.perdure.api.EntityLambda;
import dev.perdure.api.EntityOperations;
import dev.perdure.api.OrchestratorLambda;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * What all builders of hubs have in common: the functions that are in them. Not thread-safe.
 *
 * @param <B> the builder itself
 */
public abstract class Registrations<B extends Registrations<B>> {
  private final FunctionRegistry.Builder functions = FunctionRegistry.builder();

  /** No functions yet. */
  protected Registrations() {}

  /** All that was registered. */
  protected final FunctionRegistry registered() {
    return functions.build();
  }

  @SuppressWarnings("unchecked") // B is the class of the builder
  private B self() {
    return (B) this;
  }

  /**
   * Registers the annotated methods of an object; or a class, with its annotated static methods,
   * and as an entity if it is annotated with {@link dev.perdure.api.Entity}.
   *
   * @throws dev.perdure.api.InvalidRegistrationException if a signature does not fit or a name is
   *     taken
   */
  public final B register(Object functionsOrClass) {
    functions.register(functionsOrClass);
    return self();
  }

  /** Registers an orchestrator that takes no input, or its input from the context. */
  public final B orchestrator(String name, OrchestratorLambda orchestrator) {
    functions.orchestrator(name, orchestrator);
    return self();
  }

  /** Registers one version of an orchestrator. */
  public final B orchestrator(String name, String version, OrchestratorLambda orchestrator) {
    functions.orchestrator(name, version, orchestrator);
    return self();
  }

  /** Registers an orchestrator with an input. */
  public final <I> B orchestrator(
      String name, Class<I> inputType, BiOrchestratorLambda<@Nullable I> orchestrator) {
    functions.orchestrator(name, inputType, orchestrator);
    return self();
  }

  /** Registers one version of an orchestrator with an input. */
  public final <I> B orchestrator(
      String name,
      String version,
      Class<I> inputType,
      BiOrchestratorLambda<@Nullable I> orchestrator) {
    functions.orchestrator(name, version, inputType, orchestrator);
    return self();
  }

  /** Registers an activity that takes no input. */
  public final B activity(String name, Callable<? extends @Nullable Object> activity) {
    functions.activity(name, activity);
    return self();
  }

  /**
   * Registers an activity that takes no input.
   *
   * @param maxConcurrent how many calls may run at once in this process; 0 for no limit of its own
   */
  public final B activity(
      String name, int maxConcurrent, Callable<? extends @Nullable Object> activity) {
    functions.activity(name, maxConcurrent, activity);
    return self();
  }

  /** Registers an activity by name. */
  public final <I> B activity(
      String name, Class<I> inputType, ActivityLambda<@Nullable I> activity) {
    functions.activity(name, inputType, activity);
    return self();
  }

  /** Registers an activity that wants to know about its call. */
  public final <I> B activity(
      String name, Class<I> inputType, BiActivityLambda<@Nullable I> activity) {
    functions.activity(name, inputType, activity);
    return self();
  }

  /**
   * Registers an activity by name.
   *
   * @param maxConcurrent how many calls may run at once in this process; 0 for no limit of its own
   */
  public final <I> B activity(
      String name, Class<I> inputType, int maxConcurrent, ActivityLambda<@Nullable I> activity) {
    functions.activity(name, inputType, maxConcurrent, activity);
    return self();
  }

  /**
   * Registers an activity that wants to know about its call.
   *
   * @param maxConcurrent how many calls may run at once in this process; 0 for no limit of its own
   */
  public final <I> B activity(
      String name, Class<I> inputType, int maxConcurrent, BiActivityLambda<@Nullable I> activity) {
    functions.activity(name, inputType, maxConcurrent, activity);
    return self();
  }

  /**
   * Registers a class as an entity, under the name of its {@link dev.perdure.api.Entity} annotation
   * or its simple name.
   */
  public final B entity(Class<?> entity) {
    functions.entity(entity);
    return self();
  }

  /** Registers a class without an annotation as an entity. */
  public final B entity(String name, Class<?> entity) {
    functions.entity(name, entity);
    return self();
  }

  /** Registers an entity as one function, which is called for every operation. */
  public final B entity(String name, EntityLambda entity) {
    functions.entity(name, entity);
    return self();
  }

  /** Registers an entity whose operations are lambdas. */
  public final B entity(String name, EntityOperations<?> operations) {
    functions.entity(name, operations);
    return self();
  }
}
