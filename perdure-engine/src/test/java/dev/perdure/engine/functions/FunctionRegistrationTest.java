package dev.perdure.engine.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.Activity;
import dev.perdure.api.ActivityContext;
import dev.perdure.api.DataConversionException;
import dev.perdure.api.InvalidRegistrationException;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.Task;
import dev.perdure.api.TypeRef;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FunctionRegistrationTest {

  record Order(String id) {}

  static Object callActivity(FunctionRegistry registry, String name, Object input)
      throws Throwable {
    return registry.activity(name).invoke(Contexts.ACTIVITY, input);
  }

  static Object callOrchestrator(FunctionRegistry registry, String name, Object input)
      throws Throwable {
    return registry.orchestrator(name, "").invoke(Contexts.ORCHESTRATION, input);
  }

  static FunctionRegistry registryOf(Object functions) {
    return FunctionRegistry.builder().register(functions).build();
  }

  @Nested
  class AnnotatedMethodsOfAnObject {

    static class Shop {
      private final String greeting;

      Shop(String greeting) {
        this.greeting = greeting;
      }

      @Orchestrator
      Object contextOnly(OrchestrationContext ctx) {
        return ctx;
      }

      @Orchestrator(name = "renamed", version = "2")
      String withInput(OrchestrationContext ctx, Order order) {
        return greeting + order.id() + ctx;
      }

      @Orchestrator
      void returnsNothing(OrchestrationContext ctx) {}

      @Activity
      String nothing() {
        return greeting;
      }

      @Activity
      String inputOnly(String input) {
        return greeting + input;
      }

      @Activity
      Object activityContext(ActivityContext ctx) {
        return ctx;
      }

      @Activity
      List<Object> contextFirst(ActivityContext ctx, String input) {
        return List.of(ctx, input);
      }

      @Activity
      List<Object> contextLast(String input, ActivityContext ctx) {
        return List.of(ctx, input);
      }

      @Activity(maxConcurrent = 3)
      private int secret(int n) {
        return n * n;
      }

      @Activity
      static String fromTheClass(String input) {
        return "static " + input;
      }

      @Activity
      int count(String... words) {
        return words.length;
      }

      @Activity
      void fails() throws IOException {
        throw new IOException("as thrown");
      }

      @SuppressWarnings("unused")
      void notAFunction() {}
    }

    private final FunctionRegistry registry = registryOf(new Shop("hi "));

    @Test
    void anOrchestratorTakesItsContextAndPerhapsAnInput() throws Throwable {
      assertThat(callOrchestrator(registry, "contextOnly", null)).isSameAs(Contexts.ORCHESTRATION);
      assertThat(
              registry.orchestrator("renamed", "2").invoke(Contexts.ORCHESTRATION, new Order("42")))
          .isEqualTo("hi 42a OrchestrationContext");
    }

    @Test
    void anActivityTakesContextAndInputInAnyOrderOrNeither() throws Throwable {
      assertThat(callActivity(registry, "nothing", null)).isEqualTo("hi ");
      assertThat(callActivity(registry, "inputOnly", "x")).isEqualTo("hi x");
      assertThat(callActivity(registry, "activityContext", null)).isSameAs(Contexts.ACTIVITY);
      assertThat(callActivity(registry, "contextFirst", "x"))
          .isEqualTo(List.of(Contexts.ACTIVITY, "x"));
      assertThat(callActivity(registry, "contextLast", "x"))
          .isEqualTo(List.of(Contexts.ACTIVITY, "x"));
    }

    @Test
    void privateAndStaticMethodsAndOnesWithVarargsAreFunctionsToo() throws Throwable {
      assertThat(callActivity(registry, "secret", 7)).isEqualTo(49);
      assertThat(callActivity(registry, "fromTheClass", "x")).isEqualTo("static x");
      assertThat(callActivity(registry, "count", new String[] {"a", "b"})).isEqualTo(2);
    }

    @Test
    void aMethodWithoutResultGivesNull() throws Throwable {
      assertThat(callOrchestrator(registry, "returnsNothing", null)).isNull();
    }

    @Test
    void anInputForAFunctionWithoutOneIsIgnored() throws Throwable {
      assertThat(callActivity(registry, "nothing", "ignored")).isEqualTo("hi ");
    }

    @Test
    void whatUserCodeThrowsArrivesAsItWasThrown() {
      assertThatThrownBy(() -> callActivity(registry, "fails", null))
          .isExactlyInstanceOf(IOException.class)
          .hasMessage("as thrown")
          .hasNoCause();
    }

    @Test
    void nullForAPrimitiveParameterNamesFunctionAndParameter() {
      assertThatThrownBy(() -> callActivity(registry, "secret", null))
          .isInstanceOf(DataConversionException.class)
          .hasMessageContainingAll("'secret'", "Shop.secret(int)", "'n'", "int", "Integer");
    }

    @Test
    void typesAreWrittenInFullAndNeverPrimitive() {
      assertThat(registry.activity("secret").inputType()).isEqualTo(Integer.class);
      assertThat(registry.activity("secret").outputType()).isEqualTo(Integer.class);
      assertThat(registry.activity("nothing").inputType()).isEqualTo(Void.class);
      assertThat(registry.activity("fails").outputType()).isEqualTo(Void.class);
      assertThat(registry.activity("contextLast").outputType())
          .isEqualTo(new TypeRef<List<Object>>() {}.type());
      assertThat(registry.orchestrator("renamed", "2").inputType()).isEqualTo(Order.class);
    }

    @Test
    void annotationsSayNameVersionAndLimit() {
      assertThat(registry.activity("secret").maxConcurrent()).isEqualTo(3);
      assertThat(registry.activity("nothing").maxConcurrent()).isZero();
      assertThat(registry.orchestrator("renamed", "2").version()).isEqualTo("2");
      assertThat(registry.hasOrchestrator("withInput")).isFalse();
      assertThat(registry.orchestrators())
          .extracting(OrchestratorFunction::name)
          .containsExactlyInAnyOrder("contextOnly", "renamed", "returnsNothing");
      assertThat(registry.activities()).hasSize(9);
    }
  }

  @Nested
  class InheritedMethods {

    interface Greeter {
      @Activity
      String greet(String name);

      @Activity
      default String wave(String name) {
        return "waves to " + name;
      }
    }

    abstract static class Base<I, R> {
      @Activity(name = "convert")
      protected abstract R convert(I input);

      @Activity
      List<I> twice(Map<String, ? extends I> input) {
        return List.copyOf(input.values());
      }

      @Activity
      private String hidden() {
        return "base";
      }

      @Activity(name = "old name")
      String renamedBelow() {
        return "base";
      }
    }

    static class Orders extends Base<Order, List<String>> implements Greeter {
      @Override
      protected List<String> convert(Order input) {
        return List.of(input.id());
      }

      @Override
      public String greet(String name) {
        return "hello " + name;
      }

      @Override
      @Activity(name = "new name")
      String renamedBelow() {
        return "orders";
      }

      @Activity(name = "own hidden")
      private String hidden() {
        return "orders";
      }
    }

    private final FunctionRegistry registry = registryOf(new Orders());

    @Test
    void anAnnotationOnAnInterfaceOrASuperclassIsEnough() throws Throwable {
      assertThat(callActivity(registry, "greet", "you")).isEqualTo("hello you");
      assertThat(callActivity(registry, "wave", "you")).isEqualTo("waves to you");
      assertThat(callActivity(registry, "convert", new Order("1"))).isEqualTo(List.of("1"));
    }

    @Test
    void theNearestAnnotationCounts() throws Throwable {
      assertThat(registry.activity("old name")).isNull();
      assertThat(callActivity(registry, "new name", null)).isEqualTo("orders");
    }

    @Test
    void privateMethodsDoNotOverrideEachOther() throws Throwable {
      assertThat(callActivity(registry, "hidden", null)).isEqualTo("base");
      assertThat(callActivity(registry, "own hidden", null)).isEqualTo("orders");
    }

    @Test
    void typeVariablesBecomeWhatTheSubclassMakesThem() {
      assertThat(registry.activity("convert").inputType()).isEqualTo(Order.class);
      assertThat(registry.activity("convert").outputType())
          .isEqualTo(new TypeRef<List<String>>() {}.type());
      Type twice = registry.activity("twice").inputType();
      assertThat(twice).isEqualTo(new TypeRef<Map<String, Order>>() {}.type());
      assertThat(new TypeRef<Map<String, Order>>() {}.type()).isEqualTo(twice);
      assertThat(twice).hasSameHashCodeAs(new TypeRef<Map<String, Order>>() {}.type());
      assertThat(twice).hasToString(new TypeRef<Map<String, Order>>() {}.type().toString());
    }

    static class Generic {
      @Activity
      <T> T any(T input) {
        return input;
      }

      @Activity
      <T extends Comparable<T>> T[] bounded(List<T> input) {
        throw new UnsupportedOperationException(input.toString());
      }
    }

    @Test
    void typeVariablesThatNothingBindsBecomeTheirBound() {
      FunctionRegistry generic = registryOf(new Generic());
      assertThat(generic.activity("any").inputType()).isEqualTo(Object.class);
      assertThat(generic.activity("bounded").inputType().getTypeName())
          .isEqualTo("java.util.List<java.lang.Comparable<java.lang.Comparable>>");
    }

    static class Wide {
      @Activity
      Object narrowed() {
        return "wide";
      }
    }

    static class Narrow extends Wide {
      @Override
      String narrowed() {
        return "narrow";
      }
    }

    @Test
    void anOverrideMayNarrowTheResult() throws Throwable {
      FunctionRegistry narrow = registryOf(new Narrow());
      assertThat(narrow.activity("narrowed").outputType()).isEqualTo(String.class);
      assertThat(callActivity(narrow, "narrowed", null)).isEqualTo("narrow");
    }

    @Test
    void aLambdaOfAnAnnotatedInterfaceIsAnObjectLikeAnyOther() throws Throwable {
      Greeter lambda = name -> "lambda " + name;
      assertThat(callActivity(registryOf(lambda), "greet", "x")).isEqualTo("lambda x");
    }
  }

  @Nested
  class StaticMethodsOfAClass {

    static final class Statics {
      @Activity
      static String hello(String name) {
        return "hello " + name;
      }

      @Orchestrator
      private static String run(OrchestrationContext ctx) {
        return "ran";
      }
    }

    @Test
    void areRegisteredWithoutAnObject() throws Throwable {
      FunctionRegistry registry = FunctionRegistry.builder().register(Statics.class).build();
      assertThat(callActivity(registry, "hello", "you")).isEqualTo("hello you");
      assertThat(callOrchestrator(registry, "run", null)).isEqualTo("ran");
    }

    @Test
    void aClassGivenAsAnObjectIsStillAClass() {
      Object statics = Statics.class;
      assertThat(registryOf(statics).activity("hello")).isNotNull();
    }

    static class Mixed {
      @Activity
      static void ofTheClass() {}

      @Activity
      void ofAnObject() {}
    }

    @Test
    void anInstanceMethodNeedsAnObject() {
      assertRefused(
          () -> FunctionRegistry.builder().register(Mixed.class),
          "Mixed.ofAnObject()",
          "instance method",
          "Register an object");
    }
  }

  @Nested
  class Lambdas {

    @Test
    void areRegisteredByNameWithTheirInputType() throws Throwable {
      FunctionRegistry registry =
          FunctionRegistry.builder()
              .orchestrator("o", ctx -> "o:" + ctx)
              .orchestrator("v", "7", ctx -> "v7")
              .orchestrator("in", Order.class, (ctx, order) -> order.id())
              .orchestrator("list", "", new TypeRef<List<Order>>() {}, (ctx, all) -> all.size())
              .activity("ping", () -> "pong")
              .activity("length", String.class, text -> text.length())
              .activity("sum", new TypeRef<List<Integer>>() {}, (ctx, all) -> all.size())
              .activity("raw", int.class, void.class, 2, (ctx, input) -> input)
              .build();

      assertThat(callOrchestrator(registry, "o", null)).isEqualTo("o:a OrchestrationContext");
      assertThat(registry.orchestrator("v", "7").invoke(Contexts.ORCHESTRATION, null))
          .isEqualTo("v7");
      assertThat(callOrchestrator(registry, "in", new Order("9"))).isEqualTo("9");
      assertThat(registry.orchestrator("list", "").inputType())
          .isEqualTo(new TypeRef<List<Order>>() {}.type());
      assertThat(callActivity(registry, "ping", null)).isEqualTo("pong");
      assertThat(registry.activity("ping").inputType()).isEqualTo(Void.class);
      assertThat(callActivity(registry, "length", "four")).isEqualTo(4);
      assertThat(callActivity(registry, "sum", List.of(1, 2))).isEqualTo(2);
      assertThat(registry.activity("raw").inputType()).isEqualTo(Integer.class);
      assertThat(registry.activity("raw").outputType()).isEqualTo(Void.class);
      assertThat(registry.activity("raw").maxConcurrent()).isEqualTo(2);
    }

    @Test
    void whatTheyThrowArrivesAsItWasThrown() {
      FunctionRegistry registry =
          FunctionRegistry.builder()
              .activity(
                  "fails",
                  () -> {
                    throw new IOException("as thrown");
                  })
              .build();
      assertThatThrownBy(() -> callActivity(registry, "fails", null))
          .isExactlyInstanceOf(IOException.class)
          .hasMessage("as thrown");
    }
  }

  @Nested
  class Refusals {

    @Test
    void nullAndObjectsWithoutFunctions() {
      assertRefused(() -> FunctionRegistry.builder().register((Object) null), "null");
      assertRefused(() -> FunctionRegistry.builder().register((Class<?>) null), "null");
      assertRefused(() -> registryOf("text"), "java.lang.String", "@Orchestrator, @Activity or");
      assertRefused(() -> registryOf(new Object()), "java.lang.Object");
    }

    static class NoContext {
      @Orchestrator
      void run(String input) {}
    }

    static class ContextLast {
      @Orchestrator
      void run(String input, OrchestrationContext ctx) {}
    }

    static class WrongContext {
      @Activity
      void run(OrchestrationContext ctx, String input) {}
    }

    static class TwoInputs {
      @Activity
      void run(String one, String two) {}
    }

    static class TwoContexts {
      @Activity
      void run(ActivityContext one, ActivityContext two) {}
    }

    static class ReturnsTask {
      @Orchestrator
      Task<String> run(OrchestrationContext ctx) {
        return null;
      }
    }

    static class Both {
      @Orchestrator
      @Activity
      void run(OrchestrationContext ctx) {}
    }

    static class Negative {
      @Activity(maxConcurrent = -1)
      void run() {}
    }

    @Test
    void signaturesThatCannotBeCalled() {
      assertRefused(() -> registryOf(new NoContext()), "NoContext.run(String)", "first parameter");
      assertRefused(() -> registryOf(new ContextLast()), "ContextLast.run", "another place");
      assertRefused(() -> registryOf(new WrongContext()), "an activity", "OrchestrationContext");
      assertRefused(() -> registryOf(new TwoInputs()), "2 input parameters", "record");
      assertRefused(() -> registryOf(new TwoContexts()), "more than one ActivityContext");
      assertRefused(() -> registryOf(new ReturnsTask()), "Task", "await");
      assertRefused(() -> registryOf(new Both()), "both @Orchestrator and @Activity");
      assertRefused(() -> registryOf(new Negative()), "maxConcurrent is -1");
    }

    static class Hello {
      @Activity
      String hello() {
        return "first";
      }
    }

    static class OtherHello {
      @Activity
      String before() {
        return "";
      }

      @Activity
      String hello() {
        return "second";
      }
    }

    @Test
    void aNameThatIsTakenNamesBothMethods() {
      var builder = FunctionRegistry.builder().register(new Hello());
      assertRefused(
          () -> builder.register(new OtherHello()),
          "OtherHello.hello()",
          "registered already",
          "Hello.hello()");
      assertThat(builder.build().activity("before")).isNull();
    }

    @Test
    void aVersionThatIsTaken() {
      var builder =
          FunctionRegistry.builder().orchestrator("o", "1", ctx -> 1).orchestrator("o", ctx -> 2);
      assertRefused(() -> builder.orchestrator("o", "1", ctx -> 3), "'o' of version '1'");
      assertRefused(() -> builder.orchestrator("o", ctx -> 3), "'o' is registered already");
    }

    @Test
    void anOrchestratorAndAnActivityMayShareAName() {
      FunctionRegistry.builder().orchestrator("same", ctx -> 1).activity("same", () -> 2).build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "line\nbreak", "nul\0", "perdure.http", "Perdure.Mine"})
    void namesThatCannotBeUsed(String name) {
      assertRefused(() -> FunctionRegistry.builder().activity(name, () -> 1), "name");
      assertRefused(() -> FunctionRegistry.builder().orchestrator(name, ctx -> 1), "name");
    }

    @Test
    void namesAndVersionsOfMoreThan200Characters() {
      String longest = "x".repeat(200);
      FunctionRegistry.builder().orchestrator(longest, longest, ctx -> 1);
      assertRefused(() -> FunctionRegistry.builder().activity(longest + "x", () -> 1), "201");
      assertRefused(
          () -> FunctionRegistry.builder().orchestrator("o", longest + "x", ctx -> 1), "version");
    }

    @Test
    void builtInFunctionsMustBearTheReservedName() {
      ActivityFunction mine =
          new LambdaFunctions.Activity("mine", Void.class, Void.class, 0, (ctx, input) -> input);
      ActivityFunction own =
          new LambdaFunctions.Activity(
              "perdure.own", Void.class, Void.class, 0, (ctx, input) -> input);
      assertRefused(() -> FunctionRegistry.builder().builtIn(mine), "'mine'");
      assertThat(FunctionRegistry.builder().builtIn(own).build().activity("perdure.own"))
          .isSameAs(own);
    }
  }

  @Test
  void aRegistryIsNotChangedByItsBuilderAndCanBeExtended() {
    var builder = FunctionRegistry.builder().orchestrator("o", "1", ctx -> 1);
    FunctionRegistry before = builder.build();
    builder.orchestrator("o", "2", ctx -> 2).activity("a", () -> 1);
    FunctionRegistry extended = before.toBuilder().orchestrator("o", "3", ctx -> 3).build();

    assertThat(before.orchestrators()).hasSize(1);
    assertThat(before.activity("a")).isNull();
    assertThat(extended.orchestrators())
        .extracting(OrchestratorFunction::version)
        .containsExactly("1", "3");
  }

  static void assertRefused(ThrowingCallable registration, CharSequence... said) {
    assertThatThrownBy(registration)
        .isInstanceOf(InvalidRegistrationException.class)
        .hasMessageContainingAll(said);
  }
}
