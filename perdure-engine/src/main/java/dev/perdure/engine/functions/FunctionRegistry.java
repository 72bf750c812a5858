package dev.perdure.engine.functions;

import static dev.perdure.engine.functions.FunctionName.refused;

import dev.perdure.api.ActivityLambda;
import dev.perdure.api.BiActivityLambda;
import dev.perdure.api.BiOrchestratorLambda;
import dev.perdure.api.Entity;
import dev.perdure.api.EntityLambda;
import dev.perdure.api.EntityOperations;
import dev.perdure.api.FunctionNotFoundException;
import dev.perdure.api.FunctionRef;
import dev.perdure.api.InvalidRegistrationException;
import dev.perdure.api.OrchestratorLambda;
import dev.perdure.api.TypeRef;
import java.io.Serializable;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * All functions of one engine. Immutable and safe from any thread; made by a {@link Builder}, which
 * refuses whatever could not be called later.
 */
public final class FunctionRegistry {
  private final Map<String, Map<String, OrchestratorFunction>> orchestratorsByNameAndVersion;
  private final Map<String, ActivityFunction> activitiesByName;
  private final Map<String, EntityFunction> entitiesByName;
  private final List<MethodFunction> methods;
  private final MethodReferences references;
  private final OperationReferences operationReferences = new OperationReferences();

  private FunctionRegistry(Builder builder) {
    Map<String, Map<String, OrchestratorFunction>> orchestrators = new LinkedHashMap<>();
    builder.orchestrators.forEach(
        (name, versions) -> orchestrators.put(name, new TreeMap<>(versions)));
    this.orchestratorsByNameAndVersion = orchestrators;
    this.activitiesByName = new LinkedHashMap<>(builder.activities);
    this.entitiesByName = new LinkedHashMap<>(builder.entities);
    this.methods = List.copyOf(builder.methods);
    this.references = new MethodReferences(methods);
  }

  /** Whether an object or a class has something that can be registered. */
  public static boolean hasFunctions(Class<?> type) {
    return Builder.isEntity(type) || !AnnotatedMethods.ofAny(type).isEmpty();
  }

  /** Whether functions of a class are methods of its objects: then an object is registered. */
  public static boolean needsObject(Class<?> type) {
    return !Builder.isEntity(type)
        && AnnotatedMethods.ofAny(type).stream()
            .anyMatch(found -> !Modifier.isStatic(found.method().getModifiers()));
  }

  /** A builder without any function. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder with all functions of this registry. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    orchestratorsByNameAndVersion.forEach(
        (name, versions) -> builder.orchestrators.put(name, new TreeMap<>(versions)));
    builder.activities.putAll(activitiesByName);
    builder.entities.putAll(entitiesByName);
    builder.methods.addAll(methods);
    return builder;
  }

  // ---- looking up ---------------------------------------------------------------------------

  /**
   * The code for an orchestration.
   *
   * @param version the instance's version; empty for none
   * @return the orchestrator with exactly this version, else the one without a version, else null
   */
  public @Nullable OrchestratorFunction orchestrator(String name, String version) {
    Map<String, OrchestratorFunction> versions = orchestratorsByNameAndVersion.get(name);
    if (versions == null) {
      return null;
    }
    OrchestratorFunction exact = versions.get(version);
    return exact != null ? exact : versions.get("");
  }

  /** Whether an orchestrator of this name exists, in whatever version. */
  public boolean hasOrchestrator(String name) {
    return orchestratorsByNameAndVersion.containsKey(name);
  }

  /** The activity of this name; null if there is none. */
  public @Nullable ActivityFunction activity(String name) {
    return activitiesByName.get(name);
  }

  /** The entity of this name, in upper or lower case; null if there is none. */
  public @Nullable EntityFunction entity(String name) {
    return entitiesByName.get(name.toLowerCase(Locale.ROOT));
  }

  /** All orchestrators, in the order in which their names were registered. */
  public Collection<OrchestratorFunction> orchestrators() {
    return orchestratorsByNameAndVersion.values().stream()
        .flatMap(versions -> versions.values().stream())
        .toList();
  }

  /** All activities, in the order in which they were registered. */
  public Collection<ActivityFunction> activities() {
    return Collections.unmodifiableCollection(activitiesByName.values());
  }

  /** All entities, in the order in which they were registered. */
  public Collection<EntityFunction> entities() {
    return Collections.unmodifiableCollection(entitiesByName.values());
  }

  /**
   * The function behind a method reference. Costs a map lookup once a place in the source has been
   * seen.
   *
   * @param methodReference one of {@link dev.perdure.api.FunctionRef}'s
   * @throws IllegalArgumentException if it is not a method reference, or means a function of the
   *     wrong kind, or several functions
   * @throws FunctionNotFoundException if the method is not registered
   */
  public ResolvedFunction resolve(Serializable methodReference) {
    return references.resolve(methodReference);
  }

  /**
   * The operation behind a method reference. Its class need not be registered: a caller may know an
   * interface only. Costs a map lookup once a place in the source has been seen.
   *
   * @throws IllegalArgumentException if it is not a method reference, or means a method that cannot
   *     be an operation, or one that takes an input where none is passed or the other way round
   */
  public ResolvedOperation resolveOperation(FunctionRef.ToEntityOperation methodReference) {
    return operationReferences.resolve(methodReference);
  }

  // ---- explaining what is missing -----------------------------------------------------------

  /** The error for an orchestrator that {@link #orchestrator} does not find. */
  public FunctionNotFoundException orchestratorNotFound(String name, String version) {
    Map<String, OrchestratorFunction> versions = orchestratorsByNameAndVersion.get(name);
    if (versions == null) {
      return notFound(
          FunctionKind.ORCHESTRATOR,
          version.isEmpty()
              ? "No orchestrator '%s' is registered.".formatted(name)
              : "No orchestrator '%s' is registered, in version '%s' or any other."
                  .formatted(name, version),
          name,
          orchestratorsByNameAndVersion.keySet());
    }
    return new FunctionNotFoundException(
        "Orchestrator '%s' is registered, but %s; there is %s."
                .formatted(
                    name,
                    version.isEmpty()
                        ? "not without a version"
                        : "neither in version '%s' nor without a version".formatted(version),
                    SimilarNames.quoted(versions.keySet(), ", "))
            + " Register the code of that version as well, or code without a version, which"
            + " serves all versions that have none of their own.");
  }

  /** The error for an activity that {@link #activity} does not find. */
  public FunctionNotFoundException activityNotFound(String name) {
    return notFound(
        FunctionKind.ACTIVITY,
        "No activity '%s' is registered.".formatted(name),
        name,
        activitiesByName.keySet());
  }

  /** The error for an entity that {@link #entity} does not find. */
  public FunctionNotFoundException entityNotFound(String name) {
    return notFound(
        FunctionKind.ENTITY,
        "No entity '%s' is registered.".formatted(name),
        name,
        entitiesByName.keySet());
  }

  private FunctionNotFoundException notFound(
      FunctionKind kind, String what, String name, Collection<String> known) {
    StringBuilder message = new StringBuilder(what);
    FunctionKind other = otherKind(kind, name);
    List<String> similar = SimilarNames.of(name, known);
    if (other != null) {
      message.append(
          " There is %s of this name: use %s."
              .formatted(
                  other.noun(),
                  switch (other) {
                    case ORCHESTRATOR -> "callSubOrchestrator";
                    case ACTIVITY -> "callActivity";
                    case ENTITY -> "callEntity or signalEntity";
                  }));
    } else if (!similar.isEmpty()) {
      message.append(" Did you mean ").append(SimilarNames.quoted(similar, " or ")).append('?');
    } else if (known.isEmpty()) {
      message.append(" None is registered at all.");
    }
    message.append(
        switch (kind) {
          case ORCHESTRATOR, ACTIVITY ->
              " Register the object or class that has the %s method, or correct the name."
                  .formatted(kind.annotation());
          case ENTITY -> " Register the class that has @Entity, or correct the name.";
        });
    return new FunctionNotFoundException(message.toString());
  }

  /** The kind of which there is a function of this name, if it is not the wanted one. */
  private @Nullable FunctionKind otherKind(FunctionKind wanted, String name) {
    // Names of entities are in lower case wherever they come from.
    boolean anyCase = wanted == FunctionKind.ENTITY;
    if (wanted != FunctionKind.ORCHESTRATOR
        && contains(orchestratorsByNameAndVersion.keySet(), name, anyCase)) {
      return FunctionKind.ORCHESTRATOR;
    }
    if (wanted != FunctionKind.ACTIVITY && contains(activitiesByName.keySet(), name, anyCase)) {
      return FunctionKind.ACTIVITY;
    }
    return wanted != FunctionKind.ENTITY && entity(name) != null ? FunctionKind.ENTITY : null;
  }

  private static boolean contains(Collection<String> names, String name, boolean anyCase) {
    return anyCase ? names.stream().anyMatch(name::equalsIgnoreCase) : names.contains(name);
  }

  /** Collects functions. Not thread-safe. */
  public static final class Builder {
    private final Map<String, Map<String, OrchestratorFunction>> orchestrators =
        new LinkedHashMap<>();
    private final Map<String, ActivityFunction> activities = new LinkedHashMap<>();
    private final Map<String, EntityFunction> entities = new LinkedHashMap<>();
    private final List<MethodFunction> methods = new ArrayList<>();

    private Builder() {}

    /**
     * Registers all methods of an object that are annotated with {@link
     * dev.perdure.api.Orchestrator}, {@link dev.perdure.api.Activity} or {@link
     * dev.perdure.api.Entity}: instance and static ones, inherited ones, and default methods,
     * whatever their visibility.
     *
     * @param functions the object; calls may come from several threads at once
     * @throws InvalidRegistrationException if there is none, or one cannot be registered, or the
     *     class itself is an entity; then none of them is
     */
    public Builder register(Object functions) {
      requireTarget(functions);
      if (functions instanceof Class<?> type) {
        return register(type);
      }
      if (isEntity(functions.getClass())) {
        throw refused(
            functions.getClass().getName(),
            "it is an entity, of which the engine makes an object for every key, and one object"
                + " was given",
            "Register the class: register(%s.class)."
                .formatted(functions.getClass().getSimpleName()));
      }
      return addAll(
          AnnotatedMethods.of(functions.getClass()).stream()
              .map(method -> MethodFunction.of(method, functions))
              .toList(),
          null);
    }

    /**
     * Registers a class: as an entity if it is annotated with {@link dev.perdure.api.Entity}, and
     * all its annotated static methods.
     *
     * @throws InvalidRegistrationException if it is not annotated and has no such method, or an
     *     annotated method is not static, or something cannot be registered; then nothing is
     */
    public Builder register(Class<?> functions) {
      requireTarget(functions);
      boolean isEntity = isEntity(functions);
      List<AnnotatedMethod> found =
          isEntity ? AnnotatedMethods.ofAny(functions) : AnnotatedMethods.of(functions);
      for (AnnotatedMethod method : found) {
        if (!Modifier.isStatic(method.method().getModifiers())) {
          throw refused(
              method.description(),
              isEntity
                  ? "it has %s, and the instance methods of an entity are its operations"
                      .formatted(method.kind().annotation())
                  : "it is an instance method, and only the class was given",
              isEntity
                  ? "Make it static, or move it to another class; operations need no annotation."
                  : "Register an object of the class, which brings its static methods along, or"
                      + " make the method static.");
        }
      }
      return addAll(
          found.stream().map(method -> MethodFunction.of(method, null)).toList(),
          isEntity ? ClassEntity.of(entityName(functions), functions) : null);
    }

    private static boolean isEntity(Class<?> type) {
      return type.isAnnotationPresent(Entity.class);
    }

    /** Like {@link dev.perdure.api.EntityId#nameOf}, but as it is written. */
    private static String entityName(Class<?> type) {
      Entity annotation = type.getAnnotation(Entity.class);
      return annotation == null || annotation.name().isEmpty()
          ? type.getSimpleName()
          : annotation.name();
    }

    /** Callers need not have nullness checks. */
    private static void requireTarget(@Nullable Object functions) {
      if (functions == null) {
        throw refused(
            "null",
            "it has no methods",
            "Pass the object whose methods are the functions, or its class if they are static.");
      }
    }

    private Builder addAll(List<MethodFunction> functions, @Nullable EntityFunction entity) {
      Builder trial = new Builder();
      orchestrators.forEach(
          (name, versions) -> trial.orchestrators.put(name, new TreeMap<>(versions)));
      trial.activities.putAll(activities);
      trial.entities.putAll(entities);
      if (entity != null) {
        trial.add(entity);
      }
      for (MethodFunction function : functions) {
        AnnotatedMethod method = function.method();
        FunctionName.requireUsable(method.name(), method.version(), method.description());
        switch (method.kind()) {
          case ORCHESTRATOR -> trial.add(function.asOrchestrator());
          case ACTIVITY -> trial.add(function.asActivity());
          case ENTITY -> {
            FunctionName.requireEntity(method.name(), method.description());
            trial.add(function.asEntity());
          }
        }
      }
      orchestrators.putAll(trial.orchestrators);
      activities.putAll(trial.activities);
      entities.putAll(trial.entities);
      methods.addAll(functions);
      return this;
    }

    /** Registers an orchestrator without version and input. */
    public Builder orchestrator(String name, OrchestratorLambda code) {
      return orchestrator(name, "", code);
    }

    /** Registers an orchestrator without an input; an empty version means none. */
    public Builder orchestrator(String name, String version, OrchestratorLambda code) {
      return addNamed(
          new LambdaFunctions.Orchestrator(
              name, version, Void.class, (ctx, input) -> code.run(ctx)));
    }

    /** Registers an orchestrator with an input and without a version. */
    public <I> Builder orchestrator(
        String name, Class<I> inputType, BiOrchestratorLambda<@Nullable I> code) {
      return orchestrator(name, "", inputType, code);
    }

    /** Registers an orchestrator; an empty version means none. */
    public <I> Builder orchestrator(
        String name, String version, Class<I> inputType, BiOrchestratorLambda<@Nullable I> code) {
      return addNamed(
          new LambdaFunctions.Orchestrator(
              name, version, inputType, LambdaFunctions.anyInput(code)));
    }

    /** Registers an orchestrator whose input has generic parameters. */
    public <I> Builder orchestrator(
        String name, String version, TypeRef<I> inputType, BiOrchestratorLambda<@Nullable I> code) {
      return addNamed(
          new LambdaFunctions.Orchestrator(
              name, version, inputType.type(), LambdaFunctions.anyInput(code)));
    }

    /** Registers an activity without an input. */
    public Builder activity(String name, Callable<? extends @Nullable Object> code) {
      return activity(name, 0, code);
    }

    /**
     * Registers an activity without an input.
     *
     * @param maxConcurrent how many calls may run at once in one host; 0 for no limit of its own
     */
    public Builder activity(
        String name, int maxConcurrent, Callable<? extends @Nullable Object> code) {
      return addNamed(
          new LambdaFunctions.Activity(
              name, Void.class, Object.class, maxConcurrent, (ctx, input) -> code.call()));
    }

    /** Registers an activity with an input. */
    public <I> Builder activity(String name, Class<I> inputType, ActivityLambda<@Nullable I> code) {
      return activity(name, inputType, (ctx, input) -> code.run(input));
    }

    /** Registers an activity with an input that has generic parameters. */
    public <I> Builder activity(
        String name, TypeRef<I> inputType, ActivityLambda<@Nullable I> code) {
      return activity(name, inputType, (ctx, input) -> code.run(input));
    }

    /** Registers an activity with a context and an input. */
    public <I> Builder activity(
        String name, Class<I> inputType, BiActivityLambda<@Nullable I> code) {
      return activity(name, inputType, 0, code);
    }

    /**
     * Registers an activity with an input.
     *
     * @param maxConcurrent how many calls may run at once in one host; 0 for no limit of its own
     */
    public <I> Builder activity(
        String name, Class<I> inputType, int maxConcurrent, ActivityLambda<@Nullable I> code) {
      return activity(name, inputType, maxConcurrent, (ctx, input) -> code.run(input));
    }

    /**
     * Registers an activity with a context and an input.
     *
     * @param maxConcurrent how many calls may run at once in one host; 0 for no limit of its own
     */
    public <I> Builder activity(
        String name, Class<I> inputType, int maxConcurrent, BiActivityLambda<@Nullable I> code) {
      return addNamed(
          new LambdaFunctions.Activity(
              name, inputType, Object.class, maxConcurrent, LambdaFunctions.anyInput(code)));
    }

    /** Registers an activity with a context and an input that has generic parameters. */
    public <I> Builder activity(
        String name, TypeRef<I> inputType, BiActivityLambda<@Nullable I> code) {
      return addNamed(
          new LambdaFunctions.Activity(
              name, inputType.type(), Object.class, 0, LambdaFunctions.anyInput(code)));
    }

    /**
     * Registers an activity whose types are known at run time only.
     *
     * @param inputType {@code Void.class} if it takes no input
     * @param maxConcurrent how many calls may run at once in one host; 0 for no limit of its own
     */
    public Builder activity(
        String name,
        Type inputType,
        Type outputType,
        int maxConcurrent,
        BiActivityLambda<@Nullable Object> code) {
      return addNamed(
          new LambdaFunctions.Activity(name, inputType, outputType, maxConcurrent, code));
    }

    /**
     * Registers a class as an entity, under the name of its {@link dev.perdure.api.Entity}
     * annotation or its simple name. Static methods of it are not registered.
     *
     * @throws InvalidRegistrationException if it cannot be an entity
     */
    public Builder entity(Class<?> type) {
      requireTarget(type);
      add(ClassEntity.of(entityName(type), type));
      return this;
    }

    /**
     * Registers a class without an annotation as an entity.
     *
     * @throws InvalidRegistrationException if it cannot be an entity, or its annotation says
     *     another name
     */
    public Builder entity(String name, Class<?> type) {
      requireTarget(type);
      // Whoever calls it by method reference goes by the annotation.
      if (isEntity(type) && !entityName(type).equalsIgnoreCase(name)) {
        throw refused(
            type.getName(),
            "its @Entity says that its name is '%s', and '%s' was given"
                .formatted(entityName(type), name),
            "Give the name in one place.");
      }
      add(ClassEntity.of(name, type));
      return this;
    }

    /** Registers an entity as one function, which is called for every operation. */
    public Builder entity(String name, EntityLambda code) {
      FunctionName.requireEntity(name, "A lambda entity");
      add(new LambdaFunctions.Entity(name, code));
      return this;
    }

    /** Registers an entity whose operations are lambdas. */
    public Builder entity(String name, EntityOperations<?> operations) {
      add(OperationsEntity.of(name, operations));
      return this;
    }

    /** Registers an activity of Perdure's own, whose name must begin with {@code perdure.}. */
    public Builder builtIn(ActivityFunction function) {
      FunctionName.requireBuiltIn(function.name(), "A built-in activity");
      add(function);
      return this;
    }

    /**
     * Puts another activity in the place of the registered one of the same name, for tests. Calls
     * by method reference come to it as well.
     *
     * @throws FunctionNotFoundException if no activity of this name is registered
     */
    public Builder replace(ActivityFunction function) {
      if (!activities.containsKey(function.name())) {
        throw build().activityNotFound(function.name());
      }
      activities.put(function.name(), function);
      return this;
    }

    private Builder addNamed(LambdaFunctions.Orchestrator function) {
      FunctionName.requireUsable(function.name(), function.version(), "A lambda orchestrator");
      add(function);
      return this;
    }

    private Builder addNamed(LambdaFunctions.Activity function) {
      FunctionName.requireUsable(function.name(), "", "A lambda activity");
      FunctionName.requireLimit(function.maxConcurrent(), function.toString());
      add(function);
      return this;
    }

    private void add(OrchestratorFunction function) {
      OrchestratorFunction other =
          orchestrators
              .computeIfAbsent(function.name(), n -> new TreeMap<>())
              .putIfAbsent(function.version(), function);
      if (other != null) {
        throw refused(
            function.toString(),
            function.version().isEmpty()
                ? "the orchestrator '%s' is registered already, by %s"
                    .formatted(function.name(), other)
                : "the orchestrator '%s' of version '%s' is registered already, by %s"
                    .formatted(function.name(), function.version(), other),
            "Give one of them another name or version, or register it once.");
      }
    }

    private void add(ActivityFunction function) {
      ActivityFunction other = activities.putIfAbsent(function.name(), function);
      if (other != null) {
        throw refused(
            function.toString(),
            "the activity '%s' is registered already, by %s".formatted(function.name(), other),
            "Give one of them another name, or register it once.");
      }
    }

    private void add(EntityFunction function) {
      EntityFunction other = entities.putIfAbsent(function.name(), function);
      if (other != null) {
        throw refused(
            function.toString(),
            "the entity '%s' is registered already, by %s".formatted(function.name(), other),
            "Give one of them another name, or register it once.");
      }
    }

    /** The registry of what has been registered so far; the builder may be used further. */
    public FunctionRegistry build() {
      return new FunctionRegistry(this);
    }
  }
}
