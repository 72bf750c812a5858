package dev.perdure.functions.invoke;

import com.microsoft.azure.functions.RetryContext;
import com.microsoft.azure.functions.RpcException;
import com.microsoft.azure.functions.TraceContext;
import com.microsoft.azure.functions.internal.spi.middleware.MiddlewareContext;
import dev.perdure.functions.trigger.InputType;
import dev.perdure.functions.trigger.Value;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One attempt at running a function, as functions and middlewares see it. Used by one thread. */
final class RunContext implements MiddlewareContext {
  private final FunctionMethod function;
  private final String id = UUID.randomUUID().toString();
  private final FunctionLog log;
  private final Map<String, Value> inputs;
  private final dev.perdure.api.@Nullable TraceContext trace;
  private final Attempt attempt;
  private final Map<String, Object> replaced = new HashMap<>();
  private final IdentityHashMap<InputType.Input, Object> released = new IdentityHashMap<>(2);
  private @Nullable Object returned;
  private @Nullable Throwable thrown;

  /**
   * Which attempt it is.
   *
   * @param retry 0 for the first
   * @param retriesMax how many there are at most after the first
   * @param before why the one before failed; null for the first
   */
  record Attempt(int retry, int retriesMax, @Nullable Throwable before) implements RetryContext {
    static final Attempt ONLY = new Attempt(0, 0, null);

    @Override
    public int getRetrycount() {
      return retry;
    }

    @Override
    public int getMaxretrycount() {
      return retriesMax;
    }

    @Override
    @SuppressWarnings("NullAway") // the interface says nothing of null
    public @Nullable RpcException getException() {
      Throwable thrown = before;
      return thrown == null ? null : new Failure(thrown);
    }
  }

  private record Failure(Throwable thrown) implements RpcException {
    @Override
    public String getSource() {
      return thrown.getClass().getName();
    }

    @Override
    public String getStacktrace() {
      java.io.StringWriter text = new java.io.StringWriter();
      thrown.printStackTrace(new java.io.PrintWriter(text));
      return text.toString();
    }

    @Override
    public String getMessage() {
      return String.valueOf(thrown.getMessage());
    }
  }

  /** Where a run belongs in a trace, in the words of W3C Trace Context. */
  private record Trace(String parent, String state) implements TraceContext {
    /** The version, the trace, the span in it, and flags. */
    private static final Pattern PARENT =
        Pattern.compile(
            "(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    /**
     * The trace that began elsewhere.
     *
     * @return null if it is not valid, which is to be taken for none
     */
    static @Nullable Trace from(dev.perdure.api.@Nullable TraceContext given) {
      if (given == null || !PARENT.matcher(given.traceParent()).matches()) {
        return null;
      }
      return new Trace(given.traceParent(), Objects.requireNonNullElse(given.traceState(), ""));
    }

    /**
     * The trace that begins with a run that belongs to none. It has the id of the run, so that it
     * is the same however often it is asked for.
     */
    static Trace ofRun(String id) {
      String trace = id.replace("-", "");
      return new Trace("00-%s-%s-01".formatted(trace, trace.substring(16)), "");
    }

    @Override
    public String getTraceparent() {
      return parent;
    }

    @Override
    public String getTracestate() {
      return state;
    }

    @Override
    public Map<String, String> getAttributes() {
      return Map.of();
    }
  }

  /** The method threw; what middlewares make of it is to be seen. */
  void thrown(Throwable thrown) {
    this.thrown = thrown;
  }

  /** What the method threw; null if it returned. */
  @Nullable Throwable thrown() {
    return thrown;
  }

  RunContext(
      FunctionMethod function,
      Logger target,
      Map<String, Value> inputs,
      dev.perdure.api.@Nullable TraceContext trace,
      @Nullable String instanceId,
      Attempt attempt) {
    this.function = function;
    this.log = new FunctionLog(target, function.definition.name(), instanceId);
    this.inputs = inputs;
    this.trace = trace;
    this.attempt = attempt;
  }

  @Override
  public Logger getLogger() {
    return log;
  }

  @Override
  public String getInvocationId() {
    return id;
  }

  @Override
  public String getFunctionName() {
    return function.definition.name();
  }

  @Override
  public TraceContext getTraceContext() {
    Trace begun = Trace.from(trace);
    return begun == null ? Trace.ofRun(id) : begun;
  }

  @Override
  public RetryContext getRetryContext() {
    return attempt;
  }

  // ---- for middlewares ------------------------------------------------------------------------

  @Override
  @SuppressWarnings("NullAway") // the interface says nothing of null
  public @Nullable String getParameterName(String annotationSimpleName) {
    return function.parameterOf(annotationSimpleName);
  }

  @Override
  @SuppressWarnings("NullAway") // the interface says nothing of null
  public @Nullable Object getParameterValue(String name) {
    Object other = replaced.get(name);
    if (other != null) {
      return other;
    }
    return switch (inputs.get(name)) {
      case Value.Text(String text) -> text;
      case Value.Json json -> json.json();
      case null, default -> null;
    };
  }

  @Override
  public void updateParameterValue(String name, Object value) {
    replaced.put(name, value);
  }

  @Override
  @SuppressWarnings("NullAway") // the interface says nothing of null
  public @Nullable Object getReturnValue() {
    return returned;
  }

  @Override
  public void updateReturnValue(@Nullable Object value) {
    returned = value;
  }

  /** Parameters that are given back when the run has ended, by the inputs that they came from. */
  IdentityHashMap<InputType.Input, Object> released() {
    return released;
  }

  /** The inputs by the names of their bindings. */
  Map<String, Value> inputs() {
    return inputs;
  }

  /** What a middleware put in place of an input; null if none did. */
  @Nullable Object replacement(String name) {
    return replaced.get(name);
  }
}
