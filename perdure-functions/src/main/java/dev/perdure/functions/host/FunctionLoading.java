package dev.perdure.functions.host;

import dev.perdure.functions.definition.AppProblem;
import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.definition.RetryPolicy;
import dev.perdure.functions.durable.DurableFunction;
import dev.perdure.functions.http.HttpFunctions;
import dev.perdure.functions.invoke.AppCode;
import dev.perdure.functions.invoke.InvalidFunctionException;
import dev.perdure.functions.invoke.Runner;
import dev.perdure.functions.settings.DisabledFunctions;
import dev.perdure.functions.settings.MissingSettingException;
import dev.perdure.functions.text.Similar;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.InputType;
import dev.perdure.functions.trigger.InvalidTriggerException;
import dev.perdure.functions.trigger.OutputType;
import dev.perdure.functions.trigger.Trigger;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.functions.trigger.TriggerType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes the functions of an app ready to run. */
final class FunctionLoading {
  private final App app;
  private final AppCode code;
  private final List<TriggerType> triggers;
  private final List<InputType> inputs;
  private final List<OutputType> outputs;
  private final TriggerEnvironment environment;
  private final Set<String> only;
  private final DisabledFunctions disabled;
  private final List<OutputType.Output> opened = new ArrayList<>();

  FunctionLoading(
      App app,
      AppCode code,
      List<TriggerType> triggers,
      List<InputType> inputs,
      List<OutputType> outputs,
      TriggerEnvironment environment,
      Set<String> only) {
    this.app = app;
    this.code = code;
    this.triggers = triggers;
    this.inputs = inputs;
    this.outputs = outputs;
    this.disabled = DisabledFunctions.of(app.settings());
    this.environment = environment;
    this.only = only;
  }

  /** All that are to be run, in order of their names. */
  List<HostedFunction> load(HttpFunctions http) {
    List<HostedFunction> loaded = new ArrayList<>();
    for (FunctionDefinition definition : app.definition().functions()) {
      if (isWanted(definition.name())) {
        loaded.add(load(definition, http));
      }
    }
    return loaded;
  }

  /** The outputs of those that were loaded, which are to be closed. */
  List<OutputType.Output> outputs() {
    return List.copyOf(opened);
  }

  private boolean isWanted(String name) {
    return (only.isEmpty() || only.contains(name))
        && (app.host().functions().isEmpty()
            || app.host().functions().stream().anyMatch(name::equalsIgnoreCase));
  }

  private HostedFunction load(FunctionDefinition definition, HttpFunctions http) {
    DurableFunction durable = DurableFunction.of(definition);
    try {
      List<String> notices = new ArrayList<>();
      FunctionRunner runner = new Runner(code, definition, plan(definition, durable, notices));
      HostedFunction.State state = HostedFunction.State.READY;
      Trigger trigger = null;
      if (disabled.contains(definition.name())) {
        state = HostedFunction.State.DISABLED;
      }
      if (durable == null && (state == HostedFunction.State.READY || !isHttp(definition))) {
        TriggerType type = triggerType(definition.trigger());
        if (type == null) {
          if (state == HostedFunction.State.READY) {
            state = HostedFunction.State.BY_HAND;
          }
          notices.add(
              "its trigger, %s, is not available in this host; it can be run with POST /admin/functions/%s"
                  .formatted(definition.trigger().type(), definition.name()));
        } else {
          trigger = type.create(definition, runner, environment);
        }
      }
      return new HostedFunction(
          definition,
          state,
          notices.isEmpty() ? null : String.join("; ", notices),
          runner,
          trigger,
          http.route(definition.name()),
          durable);
    } catch (InvalidFunctionException | InvalidTriggerException | MissingSettingException e) {
      // What is missing for a function that is switched off is often the reason why it is.
      return new HostedFunction(
          definition,
          disabled.contains(definition.name())
              ? HostedFunction.State.DISABLED
              : HostedFunction.State.BROKEN,
          e.getMessage(),
          null,
          null,
          null,
          durable);
    }
  }

  /** Its trigger is its route, which must not be there if it is disabled. */
  private static boolean isHttp(FunctionDefinition definition) {
    return definition.trigger().is("httpTrigger");
  }

  /** What the author should know of what was chosen, a sentence each. */
  List<String> notes() {
    List<String> names = names();
    List<String> notes = new ArrayList<>(disabled.notes(names));
    noteUnknown(only, " to run.", names, notes);
    noteUnknown(app.host().functions(), ", which 'functions' in host.json names.", names, notes);
    if (names.isEmpty()) {
      notes.add(
          "No Azure function was found in the app: no method with @FunctionName, and no"
              + " function.json.");
    }
    return notes;
  }

  /** Of all functions: one that cannot be run is there as well, and its problem is told. */
  private List<String> names() {
    return Stream.concat(
            app.definition().functions().stream().map(FunctionDefinition::name),
            app.definition().problems().stream().map(AppProblem::function).filter(Objects::nonNull))
        .toList();
  }

  private static void noteUnknown(
      Collection<String> wanted, String what, List<String> names, List<String> notes) {
    for (String name : wanted) {
      if (names.stream().noneMatch(name::equalsIgnoreCase)) {
        notes.add(
            "There is no function '%s'%s%s".formatted(name, what, Similar.didYouMean(name, names)));
      }
    }
  }

  private Runner.Plan plan(
      FunctionDefinition definition, @Nullable DurableFunction durable, List<String> notices) {
    Map<String, InputType.Input> in = new HashMap<>();
    Map<String, OutputType.Output> out = new HashMap<>();
    for (Binding binding : definition.bindings()) {
      if (binding.isTrigger()) {
        continue;
      }
      if (binding.isOut()) {
        OutputType type = find(outputs, binding, OutputType::type);
        if (type != null) {
          OutputType.Output output = type.create(definition, binding, environment);
          opened.add(output);
          out.put(binding.name(), output);
        } else if (!binding.is("http")) {
          notices.add(
              "nothing in this host writes its output '%s' (%s)"
                  .formatted(binding.name(), binding.type()));
        }
      } else {
        InputType type = find(inputs, binding, InputType::type);
        if (type == null) {
          throw new InvalidFunctionException(
              "Nothing in this host reads its input '%s' (%s)."
                  .formatted(binding.name(), binding.type()));
        }
        in.put(binding.name(), type.create(definition, binding, environment));
      }
    }
    RetryPolicy retry = definition.retry() == null ? app.host().retry() : definition.retry();
    return new Runner.Plan(in, out, durable == null ? retry : null, app.host().functionTimeout());
  }

  private @Nullable TriggerType triggerType(Binding binding) {
    return find(triggers, binding, TriggerType::type);
  }

  private static <T> @Nullable T find(
      List<T> types, Binding binding, java.util.function.Function<T, String> name) {
    String wanted = binding.type().toLowerCase(Locale.ROOT);
    for (T type : types) {
      if (name.apply(type).toLowerCase(Locale.ROOT).equals(wanted)) {
        return type;
      }
    }
    return null;
  }
}
