package dev.perdure.engine.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.Activity;
import dev.perdure.api.Entity;
import dev.perdure.api.EntityContext;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityUpdate;
import dev.perdure.api.FunctionNotFoundException;
import dev.perdure.api.FunctionRef;
import dev.perdure.api.Task;
import dev.perdure.api.TypeRef;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OperationReferenceTest {

  interface Adder {
    int add(int n);

    void reset();
  }

  interface Holder<T> {
    T get();

    List<T> all();

    void put(T next);
  }

  static class Base<T> {
    T inherited(T input) {
      return input;
    }

    Map<String, T> inheritedMap() {
      return Map.of();
    }
  }

  @Entity(name = "Adding")
  static class Counter extends Base<Integer> implements Adder {
    @Override
    public int add(int n) {
      return n;
    }

    @Override
    public void reset() {}

    List<String> history() {
      return List.of();
    }

    String withContext(EntityContext ctx, String input) {
      return input;
    }

    void contextOnly(EntityContext ctx) {}

    EntityUpdate<Counter, List<String>> update(int n) {
      return EntityUpdate.of(this, List.of());
    }

    EntityUpdate<Counter, ?> updateOfAnything() {
      return EntityUpdate.of(this, 1);
    }

    String overloaded(String input) {
      return input;
    }

    Integer overloaded(Integer input) {
      return input;
    }

    static int twice(Counter counter, int n) {
      return 2 * n;
    }

    int count(String... words) {
      return words.length;
    }

    @Override
    public String toString() {
      return "counter";
    }

    private int secret() {
      return 0;
    }

    static FunctionRef.EntityOperationWithoutInput<Counter, Integer> referenceToSecret() {
      return Counter::secret;
    }
  }

  static class Unannotated {
    int get() {
      return 0;
    }
  }

  @Entity
  abstract static class Shape {
    abstract void grow(int by);
  }

  static class Circle extends Shape {
    @Override
    void grow(int by) {}
  }

  private final FunctionRegistry registry = FunctionRegistry.builder().build();

  // The parameter types stand for those of OrchestrationContext's methods.

  private <T, I, R> ResolvedOperation resolve(FunctionRef.EntityOperationOf<T, I, R> reference) {
    return registry.resolveOperation(reference);
  }

  private <T, I> ResolvedOperation resolveVoid(FunctionRef.VoidEntityOperationOf<T, I> reference) {
    return registry.resolveOperation(reference);
  }

  private <T, R> ResolvedOperation resolveNoInput(
      FunctionRef.EntityOperationWithoutInput<T, R> reference) {
    return registry.resolveOperation(reference);
  }

  private <T> ResolvedOperation resolveVoidNoInput(
      FunctionRef.VoidEntityOperationWithoutInput<T> reference) {
    return registry.resolveOperation(reference);
  }

  private <T, I, R> ResolvedOperation resolveWithContext(
      FunctionRef.EntityOperationWithContext<T, I, R> reference) {
    return registry.resolveOperation(reference);
  }

  private <T> ResolvedOperation resolveContextOnly(
      FunctionRef.VoidEntityOperationWithContextOnly<T> reference) {
    return registry.resolveOperation(reference);
  }

  private static ResolvedOperation counterOperation(String operation, Type resultType) {
    return new ResolvedOperation(
        Counter.class, operation, resultType, operation.startsWith("update"), "adding");
  }

  @Test
  void leadsToTheNameAndTheResultTypeOfTheOperation() {
    assertThat(resolve(Counter::add)).isEqualTo(counterOperation("add", Integer.class));
    assertThat(resolveVoidNoInput(Counter::reset)).isEqualTo(counterOperation("reset", Void.class));
    assertThat(resolveNoInput(Counter::history))
        .isEqualTo(counterOperation("history", new TypeRef<List<String>>() {}.type()));
  }

  @Test
  void doesNotCountTheContextAsAnInput() {
    assertThat(resolveWithContext(Counter::withContext))
        .isEqualTo(counterOperation("withContext", String.class));
    assertThat(resolveContextOnly(Counter::contextOnly))
        .isEqualTo(counterOperation("contextOnly", Void.class));
  }

  @Test
  void givesTheResultOfAnUpdateAndNotItsState() {
    assertThat(resolve(Counter::update).resultType())
        .isEqualTo(new TypeRef<List<String>>() {}.type());
    assertThat(resolveNoInput(Counter::updateOfAnything).resultType()).isEqualTo(Object.class);
  }

  @Test
  void mayNameAnInterfaceThatSaysNothingOfTheEntity() {
    assertThat(resolve(Adder::add))
        .isEqualTo(new ResolvedOperation(Adder.class, "add", Integer.class, false, null));
    assertThat(resolveVoidNoInput(Adder::reset).resultType()).isEqualTo(Void.class);
  }

  @Test
  void takesFromThePlaceInTheSourceWhatAGenericInterfaceLeavesOpen() {
    FunctionRef.EntityOperationWithoutInput<Holder<Integer>, Integer> get = Holder::get;
    assertThat(resolveNoInput(get).resultType()).isEqualTo(Integer.class);
    FunctionRef.EntityOperationWithoutInput<Holder<Integer>, Object> wider = Holder::get;
    assertThat(resolveNoInput(wider).resultType()).isEqualTo(Object.class);
    FunctionRef.VoidEntityOperationWithoutInput<Holder<Integer>> ignored = Holder::get;
    assertThat(resolveVoidNoInput(ignored).resultType()).isEqualTo(Object.class);
    FunctionRef.VoidEntityOperationOf<Holder<Integer>, Integer> put = Holder::put;
    assertThat(resolveVoid(put))
        .isEqualTo(new ResolvedOperation(Holder.class, "put", Void.class, false, null));
  }

  @Test
  void resolvesWhatAnInheritedOperationMeansInTheClassThatIsNamed() {
    assertThat(resolve(Counter::inherited)).isEqualTo(counterOperation("inherited", Integer.class));
    FunctionRef.EntityOperationWithoutInput<Counter, Map<String, Integer>> map =
        Counter::inheritedMap;
    assertThat(resolveNoInput(map))
        .isEqualTo(counterOperation("inheritedMap", new TypeRef<Map<String, Integer>>() {}.type()));
  }

  @Test
  void saysWhichEntityItsClassIsUnlessItMayBeSeveral() {
    assertThat(resolveVoid(Circle::grow).entityName()).isEqualTo("circle");
    assertThat(resolveVoid(Shape::grow).entityName()).isNull();
    assertThat(resolveNoInput(Unannotated::get).entityName()).isNull();
  }

  @Test
  void tellsOverloadsApart() {
    FunctionRef.EntityOperationOf<Counter, String, String> text = Counter::overloaded;
    FunctionRef.EntityOperationOf<Counter, Integer, Integer> number = Counter::overloaded;
    assertThat(resolve(text).resultType()).isEqualTo(String.class);
    assertThat(resolve(number).resultType()).isEqualTo(Integer.class);
  }

  @Test
  void isFoundOnceForEachPlaceInTheSource() {
    ResolvedOperation first = null;
    for (int i = 0; i < 3; i++) {
      ResolvedOperation found = resolve(Counter::add);
      assertThat(first == null || first == found).isTrue();
      first = found;
    }
  }

  @Test
  void isNoLambdaNoConstructorAndNoOtherObject() {
    assertThatThrownBy(() -> resolve((Counter c, Integer n) -> c.add(n)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("lambda", getClass().getName(), "method reference", "by name");
    assertThatThrownBy(
            () -> resolve((FunctionRef.EntityOperationOf<Counter, String, Integer>) Counter::count))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("lambda", "varargs");
    assertThatThrownBy(
            () ->
                resolveNoInput(
                    (FunctionRef.EntityOperationWithoutInput<String, String>) String::new))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("constructor of java.lang.String");
    assertThatThrownBy(() -> registry.resolveOperation(new FunctionRef.ToEntityOperation() {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not a method reference");
  }

  @Test
  void isNoMethodThatCouldNotBeAnOperation() {
    assertThatThrownBy(
            () ->
                resolve((FunctionRef.EntityOperationOf<Counter, Integer, Integer>) Counter::twice))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("Counter.twice(Counter, int)", "not an operation", "static");
    assertThatThrownBy(() -> resolveNoInput(Counter.referenceToSecret()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("Counter.secret()", "private");
    assertThatThrownBy(
            () ->
                resolveNoInput(
                    (FunctionRef.EntityOperationWithoutInput<Counter, String>) Counter::toString))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("Counter.toString()", "every object");
  }

  @Test
  void anInputThatTheCompilerTookForTheEntityIsMissed() {
    Counter bound = new Counter();
    assertThatThrownBy(
            () ->
                resolveNoInput(
                    (FunctionRef.EntityOperationWithoutInput<Integer, Integer>) bound::add))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("Counter.add(int)", "takes an input", "Pass the input");
    FunctionRef.EntityOperationOf<Counter, EntityContext, Object> disguised =
        OddContext.operation();
    assertThatThrownBy(() -> resolve(disguised))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("OddContext.peek(EntityContext)", "takes no input", "Leave");
  }

  static class OddContext extends Counter {
    Object peek(EntityContext ctx) {
      return ctx;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    static FunctionRef.EntityOperationOf<Counter, EntityContext, Object> operation() {
      FunctionRef.EntityOperationOf<OddContext, EntityContext, Object> own = OddContext::peek;
      return (FunctionRef.EntityOperationOf) own;
    }
  }

  interface Asynchronous {
    Task<Integer> get();
  }

  @Test
  void aTaskAsAResultIsExplained() {
    assertThatThrownBy(() -> resolveNoInput(Asynchronous::get))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("Asynchronous.get()", "returns a Task", "entityProxy");
  }

  static class Functions {
    @Entity
    String stock(EntityContext ctx) {
      return "";
    }

    @Activity
    int unrelated() {
      return 1;
    }
  }

  @Test
  void anEntityIsNotCalledAsAnActivity() {
    FunctionRegistry functions = FunctionRegistry.builder().register(new Functions()).build();
    FunctionRef.ActivityOf<Functions, EntityContext, String> method = Functions::stock;
    assertThatThrownBy(() -> functions.resolve(method))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("Functions.stock", "an entity", "an activity", "callEntity");
    FunctionRef.ActivityOf<Counter, Integer, Integer> operation = Counter::add;
    assertThatThrownBy(() -> functions.resolve(operation))
        .isInstanceOf(FunctionNotFoundException.class)
        .hasMessageContainingAll("Counter.add(int)", "an operation of the entity", "callEntity");
  }

  @Test
  void anOperationIsUsedForEntitiesOfItsClassOnly() {
    ResolvedOperation add = counterOperation("add", Integer.class);
    assertThat(add.of(EntityId.of("Adding", "a"))).isSameAs(add);
    assertThatThrownBy(() -> add.of(EntityId.of("subtracting", "a")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Counter::add is an operation of the entity 'adding'")
        .hasMessageContaining("@subtracting@a");
  }

  @Test
  void anOperationWhoseCallersGetAPartOfWhatItReturnsIsNotCalledByReference() {
    ResolvedOperation update = counterOperation("update", Integer.class);
    EntityId id = EntityId.of("adding", "a");
    assertThat(update.of(id)).isSameAs(update);
    assertThatThrownBy(() -> update.calledOf(id))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("returns an EntityUpdate")
        .hasMessageContaining("by name");
  }
}
