package dev.perdure.functions.invoke;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.Gson;
import com.microsoft.azure.functions.ExecutionContext;
import com.microsoft.azure.functions.OutputBinding;
import com.microsoft.azure.functions.annotation.BindingName;
import com.microsoft.azure.functions.annotation.BlobInput;
import com.microsoft.azure.functions.annotation.CustomBinding;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HasImplicitOutput;
import com.microsoft.azure.functions.annotation.QueueOutput;
import com.microsoft.azure.functions.annotation.QueueTrigger;
import com.microsoft.azure.functions.internal.spi.middleware.Middleware;
import com.microsoft.azure.functions.internal.spi.middleware.MiddlewareChain;
import com.microsoft.azure.functions.internal.spi.middleware.MiddlewareContext;
import com.microsoft.azure.functions.spi.inject.FunctionInstanceInjector;
import dev.perdure.api.TraceContext;
import dev.perdure.functions.TestFunctions;
import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.Direction;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.definition.RetryPolicy;
import dev.perdure.functions.invoke.Runner.Plan;
import dev.perdure.functions.trigger.InputType;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.Outcome;
import dev.perdure.functions.trigger.OutputType;
import dev.perdure.functions.trigger.Value;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a function is called: where its parameters come from and where what it gives goes. */
class RunnerTest {
  private static final ClassLoader LOADER = RunnerTest.class.getClassLoader();
  private static final AppCode APP = AppCode.of(LOADER, Map.of());
  private static final List<String> SEEN = new ArrayList<>();
  private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  @BeforeEach
  void clear() {
    SEEN.clear();
  }

  /** A binding of one's own, whose name stands on the binding rather than on the parameter. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.PARAMETER)
  @CustomBinding(direction = "in", name = "fixed", type = "fixedTrigger")
  public @interface FixedTrigger {}

  /** A trigger whose functions have a result even if they return nothing. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.PARAMETER)
  @CustomBinding(direction = "in", name = "", type = "answeringTrigger")
  @HasImplicitOutput
  public @interface AnsweringTrigger {
    /** The name. */
    String name();
  }

  /** The functions. */
  public static class Functions {
    private final List<String> own = new ArrayList<>();

    /** Static. */
    @FunctionName("Echo")
    public static String echo(@QueueTrigger(name = "in", queueName = "q") String in) {
      return in + "!";
    }

    /** On an object. */
    @FunctionName("OnObject")
    public int onObject(@QueueTrigger(name = "in", queueName = "q") String in) {
      own.add(in);
      return own.size();
    }

    /** One for which there is too little memory. */
    @FunctionName("Hungry")
    public static void hungry(@QueueTrigger(name = "in", queueName = "q") String in) {
      SEEN.add(in);
      throw new OutOfMemoryError("of the test");
    }

    /** One that leaves its thread interrupted, as many do that catch several exceptions as one. */
    @FunctionName("Interrupting")
    public static void interrupting(
        @QueueTrigger(name = "in", queueName = "q") String in,
        @QueueOutput(name = "one", queueName = "q", connection = "C") OutputBinding<String> out) {
      SEEN.add(in);
      Thread.currentThread().interrupt();
      if (in.equals("fail")) {
        throw new IllegalStateException("of the test");
      }
      out.setValue("value");
    }

    /** With a type whose argument is a class of its own. */
    @FunctionName("Dtos")
    public static int dtos(@QueueTrigger(name = "in", queueName = "q") List<Dto> in) {
      return in.size();
    }

    /** With metadata. */
    @FunctionName("Metadata")
    public static String metadata(
        @QueueTrigger(name = "in", queueName = "q") String in,
        @BindingName("Id") String id,
        @BindingName("Count") int count,
        @BindingName("Date") String date,
        @BindingName("Date") Object plain) {
      return id + " " + count + " " + date + " " + plain;
    }

    /** With metadata that may be missing, or so it looks. */
    @FunctionName("Perhaps")
    public static String perhaps(
        @QueueTrigger(name = "in", queueName = "q") String in,
        @BindingName("Id") Optional<String> id) {
      return id.orElse("none");
    }

    /** With outputs. */
    @FunctionName("Outputs")
    @QueueOutput(name = "ignored", queueName = "q", connection = "C")
    public static String outputs(
        @QueueTrigger(name = "in", queueName = "q") String in,
        @QueueOutput(name = "one", queueName = "q", connection = "C") OutputBinding<String> one,
        @QueueOutput(name = "many", queueName = "q", connection = "C")
            OutputBinding<List<String>> many,
        @QueueOutput(name = "never", queueName = "q", connection = "C")
            OutputBinding<String> never) {
      one.setValue("first");
      one.setValue("last");
      List<String> list = new ArrayList<>();
      many.setValue(list);
      many.getValue().add(in);
      if (in.equals("fail")) {
        throw new IllegalStateException("as asked");
      }
      return "returned";
    }

    /** An output that is not written to. */
    @FunctionName("Slot")
    public static String slot(
        @QueueTrigger(name = "in", queueName = "q") String in,
        @QueueOutput(name = "one", queueName = "q", connection = "C") OutputBinding<String> one) {
      one.setValue(in);
      return new Gson().toJson(one);
    }

    /** With another input. */
    @FunctionName("Inputs")
    public static String inputs(
        @QueueTrigger(name = "in", queueName = "q") String in,
        @BlobInput(name = "blob", path = "p", connection = "C") String blob) {
      return in + " " + blob;
    }

    /** With a binding of one's own. */
    @FunctionName("Fixed")
    public static String fixed(@FixedTrigger String in) {
      return in;
    }

    /** With a result that it does not return. */
    @FunctionName("Answering")
    public static void answering(@AnsweringTrigger(name = "in") String in) {
      SEEN.add("called with " + in);
    }

    /** With nothing to return. */
    @FunctionName("Silent")
    public static void silent(@QueueTrigger(name = "in", queueName = "q") String in) {}

    /** With a context. */
    @FunctionName("Context")
    public static String context(
        @QueueTrigger(name = "in", queueName = "q") String in, ExecutionContext context) {
      SEEN.add(context.getInvocationId());
      SEEN.add(
          context.getRetryContext().getRetrycount()
              + " of "
              + context.getRetryContext().getMaxretrycount()
              + " after "
              + (context.getRetryContext().getException() == null
                  ? null
                  : context.getRetryContext().getException().getMessage()));
      if (in.equals("fail")) {
        throw new IllegalStateException("attempt " + context.getRetryContext().getRetrycount());
      }
      return context.getFunctionName()
          + " "
          + context.getTraceContext().getTraceparent()
          + " "
          + context.getTraceContext().getTracestate();
    }

    /** In a trace. */
    @FunctionName("Trace")
    public static String trace(
        @QueueTrigger(name = "in", queueName = "q") String in, ExecutionContext context) {
      return context.getTraceContext().getTraceparent()
          + " "
          + context.getTraceContext().getTraceparent();
    }

    /** With a checked exception. */
    @FunctionName("Checked")
    public static void checked(@QueueTrigger(name = "in", queueName = "q") String in)
        throws IOException {
      throw new IOException("disk full");
    }

    /** With a number. */
    @FunctionName("Number")
    public static int number(@QueueTrigger(name = "in", queueName = "q") int number) {
      return number;
    }

    /** One that takes too long. */
    @FunctionName("Slow")
    public static String slow(@QueueTrigger(name = "in", queueName = "q") String in)
        throws InterruptedException {
      if (in.equals("stubborn")) {
        long end = System.nanoTime() + Duration.ofMillis(300).toNanos();
        while (System.nanoTime() < end) {
          Thread.onSpinWait();
        }
      } else {
        Thread.sleep(60_000);
      }
      return "late";
    }

    static CountDownLatch released = new CountDownLatch(0);
    static CountDownLatch ended = new CountDownLatch(0);

    /** One that takes no notice of interrupts, until it is released or 30 s are over. */
    @FunctionName("Endless")
    @QueueOutput(name = "$return", queueName = "out")
    public static String endless(@QueueTrigger(name = "in", queueName = "q") String in) {
      long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (released.getCount() > 0 && System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      ended.countDown();
      return "late";
    }

    /** One that waits for something of its own that was cancelled. */
    @FunctionName("Cancelled")
    public static void cancelled(@QueueTrigger(name = "in", queueName = "q") String in)
        throws ExecutionException {
      SEEN.add(in);
      throw new ExecutionException(new InterruptedException());
    }

    /** With an input whose path is a setting. */
    @FunctionName("FromSetting")
    public static String fromSetting(
        @QueueTrigger(name = "in", queueName = "q") String in,
        @BlobInput(name = "blob", path = "%InPath%") String blob) {
      return blob;
    }

    /** One that asks for its class loader. */
    @FunctionName("Loader")
    public static String loader(@QueueTrigger(name = "in", queueName = "q") String in) {
      return Thread.currentThread().getContextClassLoader().getClass().getSimpleName();
    }

    /** A name that every object has a method of. */
    @FunctionName("Notify")
    public static String notify(@QueueTrigger(name = "in", queueName = "q") String in) {
      return "notified";
    }

    /** With an object of the host. */
    @FunctionName("HostObject")
    public static String hostObject(
        @QueueTrigger(name = "in", queueName = "q") String in, StringBuilder builder) {
      return builder.toString();
    }
  }

  /** Its objects cannot be made without help. */
  public static class Service {
    private final String name;

    /** Needs a name. */
    public Service(String name) {
      this.name = name;
    }

    /** The function. */
    @FunctionName("Greet")
    public String greet(@QueueTrigger(name = "in", queueName = "q") String in) {
      return name + " greets " + in;
    }
  }

  private static Outcome run(Runner runner, String in) throws InterruptedException {
    return runner.run(invocation(in));
  }

  private static Invocation invocation(String in) {
    return Invocation.of(new Value.Text(in), "a test");
  }

  private static Runner runner(String function) {
    return runner(function, Plan.PLAIN);
  }

  private static Runner runner(String function, Plan plan) {
    return new Runner(APP, TestFunctions.function(Functions.class, function), plan);
  }

  private static Outcome run(String function, String in) throws InterruptedException {
    return run(runner(function), in);
  }

  // ---- methods --------------------------------------------------------------------------------

  @Test
  void aStaticMethodIsCalled() throws Exception {
    assertThat(run("Echo", "hello")).isEqualTo(new Outcome("hello!", null));
    assertThat(run("Notify", "").value()).isEqualTo("notified");
    assertThat(run("Silent", "").value()).isNull();
  }

  @Test
  void eachRunHasAnObjectOfItsOwn() throws Exception {
    Runner runner = runner("OnObject");

    assertThat(run(runner, "a").value()).isEqualTo(1);
    assertThat(run(runner, "b").value()).isEqualTo(1);
  }

  @Test
  void anObjectThatCannotBeMadeIsAFailure() throws Exception {
    Runner runner = new Runner(APP, TestFunctions.function(Service.class, "Greet"), Plan.PLAIN);

    assertThat(run(runner, "Ada").failure())
        .isInstanceOf(InvalidFunctionException.class)
        .hasMessageContaining("has no public constructor without parameters");
  }

  @Test
  void whatCannotBeCalledIsSaidAtOnce() {
    assertThatThrownBy(() -> broken("app.Missing", "x"))
        .hasMessage("There is no class app.Missing in the app.");
    assertThatThrownBy(() -> broken(Functions.class.getName(), "missing"))
        .hasMessageEndingWith("has no public method 'missing' of its own.");
    assertThatThrownBy(() -> broken(Functions.class.getName(), "hashCode"))
        .as("inherited methods do not count")
        .hasMessageEndingWith("has no public method 'hashCode' of its own.");
    assertThatThrownBy(() -> broken(Functions.class.getName(), "hostObject"))
        .hasMessageContaining("has no annotation that says what it is bound to");
    assertThatThrownBy(() -> broken(Functions.class.getName(), "slot"))
        .hasMessageContaining("there is no output binding of the name 'one'");
  }

  /** A class of a library that is not there. */
  public static final class Dto {}

  /** Loads everything but one class, and the functions by itself, so that it is asked for it. */
  private static final class WithoutDto extends ClassLoader {
    WithoutDto() {
      super(RunnerTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.equals(Dto.class.getName())) {
        throw new ClassNotFoundException(name);
      }
      if (!name.equals(Functions.class.getName())) {
        return super.loadClass(name, resolve);
      }
      try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  @Test
  void aParameterOfATypeWithAMissingClassIsThatFunctionsFaultAlone() {
    AppCode app = AppCode.of(new WithoutDto(), Map.of());

    assertThatThrownBy(
            () -> new Runner(app, TestFunctions.function(Functions.class, "Dtos"), Plan.PLAIN))
        .isInstanceOf(InvalidFunctionException.class)
        .hasMessageContaining("The type of parameter")
        .hasMessageContaining("RunnerTest$Dto")
        .hasMessageContaining("A library of the app may be missing");
  }

  private static void broken(String className, String method) {
    Runner unused =
        new Runner(
            APP,
            new FunctionDefinition(
                "Broken",
                className,
                method,
                List.of(new Binding("queueTrigger", Direction.IN, "in", Map.of())),
                null),
            Plan.PLAIN);
  }

  @Test
  void whatTheFunctionThrowsIsTheFailure() throws Exception {
    assertThat(run("Checked", "").failure())
        .isInstanceOf(IOException.class)
        .hasMessage("disk full");
  }

  @Test
  void theContextClassLoaderIsThatOfTheApp() throws Exception {
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    AppCode app = AppCode.of(new Loader(Map.of()), Map.of());

    assertThat(
            run(new Runner(app, TestFunctions.function(Functions.class, "Loader"), Plan.PLAIN), "")
                .value())
        .isEqualTo("Loader");
    assertThat(Thread.currentThread().getContextClassLoader()).isSameAs(before);
  }

  // ---- parameters -----------------------------------------------------------------------------

  private static Outcome withMetadata(String function, Map<String, Value> metadata)
      throws InterruptedException {
    return runner(function).run(new Invocation(new Value.Text(""), metadata, "a test", null));
  }

  @Test
  void metadataIsFoundByItsExactName() throws Exception {
    Map<String, Value> metadata = new HashMap<>();
    metadata.put("Id", new Value.Text("7"));
    metadata.put("Count", new Value.Json("42"));
    metadata.put("Date", new Value.Json("\"2026-01-31\""));

    assertThat(withMetadata("Metadata", metadata).value())
        .isEqualTo("7 42 \"2026-01-31\" 2026-01-31");
  }

  @Test
  void metadataThatIsMissingIsAFailureAlsoForWhatMayBeEmpty() throws Exception {
    assertThat(withMetadata("Perhaps", Map.of("Id", new Value.Text("7"))).value()).isEqualTo("7");
    assertThat(withMetadata("Perhaps", Map.of("Id", Value.NOTHING)).value()).isEqualTo("none");
    assertThat(withMetadata("Perhaps", Map.of("id", new Value.Text("7"))).failure())
        .hasMessageContaining("Cannot find matched @BindingName")
        .hasMessageContaining("the trigger gives no 'Id'. It gives [id].");
  }

  @Test
  void propertiesOfAnObjectAreFoundByTheirNamesToo() throws Exception {
    Outcome found =
        runner("Perhaps")
            .run(
                new Invocation(
                    new Value.Text("{\"Id\": \"a\", \"t\": 5}"), Map.of(), "a test", null));
    assertThat(found.value()).isEqualTo("a");
    Outcome both =
        runner("Perhaps")
            .run(
                new Invocation(
                    new Value.Json("{\"Id\": \"a\"}"),
                    Map.of("Id", new Value.Text("of the trigger")),
                    "a test",
                    null));
    assertThat(both.value()).isEqualTo("of the trigger");
    Outcome missing =
        runner("Perhaps")
            .run(new Invocation(new Value.Text("{\"t\": 5}"), Map.of(), "a test", null));
    assertThat(missing.failure()).hasMessageContaining("the trigger gives no 'Id'. It gives [t].");
  }

  @Test
  void metadataIsUsedByWhatTheBindingsOrTheirSettingsNameInBraces() {
    assertThat(runner("Number").usesMetadata()).isFalse();
    assertThat(runner("FromSetting").usesMetadata()).isTrue();
  }

  @Test
  void aValueThatDoesNotFitIsTheCallersMistake() throws Exception {
    assertThat(run("Number", "41").value()).isEqualTo(41);
    assertThat(run("Number", "secret").failure())
        .isInstanceOf(ParameterException.class)
        .hasMessage(
            "Parameter 1 of function 'Number' (int) cannot be filled: The text is not a int.");
  }

  @Test
  void inputsAreReadForEachRunAndGivenBack() throws Exception {
    InputType.Input blob =
        new InputType.Input() {
          @Override
          public Value read(Invocation invocation) {
            return new Value.Text("content");
          }

          @Override
          public void release(Object parameter) {
            SEEN.add("given back: " + parameter);
          }
        };
    Runner runner = runner("Inputs", new Plan(Map.of("blob", blob), Map.of(), null, null));

    assertThat(run(runner, "hello").value()).isEqualTo("hello content");
    assertThat(SEEN).containsExactly("given back: content");
  }

  @Test
  void anInputThatIsMissingIsAFailure() throws Exception {
    assertThat(run("Inputs", "hello").failure())
        .hasMessageContaining("Cannot find matched parameter name")
        .hasMessageContaining("there is no input 'blob' for the annotation BlobInput");
  }

  @Test
  void anAnnotationOfOnesOwnMayHaveTheNameOfItsBinding() throws Exception {
    assertThat(run("Fixed", "hello").value()).isEqualTo("hello");
  }

  @Test
  void theContextTellsOfTheRun() throws Exception {
    TraceContext trace = new TraceContext(TRACE, "a=1");
    Outcome outcome =
        runner("Context").run(new Invocation(new Value.Text(""), Map.of(), "a test", trace));

    assertThat(outcome.value()).isEqualTo("Context " + TRACE + " a=1");
    assertThat(SEEN.getFirst()).matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    assertThat(SEEN.get(1)).isEqualTo("0 of 0 after null");
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "x",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"
      })
  void aRunThatBelongsToNoTraceBeginsOne(String none) throws Exception {
    TraceContext trace = none == null ? null : new TraceContext(none, "a=1");
    Invocation invocation = new Invocation(new Value.Text(""), Map.of(), "a test", trace);
    String traces = String.valueOf(runner("Trace").run(invocation).value());

    assertThat(traces)
        .as("it is the same each time, and valid")
        .matches("(00-[0-9a-f]{32}-[0-9a-f]{16}-01) \\1");
    assertThat(runner("Trace").run(invocation).value())
        .as("another run begins another one")
        .isNotEqualTo(traces);
  }

  @Test
  void theHostOffersObjectsByTheirType() throws Exception {
    AppCode app = AppCode.of(LOADER, Map.of(StringBuilder.class, new StringBuilder("of the host")));
    Runner runner =
        new Runner(app, TestFunctions.function(Functions.class, "HostObject"), Plan.PLAIN);

    assertThat(run(runner, "").value()).isEqualTo("of the host");
  }

  // ---- outputs --------------------------------------------------------------------------------

  private static final class Written implements OutputType.Output {
    final List<Object> values = new ArrayList<>();

    @Override
    public void write(Object value, Invocation invocation) {
      values.add(value);
    }
  }

  @Test
  void outputsAreWrittenWhenTheFunctionEnds() throws Exception {
    Map<String, Written> written = written();
    Runner runner = runner("Outputs", new Plan(Map.of(), Map.copyOf(written), null, null));

    assertThat(run(runner, "added later").succeeded()).isTrue();
    assertThat(written.get("one").values).containsExactly("last");
    assertThat(written.get("many").values).containsExactly(List.of("added later"));
    assertThat(written.get("never").values).isEmpty();
    assertThat(written.get("$return").values).containsExactly("returned");
  }

  @Test
  void nothingIsWrittenByAFunctionThatFails() throws Exception {
    Map<String, Written> written = written();
    Runner runner = runner("Outputs", new Plan(Map.of(), Map.copyOf(written), null, null));

    assertThat(run(runner, "fail").failure()).hasMessage("as asked");
    assertThat(written.values()).allSatisfy(output -> assertThat(output.values).isEmpty());
  }

  private static Map<String, Written> written() {
    Map<String, Written> written = new HashMap<>();
    for (String name : List.of("one", "many", "never", "$return")) {
      written.put(name, new Written());
    }
    return written;
  }

  @Test
  void anOutputThatNothingWritesIsAFailureIfItHasAValue() throws Exception {
    assertThat(run("Slot", "x").failure())
        .hasMessageContaining("nothing in this host that writes a 'queue'");
  }

  @Test
  void anOutputMayBeWrittenAsJson() throws Exception {
    Runner runner = runner("Slot", new Plan(Map.of(), Map.of("one", new Written()), null, null));

    assertThat(run(runner, "x").value()).isEqualTo("{\"value\":\"x\"}");
  }

  @Test
  void anOutputThatCannotBeWrittenIsAFailure() throws Exception {
    OutputType.Output full =
        (value, invocation) -> {
          throw new IOException("queue full");
        };
    Runner runner = runner("Slot", new Plan(Map.of(), Map.of("one", full), null, null));

    assertThat(run(runner, "x").failure()).hasMessage("queue full");
  }

  // ---- retries and time -----------------------------------------------------------------------

  private static RetryPolicy retries(int most) {
    return new RetryPolicy(
        RetryPolicy.Strategy.FIXED_DELAY, most, Duration.ofMillis(1), Duration.ofMillis(1));
  }

  @Test
  void aFailedRunIsRepeatedWithAnotherId() throws Exception {
    Runner runner = runner("Context", new Plan(Map.of(), Map.of(), retries(2), null));

    assertThat(run(runner, "fail").failure()).hasMessage("attempt 2");
    assertThat(SEEN)
        .hasSize(6)
        .doesNotHaveDuplicates()
        .contains("0 of 2 after null", "1 of 2 after attempt 0", "2 of 2 after attempt 1");
  }

  @Test
  void aFunctionThatLeavesItsThreadInterruptedIsRunAgainAsAnyOther() throws Exception {
    Runner runner = runner("Interrupting", new Plan(Map.of(), Map.of(), retries(2), null));

    assertThat(run(runner, "fail").failure()).hasMessage("of the test");

    assertThat(Thread.currentThread().isInterrupted()).as("the host's own thread").isFalse();
    assertThat(SEEN).containsExactly("fail", "fail", "fail");
  }

  private static Plan writingTo(List<Object> written) {
    OutputType.Output blocking =
        (value, invocation) -> {
          if (Thread.interrupted()) { // as what waits for an answer does
            throw new InterruptedException();
          }
          written.add(value);
        };
    return new Plan(Map.of(), Map.of("one", blocking), null, null);
  }

  @Test
  void theOutputsOfAFunctionThatLeavesItsThreadInterruptedAreWritten() throws Exception {
    List<Object> written = new ArrayList<>();
    Runner runner = runner("Interrupting", writingTo(written));

    assertThat(run(runner, "a").succeeded()).isTrue();

    assertThat(Thread.currentThread().isInterrupted()).as("the host's own thread").isFalse();
    assertThat(written).containsExactly("value");
  }

  @Test
  void anErrorIsAFailureAsAnyOther() throws Exception {
    Runner runner = runner("Hungry", new Plan(Map.of(), Map.of(), retries(2), null));

    assertThat(run(runner, "a").failure())
        .isInstanceOf(OutOfMemoryError.class)
        .hasMessage("of the test");
    assertThat(SEEN).containsExactly("a", "a", "a");
  }

  @Test
  void aRunThatSucceedsIsNotRepeated() throws Exception {
    Runner runner = runner("Context", new Plan(Map.of(), Map.of(), retries(2), null));

    assertThat(run(runner, "").succeeded()).isTrue();
    assertThat(SEEN).hasSize(2);
  }

  @Test
  @Timeout(30)
  void aRunThatIsInterruptedIsNotRepeated() throws Exception {
    Runner runner = runner("Slow", new Plan(Map.of(), Map.of(), retries(1), null));

    Thread.currentThread().interrupt(); // as a trigger that is closed does
    assertThat(run(runner, "").failure()).isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).as("who runs functions is told").isTrue();
  }

  @Test
  void aFailureThatOnlyLooksLikeAnInterruptIsRepeatedAsAnyOther() throws Exception {
    Runner runner = runner("Cancelled", new Plan(Map.of(), Map.of(), retries(2), null));

    assertThat(run(runner, "a").failure()).hasCauseInstanceOf(InterruptedException.class);
    assertThat(SEEN).containsExactly("a", "a", "a");
  }

  @Test
  void aRunThatTakesTooLongIsInterruptedAndFails() throws Exception {
    Runner runner = runner("Slow", new Plan(Map.of(), Map.of(), null, Duration.ofMillis(50)));

    assertThat(run(runner, "").failure())
        .isInstanceOf(TimeoutException.class)
        .hasMessageContaining("took longer than PT0.05S")
        .hasMessageContaining("functionTimeout in host.json");
    assertThat(run(runner, "stubborn").failure())
        .as("also if it takes no notice of that")
        .isInstanceOf(TimeoutException.class);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  @Timeout(30)
  void aRunThatGoesOnAfterItsTimeIsGivenUp() throws Exception {
    List<Object> written = new ArrayList<>();
    Runner runner =
        new Runner(
            APP,
            TestFunctions.function(Functions.class, "Endless"),
            new Plan(
                Map.of(),
                Map.of("$return", (value, invocation) -> written.add(value)),
                null,
                Duration.ofMillis(50)),
            Duration.ofMillis(50));

    Functions.released = new CountDownLatch(1);
    Functions.ended = new CountDownLatch(1);
    assertThat(run(runner, "").failure())
        .isInstanceOf(TimeoutException.class)
        .hasMessage(
            "The function took longer than PT0.05S and was interrupted, but went on, and was given"
                + " up after PT0.05S. The limit is functionTimeout in host.json.");

    Functions.released.countDown();
    Functions.ended.await();
    assertThat(written).as("what it returns in the end").isEmpty();
  }

  // ---- on the thread of whoever runs it
  // ----------------------------------------------------------

  @Test
  void whatComesOfARunHereIsToldOnItsThreadAsItWasBefore() throws Exception {
    AppCode app = AppCode.of(new Loader(Map.of()), Map.of());
    Runner runner =
        new Runner(app, TestFunctions.function(Functions.class, "Interrupting"), Plan.PLAIN);
    Thread here = Thread.currentThread();
    ClassLoader before = here.getContextClassLoader();
    List<Object> told = new ArrayList<>();

    runner.runHere(
        invocation("fail"),
        () -> false,
        outcome ->
            told.addAll(
                List.of(
                    outcome.failure().getMessage(),
                    Thread.currentThread(),
                    here.isInterrupted(),
                    here.getContextClassLoader())));

    assertThat(told).containsExactly("of the test", here, false, before);
  }

  @Test
  @Timeout(30)
  void aRunHereThatGoesOnAfterItsTimeIsToldOnAnotherThread() throws Exception {
    Runner runner =
        new Runner(
            APP,
            TestFunctions.function(Functions.class, "Endless"),
            new Plan(Map.of(), Map.of(), null, Duration.ofMillis(50)),
            Duration.ofMillis(50));
    Functions.released = new CountDownLatch(1);
    List<Outcome> told = new ArrayList<>();

    runner.runHere( // which the function holds until what came of it is told
        invocation(""),
        () -> false,
        outcome -> {
          told.add(outcome);
          Functions.released.countDown();
        });

    assertThat(told)
        .singleElement()
        .satisfies(
            outcome ->
                assertThat(outcome.failure())
                    .isInstanceOf(TimeoutException.class)
                    .hasMessageContaining("was given up"));
  }

  @Test
  void theOutputsOfARunHereAreWrittenUnlessWhoWantsItStops() throws Exception {
    List<Object> written = new ArrayList<>();
    Runner runner = runner("Interrupting", writingTo(written));
    List<Outcome> told = new ArrayList<>();

    runner.runHere(invocation("a"), () -> true, told::add);
    assertThat(written).isEmpty();
    assertThat(told.removeFirst().failure()).isInstanceOf(InterruptedException.class);

    runner.runHere(invocation("a"), () -> false, told::add);
    assertThat(written).containsExactly("value");
    assertThat(told.removeFirst().succeeded()).isTrue();
  }

  @Test
  void aFailedRunHereIsRepeatedToo() throws Exception {
    Runner runner = runner("Context", new Plan(Map.of(), Map.of(), retries(2), null));
    List<Throwable> told = new ArrayList<>();

    runner.runHere(invocation("fail"), () -> false, outcome -> told.add(outcome.failure()));

    assertThat(told).singleElement().satisfies(e -> assertThat(e).hasMessage("attempt 2"));
  }

  // ---- middlewares and injectors --------------------------------------------------------------

  private static final class Loader extends URLClassLoader {
    private final Map<String, List<Class<?>>> services;

    Loader(Map<Class<?>, List<Class<?>>> services) {
      super(new URL[0], LOADER);
      this.services = new HashMap<>();
      services.forEach((type, found) -> this.services.put(type.getName(), found));
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
      List<Class<?>> found =
          name.startsWith("META-INF/services/")
              ? services.get(name.substring("META-INF/services/".length()))
              : null;
      if (found == null) {
        return super.getResources(name);
      }
      Path file = Files.createTempFile("services", null);
      file.toFile().deleteOnExit();
      Files.write(file, found.stream().map(Class::getName).toList());
      return Collections.enumeration(List.of(file.toUri().toURL()));
    }
  }

  private static AppCode app(Class<?> service, Class<?>... found) {
    return AppCode.of(new Loader(Map.of(service, List.of(found))), Map.of());
  }

  private static Runner runner(AppCode app, Class<?> type, String function) {
    return new Runner(app, TestFunctions.function(type, function), Plan.PLAIN);
  }

  @Test
  void middlewaresAreAroundEveryFunctionInTheirOrder() throws Exception {
    Runner runner =
        runner(
            app(Middleware.class, Middlewares.Outer.class, Middlewares.Inner.class),
            Functions.class,
            "Answering");

    assertThat(run(runner, "hello").value()).isEqualTo("set by outer");
    assertThat(SEEN)
        .containsExactly(
            "outer: Answering, in = hello",
            "inner",
            "called with replaced by inner",
            "inner has null",
            "outer has set by inner");
  }

  @Test
  void aResultThatAMiddlewareSetsForAFunctionWithoutOneIsLeftOut() throws Exception {
    AppCode app = app(Middleware.class, Middlewares.Inner.class);

    assertThat(run(runner(app, Functions.class, "Silent"), "hello").value()).isNull();
    assertThat(run(runner(app, Functions.class, "Echo"), "hello").value())
        .isEqualTo("set by inner");
  }

  @Test
  void middlewaresSeeExceptionsAsReflectionReportsThem() throws Exception {
    AppCode app = app(Middleware.class, Middlewares.Catching.class);

    Outcome outcome = run(runner(app, Functions.class, "Checked"), "");
    assertThat(outcome.succeeded()).isTrue();
    assertThat(outcome.handled()).isInstanceOf(IOException.class).hasMessage("disk full");
    assertThat(run(runner(app, Functions.class, "Silent"), "").handled()).isNull();
    assertThat(SEEN)
        .containsExactly(
            "java.lang.reflect.InvocationTargetException: java.io.IOException: disk full");
  }

  @Test
  void aMiddlewareThatFailsFailsTheRun() throws Exception {
    AppCode app = app(Middleware.class, Middlewares.Failing.class);

    assertThat(run(runner(app, Functions.class, "Echo"), "").failure()).hasMessage("not today");
  }

  @Test
  void anInjectorMakesTheObjects() throws Exception {
    AppCode app = app(FunctionInstanceInjector.class, Middlewares.Injector.class);

    assertThat(run(runner(app, Service.class, "Greet"), "Ada").value())
        .isEqualTo("The injected greets Ada");
  }

  @Test
  void twoInjectorsAreOneTooMany() {
    assertThatThrownBy(
            () ->
                app(
                    FunctionInstanceInjector.class,
                    Middlewares.Injector.class,
                    Middlewares.OtherInjector.class))
        .isInstanceOf(InvalidFunctionException.class)
        .hasMessageContaining("2 classes")
        .hasMessageContaining(Middlewares.Injector.class.getName());
  }

  /** What apps bring. */
  public static final class Middlewares {
    private Middlewares() {}

    /** The first. */
    public static final class Outer implements Middleware {
      @Override
      public void invoke(MiddlewareContext context, MiddlewareChain chain) throws Exception {
        String name = context.getParameterName("AnsweringTrigger");
        SEEN.add(
            "outer: %s, %s = %s"
                .formatted(context.getFunctionName(), name, context.getParameterValue(name)));
        chain.doNext(context);
        SEEN.add("outer has " + context.getReturnValue());
        context.updateReturnValue("set by outer");
      }
    }

    /** The second. */
    public static final class Inner implements Middleware {
      @Override
      public void invoke(MiddlewareContext context, MiddlewareChain chain) throws Exception {
        SEEN.add("inner");
        context.updateParameterValue("in", "replaced by inner");
        chain.doNext(context);
        SEEN.add("inner has " + context.getReturnValue());
        context.updateReturnValue("set by inner");
      }
    }

    /** One that catches. */
    public static final class Catching implements Middleware {
      @Override
      public void invoke(MiddlewareContext context, MiddlewareChain chain) {
        try {
          chain.doNext(context);
        } catch (Exception e) {
          SEEN.add(e.getClass().getName() + ": " + e.getCause());
        }
      }
    }

    /** One that fails. */
    public static final class Failing implements Middleware {
      @Override
      public void invoke(MiddlewareContext context, MiddlewareChain chain) {
        throw new IllegalStateException("not today");
      }
    }

    /** Makes services. */
    public static final class Injector implements FunctionInstanceInjector {
      @Override
      public <T> T getInstance(Class<T> type) {
        return type.cast(new Service("The injected"));
      }
    }

    /** Another. */
    public static final class OtherInjector implements FunctionInstanceInjector {
      @Override
      public <T> T getInstance(Class<T> type) {
        return null;
      }
    }
  }
}
