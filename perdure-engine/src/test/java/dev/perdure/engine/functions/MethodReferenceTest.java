package dev.perdure.engine.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.Activity;
import dev.perdure.api.ActivityContext;
import dev.perdure.api.FunctionNotFoundException;
import dev.perdure.api.FunctionRef;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.TypeRef;
import java.io.Serializable;
import java.util.List;
import org.junit.jupiter.api.Test;

class MethodReferenceTest {

  interface Greeter {
    String greet(String name);
  }

  interface Converter<I, R> {
    R convert(I input);
  }

  static class Base {
    @Activity
    String inherited(String input) {
      return input;
    }
  }

  static class Cities extends Base implements Greeter, Converter<Integer, List<String>> {
    @Activity(name = "SayHello")
    String sayHello(String city) {
      return city;
    }

    @Activity
    void log(String line) {}

    @Activity
    int countAll() {
      return 0;
    }

    @Activity
    String withContext(ActivityContext ctx, String input) {
      return input;
    }

    @Activity
    @Override
    public String greet(String name) {
      return name;
    }

    @Activity
    @Override
    public List<String> convert(Integer input) {
      return List.of();
    }

    @Activity(name = "overloaded-string")
    String overloaded(String input) {
      return input;
    }

    @Activity(name = "overloaded-long")
    long overloaded(long input) {
      return input;
    }

    @Activity
    static int measure(String text) {
      return text.length();
    }

    @Activity
    private String secret(String input) {
      return input;
    }

    static FunctionRef.ActivityOf<Cities, String, String> referenceToSecret() {
      return Cities::secret;
    }

    @Activity
    int count(String... words) {
      return words.length;
    }

    @Orchestrator
    String process(OrchestrationContext ctx, String input) {
      return input;
    }

    @Orchestrator(name = "cleanUp", version = "2")
    void cleanUp2(OrchestrationContext ctx) {}

    @Orchestrator
    Integer plan(OrchestrationContext ctx) {
      return 1;
    }

    String notAnnotated(String input) {
      return input;
    }
  }

  static class Village extends Cities {}

  static class Stranger {
    @Activity
    String elsewhere(String input) {
      return input;
    }

    @Activity
    static String elsewhereStatic(String input) {
      return input;
    }
  }

  private final FunctionRegistry registry =
      FunctionRegistry.builder().register(new Cities()).build();

  // The parameter types stand for those of OrchestrationContext's methods.

  private <T, I, R> ResolvedFunction resolve(FunctionRef.ActivityOf<T, I, R> reference) {
    return registry.resolve(reference);
  }

  private <T, I> ResolvedFunction resolveVoid(FunctionRef.VoidActivityOf<T, I> reference) {
    return registry.resolve(reference);
  }

  private <T, R> ResolvedFunction resolveNoInput(FunctionRef.ActivityWithoutInput<T, R> reference) {
    return registry.resolve(reference);
  }

  private <I, R> ResolvedFunction resolveBound(FunctionRef.BoundActivity<I, R> reference) {
    return registry.resolve(reference);
  }

  private <T, I, R> ResolvedFunction resolveWithContext(
      FunctionRef.ActivityWithContext<T, I, R> reference) {
    return registry.resolve(reference);
  }

  private <T, I, R> ResolvedFunction resolveOrchestrator(
      FunctionRef.OrchestratorOf<T, I, R> reference) {
    return registry.resolve(reference);
  }

  private <T, R> ResolvedFunction resolveOrchestratorWithoutInput(
      FunctionRef.OrchestratorWithoutInput<T, R> reference) {
    return registry.resolve(reference);
  }

  @Test
  void leadsToTheNameAndTheResultTypeOfTheFunction() {
    assertThat(resolve(Cities::sayHello))
        .isEqualTo(new ResolvedFunction("SayHello", "", String.class));
    assertThat(resolveVoid(Cities::log)).isEqualTo(new ResolvedFunction("log", "", Void.class));
    assertThat(resolveNoInput(Cities::countAll))
        .isEqualTo(new ResolvedFunction("countAll", "", Integer.class));
    assertThat(resolveWithContext(Cities::withContext))
        .isEqualTo(new ResolvedFunction("withContext", "", String.class));
    assertThat(resolveBound(Cities::measure))
        .isEqualTo(new ResolvedFunction("measure", "", Integer.class));
    assertThat(resolveOrchestrator(Cities::process))
        .isEqualTo(new ResolvedFunction("process", "", String.class));
    assertThat(resolveOrchestratorWithoutInput(Cities::plan))
        .isEqualTo(new ResolvedFunction("plan", "", Integer.class));
  }

  @Test
  void mayBeBoundToAnObject() {
    Cities cities = new Cities();
    assertThat(resolveBound(cities::sayHello).name()).isEqualTo("SayHello");
    for (Cities each : List.of(new Cities(), new Cities())) {
      assertThat(resolveBound(each::greet).name()).isEqualTo("greet");
    }
  }

  @Test
  void mayNameTheInterfaceOrTheGenericInterfaceThatTheFunctionImplements() {
    assertThat(resolve(Greeter::greet).name()).isEqualTo("greet");
    FunctionRef.ActivityOf<Converter<Integer, List<String>>, Integer, List<String>> generic =
        Converter::convert;
    assertThat(resolve(generic))
        .isEqualTo(new ResolvedFunction("convert", "", new TypeRef<List<String>>() {}.type()));
  }

  @Test
  void mayNameTheClassThatInheritsOrTheClassThatDeclares() {
    assertThat(resolve(Cities::inherited).name()).isEqualTo("inherited");
    assertThat(resolve(Base::inherited).name()).isEqualTo("inherited");
    assertThat(resolve(Village::sayHello).name()).isEqualTo("SayHello");
  }

  @Test
  void tellsOverloadsApart() {
    FunctionRef.ActivityOf<Cities, String, String> text = Cities::overloaded;
    FunctionRef.ActivityOf<Cities, Long, Long> number = Cities::overloaded;
    assertThat(resolve(text).name()).isEqualTo("overloaded-string");
    assertThat(resolve(number)).isEqualTo(new ResolvedFunction("overloaded-long", "", Long.class));
  }

  @Test
  void mayNameAPrivateMethodFromWithinItsClass() {
    assertThat(resolve(Cities.referenceToSecret()).name()).isEqualTo("secret");
  }

  @Test
  void isFoundOnceForEachPlaceInTheSource() {
    ResolvedFunction first = null;
    for (int i = 0; i < 3; i++) {
      ResolvedFunction found = resolve(Cities::sayHello);
      assertThat(first == null || first == found).isTrue();
      first = found;
    }
  }

  @Test
  void twoRegistriesDoNotShareWhatTheyFound() {
    FunctionRef.ActivityOf<Stranger, String, String> reference = Stranger::elsewhere;
    FunctionRegistry other = FunctionRegistry.builder().register(new Stranger()).build();
    assertThat(other.resolve(reference).name()).isEqualTo("elsewhere");
    assertThatThrownBy(() -> registry.resolve(reference))
        .isInstanceOf(FunctionNotFoundException.class);
  }

  @Test
  void aLambdaIsRefused() {
    assertThatThrownBy(() -> resolve((Cities c, String s) -> c.sayHello(s)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("lambda", getClass().getName(), "method reference");
  }

  @Test
  void aReferenceThatTheCompilerTurnsIntoALambdaIsExplained() {
    FunctionRef.ActivityOf<Cities, String, Integer> spreading = Cities::count;
    assertThatThrownBy(() -> resolve(spreading))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("lambda", "varargs", "by name");
    FunctionRef.ActivityOf<Cities, String[], Integer> plain = Cities::count;
    assertThat(resolve(plain).name()).isEqualTo("count");
  }

  @Test
  void anObjectThatIsNoReferenceIsRefused() {
    assertThatThrownBy(() -> registry.resolve("text"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("java.lang.String", "not a method reference");
    assertThatThrownBy(
            () ->
                resolve(
                    new FunctionRef.ActivityOf<Cities, String, String>() {
                      @Override
                      public String apply(Cities target, String input) {
                        return input;
                      }
                    }))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not a method reference");
  }

  @Test
  void aConstructorIsRefused() {
    assertThatThrownBy(() -> resolveBound((FunctionRef.BoundActivity<String, String>) String::new))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("constructor of java.lang.String");
  }

  @Test
  void aMethodWithoutAnnotationIsNamed() {
    assertThatThrownBy(() -> resolve(Cities::notAnnotated))
        .isInstanceOf(FunctionNotFoundException.class)
        .hasMessageContainingAll(
            "Cities.notAnnotated(String)", "neither @Activity nor", "Annotate");
  }

  @Test
  void anAnnotatedMethodOfAClassThatIsNotRegisteredIsNamed() {
    assertThatThrownBy(() -> resolve(Stranger::elsewhere))
        .isInstanceOf(FunctionNotFoundException.class)
        .hasMessageContainingAll("Stranger.elsewhere(String)", "Register an object of the class");
    assertThatThrownBy(() -> resolveBound(Stranger::elsewhereStatic))
        .isInstanceOf(FunctionNotFoundException.class)
        .hasMessageContaining("Register the class Stranger");
  }

  @Test
  void anOrchestratorIsNotCalledAsAnActivity() {
    FunctionRef.ActivityOf<Cities, OrchestrationContext, Integer> disguised = Cities::plan;
    assertThatThrownBy(() -> resolve(disguised))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("Cities.plan", "an orchestrator", "callSubOrchestrator");
  }

  static class Odd {
    @Activity
    String any(Object input) {
      return "";
    }
  }

  @Test
  void anActivityIsNotCalledAsAnOrchestrator() {
    FunctionRegistry odd = FunctionRegistry.builder().register(new Odd()).build();
    FunctionRef.OrchestratorWithoutInput<Odd, String> disguised = Odd::any;
    assertThatThrownBy(() -> odd.resolve(disguised))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("Odd.any(Object)", "an activity", "Use call.");
  }

  @Test
  void anInputThatTheCompilerTookForTheReceiverIsMissed() {
    // ctx.call(Cities::measure) compiles: String could be the object on which it is called.
    assertThatThrownBy(
            () ->
                resolveNoInput((FunctionRef.ActivityWithoutInput<String, Integer>) Cities::measure))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("Cities.measure(String)", "takes an input");
    assertThatThrownBy(
            () -> resolveBound((FunctionRef.BoundActivity<Cities, Integer>) Cities::countAll))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("Cities.countAll()", "takes no input");
  }

  static class FirstGreeter implements Greeter {
    @Override
    @Activity(name = "first")
    public String greet(String name) {
      return name;
    }
  }

  static class SecondGreeter implements Greeter {
    @Override
    @Activity(name = "second")
    public String greet(String name) {
      return name;
    }
  }

  @Test
  void aReferenceThatMayMeanSeveralFunctionsNamesThem() {
    FunctionRegistry both =
        FunctionRegistry.builder()
            .register(new FirstGreeter())
            .register(new SecondGreeter())
            .build();
    FunctionRef.ActivityOf<Greeter, String, String> reference = Greeter::greet;
    assertThatThrownBy(() -> both.resolve(reference))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("Greeter.greet(String)", "'first', 'second'");
    FunctionRef.ActivityOf<FirstGreeter, String, String> clear = FirstGreeter::greet;
    assertThat(both.resolve(clear).name()).isEqualTo("first");
  }

  @Test
  void aReferenceOfTheUsersOwnTypeMayMeanEitherKind() {
    interface Own extends Serializable {
      String run(Cities cities, String input);
    }
    Own own = Cities::sayHello;
    assertThat(registry.resolve(own).name()).isEqualTo("SayHello");
  }
}
