package dev.perdure.functions.invoke;

import com.microsoft.azure.functions.internal.spi.middleware.Middleware;
import com.microsoft.azure.functions.internal.spi.middleware.MiddlewareChain;
import com.microsoft.azure.functions.internal.spi.middleware.MiddlewareContext;
import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.definition.RetryPolicy;
import dev.perdure.functions.invoke.FunctionMethod.Source;
import dev.perdure.functions.invoke.RunContext.Attempt;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.InputType;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.Outcome;
import dev.perdure.functions.trigger.OutputType;
import dev.perdure.functions.trigger.Value;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs a function: takes its inputs, passes the middlewares, calls the method, writes its outputs,
 * and does so again if it fails and has a retry policy. Safe from any thread.
 */
public final class Runner implements FunctionRunner {
  /** The name of the metadata that tells which orchestration a run works for. */
  public static final String INSTANCE = "$instanceId";

  private final AppCode app;
  private final FunctionMethod function;
  private final Plan plan;
  private final Duration grace;
  private final System.Logger log;
  private final Logger userLog;

  /**
   * How a function is run.
   *
   * @param inputs the inputs beside the trigger, by the names of their bindings
   * @param outputs the outputs beside those of HTTP, by the names of their bindings
   * @param retry how failed runs are repeated; null if they are not
   * @param timeout how long one may take before its thread is interrupted and it counts as failed,
   *     whether or not it ends then; null for no limit
   */
  public record Plan(
      Map<String, InputType.Input> inputs,
      Map<String, OutputType.Output> outputs,
      @Nullable RetryPolicy retry,
      @Nullable Duration timeout) {
    /** No inputs and outputs, one attempt, no limit. */
    public static final Plan PLAIN = new Plan(Map.of(), Map.of(), null, null);
  }

  /**
   * Prepares a function.
   *
   * @throws InvalidFunctionException if it cannot be run
   */
  public Runner(AppCode app, FunctionDefinition definition, Plan plan) {
    this(app, definition, plan, Run.GRACE);
  }

  /**
   * The same for tests.
   *
   * @param grace how long a run may go on after it was interrupted because its time was over
   */
  Runner(AppCode app, FunctionDefinition definition, Plan plan, Duration grace) {
    this.app = app;
    this.grace = grace;
    this.function =
        FunctionMethod.load(definition, app.loader, List.copyOf(app.hostObjects.keySet()));
    this.plan = plan;
    this.log = System.getLogger("Function." + definition.name());
    this.userLog = FunctionLog.target(definition.name());
  }

  @Override
  public boolean usesMetadata() {
    return function.sources.stream().anyMatch(source -> source instanceof Source.Metadata)
        || !plan.outputs().isEmpty()
        || function.definition.bindings().stream()
            .flatMap(binding -> binding.attributes().values().stream())
            .map(String::valueOf) // a setting may hold braces
            .anyMatch(value -> value.indexOf('{') >= 0 || value.indexOf('%') >= 0);
  }

  @Override
  public Outcome run(Invocation invocation) throws InterruptedException {
    RetryPolicy retry = plan.retry();
    if (retry == null) {
      return attempt(invocation, Attempt.ONLY).outcome();
    }
    Attempt attempt = new Attempt(0, retry.retriesMax(), null);
    while (true) {
      Tried tried = attempt(invocation, attempt);
      Outcome outcome = tried.outcome();
      if (outcome.succeeded() || tried.interrupted() || !retry.allows(attempt.retry())) {
        return outcome;
      }
      attempt = new Attempt(attempt.retry() + 1, retry.retriesMax(), outcome.failure());
      Duration wait = retry.wait(attempt.retry(), ThreadLocalRandom.current().nextDouble());
      log.log(
          System.Logger.Level.WARNING,
          "''{0}'' has failed and is run again in {1}, retry {2}{3}: {4}",
          function.definition.name(),
          wait,
          attempt.retry(),
          retry.retriesMax() == RetryPolicy.UNLIMITED ? "" : " of " + retry.retriesMax(),
          outcome.failure());
      Thread.sleep(wait);
    }
  }

  @Override
  public void runHere(Invocation invocation, BooleanSupplier stops, Consumer<Outcome> then)
      throws InterruptedException {
    if (plan.retry() == null) {
      run(invocation, Attempt.ONLY).here(stops, then);
    } else {
      FunctionRunner.super.runHere(invocation, stops, then);
    }
  }

  /**
   * What came of an attempt.
   *
   * @param interrupted whether whoever runs functions stops, and wants no other
   */
  private record Tried(Outcome outcome, boolean interrupted) {}

  private Tried attempt(Invocation invocation, Attempt attempt) {
    Run run = run(invocation, attempt);
    Outcome outcome = run.await();
    return new Tried(outcome, run.isCutOff());
  }

  private Run run(Invocation invocation, Attempt attempt) {
    return new Run(
        function.definition.name(),
        plan.timeout(),
        grace,
        (self, deadline) -> outcome(invocation, attempt, self, deadline));
  }

  private Outcome outcome(Invocation invocation, Attempt attempt, Run run, Deadline deadline) {
    long begun = System.nanoTime();
    String id = "";
    Outcome outcome;
    try {
      Thread.currentThread().setContextClassLoader(app.loader);
      RunContext context = context(invocation, attempt);
      id = context.getInvocationId();
      if (log.isLoggable(System.Logger.Level.DEBUG)) {
        log.log(
            System.Logger.Level.DEBUG,
            "Executing ''Functions.{0}'' (Reason=''{1}'', Id={2})",
            function.definition.name(),
            invocation.reason(),
            id);
      }
      outcome = new Outcome(run(invocation, context, run, deadline), null, context.thrown());
    } catch (Throwable e) {
      // Whatever a function throws ends its own run alone, an OutOfMemoryError too: what it held
      // is free again. If that were thrown on, a trigger would take it for a fault of the host,
      // and bring the same again, for ever.
      Throwable thrown = ofUser(e);
      outcome = new Outcome(null, deadline.passed() ? deadline.failure(thrown) : thrown);
    }
    if (log.isLoggable(System.Logger.Level.DEBUG)) {
      log.log(
          System.Logger.Level.DEBUG,
          "Executed ''Functions.{0}'' ({1}, Id={2}, Duration={3}ms)",
          function.definition.name(),
          outcome.succeeded() ? "Succeeded" : "Failed",
          id,
          Long.toString((System.nanoTime() - begun) / 1_000_000));
    }
    return outcome;
  }

  /** What the function threw: the part of it that the function itself knows. */
  private static Throwable ofUser(Throwable thrown) {
    Throwable cause = thrown;
    while (cause instanceof InvocationTargetException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  private RunContext context(Invocation invocation, Attempt attempt) throws Exception {
    Map<String, Value> inputs = new HashMap<>();
    inputs.put(function.definition.trigger().name(), invocation.value());
    for (Map.Entry<String, InputType.Input> input : plan.inputs().entrySet()) {
      inputs.put(input.getKey(), input.getValue().read(invocation));
    }
    String instance =
        invocation.metadata().get(INSTANCE) instanceof Value.Text(String text) ? text : null;
    return new RunContext(function, userLog, inputs, invocation.trace(), instance, attempt);
  }

  private @Nullable Object run(
      Invocation invocation, RunContext context, Run run, Deadline deadline) throws Exception {
    try {
      return result(invocation, context, run, deadline);
    } finally {
      context.released().forEach((input, parameter) -> input.release(parameter));
    }
  }

  private @Nullable Object result(
      Invocation invocation, RunContext context, Run run, Deadline deadline) throws Exception {
    Map<String, OutputSlot<Object>> slots = new LinkedHashMap<>();
    Map<String, Value> inputs = context.inputs();
    MiddlewareChain last = ignored -> call(invocation, context, inputs, slots);
    new Chain(app.middlewares, 0, last).doNext(context);
    if (deadline.passed()) {
      throw new TimeoutException("It went on after it had been interrupted, and ended later.");
    }
    Object returned = function.returns ? context.getReturnValue() : null;
    run.forgetInterrupt();
    return written(invocation, returned, slots);
  }

  /** Writes the outputs; returns what is passed to whoever runs the function. */
  private @Nullable Object written(
      Invocation invocation, @Nullable Object returned, Map<String, OutputSlot<Object>> slots)
      throws Exception {
    Object result = returned;
    for (Binding binding : function.definition.bindings()) {
      if (binding.isOut() && !binding.isTrigger()) {
        Object value =
            binding.name().equals(Binding.RETURN) ? returned : value(slots.get(binding.name()));
        if (value == null) {
          continue;
        }
        OutputType.Output output = plan.outputs().get(binding.name());
        if (output != null) {
          output.write(value, invocation);
        } else if (binding.is("http")) {
          result = value;
        } else {
          throw new IllegalStateException(
              "Function '%s' gave a value to its output '%s', but there is nothing in this host that writes a '%s'. The value has not been written."
                  .formatted(function.definition.name(), binding.name(), binding.type()));
        }
      }
    }
    return result;
  }

  private static @Nullable Object value(@Nullable OutputSlot<Object> slot) {
    return slot == null ? null : slot.getValue();
  }

  /** The middlewares from one on, and the function at their end. */
  private record Chain(List<Middleware> middlewares, int next, MiddlewareChain last)
      implements MiddlewareChain {
    @Override
    public void doNext(MiddlewareContext context) throws Exception {
      if (next == middlewares.size()) {
        last.doNext(context);
      } else {
        middlewares.get(next).invoke(context, new Chain(middlewares, next + 1, last));
      }
    }
  }

  /**
   * Calls the method. What it throws comes out as reflection reports it: middlewares look at the
   * cause to recognize how the durable library leaves an orchestrator.
   */
  private void call(
      Invocation invocation,
      RunContext context,
      Map<String, Value> inputs,
      Map<String, OutputSlot<Object>> slots)
      throws Exception {
    @Nullable Object[] arguments = new @Nullable Object[function.sources.size()];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = argument(function.sources.get(i), i, invocation, context, inputs, slots);
    }
    Object target = function.isStatic() ? null : app.instance(function);
    try {
      context.updateReturnValue(function.method.invoke(target, arguments));
    } catch (InvocationTargetException e) {
      context.thrown(ofUser(e));
      throw e;
    }
  }

  private @Nullable Object argument(
      Source source,
      int index,
      Invocation invocation,
      RunContext context,
      Map<String, Value> inputs,
      Map<String, OutputSlot<Object>> slots) {
    return switch (source) {
      case Source.Context c -> context;
      case Source.HostObject(Class<?> type) -> Objects.requireNonNull(app.hostObjects.get(type));
      case Source.Output(String binding) ->
          slots.computeIfAbsent(binding, name -> new OutputSlot<>());
      case Source.Input(String binding, String annotation, java.lang.reflect.Type type) -> {
        Object replacement = context.replacement(binding);
        if (replacement != null) {
          yield replacement;
        }
        Value value = inputs.get(binding);
        if (value == null) {
          throw new InvalidFunctionException(
              "Cannot find matched parameter name of %s: there is no input '%s' for the annotation %s."
                  .formatted(function.definition.entryPoint(), binding, annotation));
        }
        Object parameter = converted(value, type, index);
        InputType.Input from = plan.inputs().get(binding);
        if (from != null && parameter != null) {
          context.released().put(from, parameter);
        }
        yield parameter;
      }
      case Source.Metadata(String name, java.lang.reflect.Type type) -> {
        Value value = invocation.named(name);
        if (value == null) {
          throw new InvalidFunctionException(
              "Cannot find matched @BindingName of %s: the trigger gives no '%s'. It gives %s."
                  .formatted(function.definition.entryPoint(), name, invocation.names()));
        }
        yield converted(value, type, index);
      }
    };
  }

  private @Nullable Object converted(Value value, java.lang.reflect.Type type, int index) {
    try {
      return Conversion.to(value, type);
    } catch (ConversionException e) {
      throw new ParameterException(
          "Parameter %d of function '%s' (%s) cannot be filled: %s"
              .formatted(index + 1, function.definition.name(), type.getTypeName(), e.getMessage()),
          e);
    }
  }
}
