package dev.perdure.engine.functions;

import static dev.perdure.engine.functions.FunctionRegistrationTest.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.ActivityContext;
import dev.perdure.api.DataConversionException;
import dev.perdure.api.EntityContext;
import dev.perdure.api.EntityOperationNotFoundException;
import dev.perdure.api.EntityUpdate;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Task;
import dev.perdure.api.TypeRef;
import dev.perdure.engine.functions.elsewhere.Elsewhere;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class EntityClassTest {

  static FunctionRegistry.Builder builder() {
    return FunctionRegistry.builder();
  }

  @Nested
  class Operations {

    static class Counter {
      int value;

      private Counter() {}

      void add(int n) {
        value += n;
      }

      int get() {
        return value;
      }

      protected EntityContext context(EntityContext ctx) {
        return ctx;
      }

      public List<Object> both(EntityContext ctx, String input) {
        return List.of(ctx, input);
      }

      int count(String... words) {
        return words.length;
      }

      void fails() throws IOException {
        value = -1;
        throw new IOException("as thrown");
      }

      private void secret() {}

      static void ofTheClass() {}

      Runnable lambda() {
        return () -> value++;
      }

      @Override
      public String toString() {
        return "counter";
      }

      @Override
      public boolean equals(Object other) {
        return this == other;
      }

      @Override
      public int hashCode() {
        return 1;
      }

      String toString(int radix) {
        return Integer.toString(value, radix);
      }
    }

    private final FakeScope counter = FakeScope.of(Counter.class);

    @Test
    void takeAContextAnInputBothOrNeither() throws Throwable {
      assertThat(counter.run("get")).isEqualTo(0);
      assertThat(counter.run("add", 5)).isNull();
      assertThat(counter.run("get")).isEqualTo(5);
      assertThat(counter.run("context")).isSameAs(counter);
      assertThat(counter.run("both", "x")).isEqualTo(List.of(counter, "x"));
      assertThat(counter.run("count", new String[] {"a", "b"})).isEqualTo(2);
    }

    @Test
    void mayBeOfAClassThatTheEngineDoesNotSee() throws Throwable {
      assertThat(FakeScope.of(Elsewhere.hiddenClass()).run("add", 3)).isEqualTo(3);
    }

    @Test
    void areFoundInUpperAndLowerCase() throws Throwable {
      counter.run("ADD", 5);
      assertThat(counter.run("Get")).isEqualTo(5);
    }

    @Test
    void readTheirInputAsTheTypeOfTheParameter() throws Throwable {
      counter.run("add", 5);
      assertThat(counter.inputType()).isEqualTo(Integer.class);
      counter.run("get", "ignored");
      assertThat(counter.inputType()).isNull();
    }

    @Test
    void areNeitherPrivateNorStaticNorThoseOfEveryObject() {
      for (String none : List.of("secret", "ofTheClass", "equals", "hashCode", "lambda$lambda$0")) {
        assertThatThrownBy(() -> counter.run(none))
            .isInstanceOf(EntityOperationNotFoundException.class);
      }
    }

    @Test
    void mayBearANameOfEveryObjectWithOtherParameters() throws Throwable {
      counter.run("add", 7);
      assertThat(counter.run("toString", 2)).isEqualTo("111");
    }

    @Test
    void throwWhatTheyThrowAndKeepNothing() {
      assertThatThrownBy(() -> counter.run("fails"))
          .isExactlyInstanceOf(IOException.class)
          .hasMessage("as thrown")
          .hasNoCause();
      assertThat(counter.steps).containsExactly("begin");
    }

    @Test
    void doNotTakeNullForAPrimitive() {
      assertThatThrownBy(() -> counter.run("add"))
          .isInstanceOf(DataConversionException.class)
          .hasMessageContainingAll(
              "'add'", "@thing@a", "Counter.add(int)", "'n'", "primitive type int", "Integer");
    }

    @Test
    void thatDoNotExistBringTheNamesThatMayHaveBeenMeant() {
      assertThatThrownBy(() -> counter.run("gett"))
          .isInstanceOf(EntityOperationNotFoundException.class)
          .hasMessageContainingAll(
              "@thing@a",
              "no operation 'gett'",
              "Did you mean 'get'?",
              Counter.class.getName(),
              "correct the name");
    }

    @Test
    void thatDoNotExistBringAllNamesIfNoneIsSimilar() {
      assertThatThrownBy(() -> counter.run("withdrawEverything"))
          .hasMessageContaining(
              "It has 'add', 'both', 'context', 'count', 'delete', 'fails', 'get', 'lambda',"
                  + " 'toString'.");
    }
  }

  @Nested
  class InheritedOperations {

    interface Named {
      String name();

      default String greet(String greeting) {
        return greeting + " " + name();
      }

      static void ofTheInterface() {}
    }

    abstract static class Box<T> {
      T content;

      T get() {
        return content;
      }

      void put(T next) {
        content = next;
      }

      abstract Object describe();

      void putAll(Map<String, T> all) {}
    }

    static class ListBox extends Box<List<Integer>> implements Named {
      @Override
      public String name() {
        return "box";
      }

      @Override
      String describe() {
        return "a box";
      }

      @Override
      void put(List<Integer> next) {
        content = List.copyOf(next);
      }
    }

    private final FakeScope box = FakeScope.of(ListBox.class);

    @Test
    void comeFromSuperclassesAndInterfaces() throws Throwable {
      assertThat(box.run("greet", "hello")).isEqualTo("hello box");
      box.run("put", List.of(1));
      assertThat(box.run("get")).isEqualTo(List.of(1));
      assertThat(box.run("describe")).isEqualTo("a box");
      assertThatThrownBy(() -> box.run("ofTheInterface"))
          .isInstanceOf(EntityOperationNotFoundException.class);
    }

    @Test
    void meanByATypeVariableWhatTheEntityMakesIt() throws Throwable {
      box.run("putAll", Map.of());
      assertThat(box.inputType()).isEqualTo(new TypeRef<Map<String, List<Integer>>>() {}.type());
    }
  }

  @Nested
  class TheState {

    static class Cart {
      final List<String> items;

      Cart() {
        this.items = List.of();
      }

      Cart(List<String> items) {
        this.items = items;
      }

      int size() {
        return items.size();
      }

      Cart with(String item) {
        return new Cart(List.of(item));
      }

      Full fill() {
        return new Full();
      }

      Cart discard() {
        return null;
      }

      EntityUpdate<Cart, Integer> take() {
        return EntityUpdate.of(new Cart(), items.size());
      }

      EntityUpdate<Cart, String> checkOut() {
        return EntityUpdate.of(null, "bye");
      }

      EntityUpdate<Cart, String> forgets() {
        return null;
      }

      @SuppressWarnings({"unchecked", "rawtypes"})
      EntityUpdate<Cart, String> confuses() {
        return (EntityUpdate) EntityUpdate.of("text", "result");
      }

      EntityUpdate<Void, String> leave() {
        return EntityUpdate.of(null, "left");
      }

      String setsIt(EntityContext ctx) {
        ctx.setState(new Cart(List.of("set")));
        return "set";
      }

      void deletesIt(EntityContext ctx) {
        ctx.deleteState();
      }

      Cart setsAndReturns(EntityContext ctx) {
        ctx.setState(new Cart(List.of("set")));
        return new Cart(List.of("returned"));
      }

      EntityUpdate<Cart, String> deletesAndUpdates(EntityContext ctx) {
        ctx.deleteState();
        return EntityUpdate.of(new Cart(List.of("updated")), "result");
      }
    }

    static class Full extends Cart {}

    private final FakeScope cart = FakeScope.of(Cart.class);

    private Cart kept() {
      return (Cart) cart.state();
    }

    @Test
    void beginsAsANewObjectAndIsThatObjectFromThenOn() throws Throwable {
      cart.run("size");
      assertThat(cart.stateType()).isEqualTo(Cart.class);
      assertThat(cart.steps).containsExactly("begin", "keep");
      Cart first = kept();
      cart.run("size");
      assertThat(cart.steps).containsExactly("keep");
      assertThat(kept()).isSameAs(first);
    }

    @Test
    void isWhatAnOperationOfTheClassItselfReturns() throws Throwable {
      Object returned = cart.run("with", "tea");
      assertThat(kept()).isSameAs(returned);
      assertThat(kept().items).containsExactly("tea");
      assertThat(cart.run("fill")).isInstanceOf(Full.class).isSameAs(cart.state());
    }

    @Test
    void isDeletedByReturningNull() throws Throwable {
      cart.run("with", "tea");
      assertThat(cart.run("discard")).isNull();
      assertThat(cart.state()).isNull();
      assertThat(cart.steps).containsExactly("delete");
    }

    @Test
    void comesOutOfAnUpdateBesideTheResult() throws Throwable {
      cart.run("with", "tea");
      assertThat(cart.run("take")).isEqualTo(1);
      assertThat(kept().items).isEmpty();
      assertThat(cart.run("checkOut")).isEqualTo("bye");
      assertThat(cart.state()).isNull();
      assertThat(cart.run("leave")).isEqualTo("left");
      assertThat(cart.steps).containsExactly("begin", "delete");
    }

    @Test
    void ofTheContextWinsOverTheObject() throws Throwable {
      assertThat(cart.run("setsIt")).isEqualTo("set");
      assertThat(kept().items).containsExactly("set");
      cart.run("deletesIt");
      assertThat(cart.state()).isNull();
    }

    @Test
    void thatIsReturnedWinsOverTheContext() throws Throwable {
      cart.run("setsAndReturns");
      assertThat(kept().items).containsExactly("returned");
      assertThat(cart.run("deletesAndUpdates")).isEqualTo("result");
      assertThat(kept().items).containsExactly("updated");
    }

    @Test
    void isNotLostToAnUpdateThatIsMissingOrOfAnotherClass() throws Throwable {
      cart.run("with", "tea");
      Cart before = kept();
      assertThatThrownBy(() -> cart.run("forgets"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("Cart.forgets()", "null", "EntityUpdate.of");
      assertThatThrownBy(() -> cart.run("confuses"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("Cart.confuses()", "java.lang.String", Cart.class.getName());
      assertThat(kept()).isSameAs(before);
    }

    @Test
    void isDeletedByAnOperationThatNobodyWrote() throws Throwable {
      cart.run("with", "tea");
      assertThat(cart.run("Delete")).isNull();
      assertThat(cart.steps).containsExactly("delete");
      assertThat(cart.state()).isNull();
    }

    static class Keeper {
      int asked;

      String delete() {
        asked++;
        return "never";
      }
    }

    @Test
    void isNotDeletedIfTheClassHasAnOperationForIt() throws Throwable {
      FakeScope keeper = FakeScope.of(Keeper.class);
      assertThat(keeper.run("delete")).isEqualTo("never");
      assertThat(((Keeper) keeper.state()).asked).isEqualTo(1);
    }

    abstract static class Fluent<S extends Fluent<S>> {
      abstract S next();
    }

    static class Step extends Fluent<Step> {
      @Override
      Step next() {
        return null;
      }
    }

    static class Inheriting extends Returning<Inheriting> {}

    static class Returning<S> {
      S next() {
        return null;
      }
    }

    @Test
    void isKnownBehindATypeVariable() throws Throwable {
      for (Class<?> type : List.of(Step.class, Inheriting.class)) {
        FakeScope scope = FakeScope.of(type);
        scope.run("next");
        assertThat(scope.steps).containsExactly("begin", "delete");
      }
    }
  }

  @Nested
  class Records {

    record Account(long balance, List<String> log) {
      Account() {
        this(0, List.of());
      }

      Account deposit(long amount) {
        return new Account(balance + amount, log);
      }

      EntityUpdate<Account, Boolean> withdraw(long amount) {
        return amount > balance
            ? EntityUpdate.of(this, false)
            : EntityUpdate.of(new Account(balance - amount, log), true);
      }
    }

    @Test
    void areWrittenByReturningTheNextOne() throws Throwable {
      FakeScope account = FakeScope.of(Account.class);
      assertThat(account.run("deposit", 10L)).isEqualTo(new Account(10, List.of()));
      assertThat(account.run("withdraw", 20L)).isEqualTo(false);
      assertThat(account.run("withdraw", 4L)).isEqualTo(true);
      assertThat(account.state()).isEqualTo(new Account(6, List.of()));
    }

    @Test
    void areReadByTheirAccessors() throws Throwable {
      FakeScope account = FakeScope.of(Account.class).withState(new Account(3, List.of("x")));
      assertThat(account.run("balance")).isEqualTo(3L);
      assertThat(account.run("log")).isEqualTo(List.of("x"));
      for (String none : List.of("equals", "hashCode", "toString")) {
        assertThatThrownBy(() -> account.run(none))
            .isInstanceOf(EntityOperationNotFoundException.class);
      }
    }

    record Bare(int value) {}

    @Test
    void needAConstructorWithoutParametersOfTheirOwn() {
      assertRefused(
          () -> builder().entity(Bare.class),
          Bare.class.getName(),
          "no constructor without parameters",
          "Add Bare() { this(...); }");
    }

    record Doubled(int value) {
      Doubled() {
        this(0);
      }

      Doubled Value(int next) {
        return new Doubled(next);
      }
    }

    @Test
    void mayHaveNoOperationThatIsNamedLikeAnAccessor() {
      assertRefused(
          () -> builder().entity(Doubled.class),
          "Doubled.value()",
          "Doubled.Value(int)",
          "same name",
          "rename one");
    }
  }

  @Nested
  class Refusals {

    interface Operations {
      void run();
    }

    abstract static class Abstract {}

    class Inner {}

    static class NoConstructor {
      NoConstructor(String input) {}
    }

    static class FailsToBegin {
      FailsToBegin() throws IOException {
        throw new IOException("as thrown");
      }

      void run() {}
    }

    @Test
    void classesOfWhichThereCanBeNoObjects() {
      assertRefused(() -> builder().entity(Operations.class), "an interface", "implements it");
      assertRefused(() -> builder().entity(Abstract.class), "abstract", "extends it");
      assertRefused(() -> builder().entity(Inner.class), "inner class", "Make it static");
      assertRefused(
          () -> builder().entity(NoConstructor.class),
          NoConstructor.class.getName(),
          "no constructor without parameters",
          "may be private");
      assertRefused(() -> builder().entity("n", int.class), "int", "EntityOperations");
      assertRefused(() -> builder().entity("n", String[].class), "EntityOperations");
      assertRefused(() -> builder().entity((Class<?>) null), "null");
    }

    @Test
    void aConstructorThrowsAsItThrows() {
      assertThatThrownBy(() -> FakeScope.of(FailsToBegin.class).run("run"))
          .isExactlyInstanceOf(IOException.class)
          .hasMessage("as thrown");
    }

    static class Overloaded {
      void add(int n) {}

      void add(String n) {}
    }

    static class Inherited extends Overloaded1 {
      void ADD(int n) {}
    }

    static class Overloaded1 {
      void add(int n) {}
    }

    @Test
    void operationsOfTheSameName() {
      assertRefused(
          () -> builder().entity(Overloaded.class),
          Overloaded.class.getName(),
          "Overloaded.add(String)",
          "Overloaded.add(int)",
          "same name",
          "make it private");
      assertRefused(
          () -> builder().entity(Inherited.class), "Inherited.ADD(int)", "Overloaded1.add(int)");
    }

    static class TwoInputs {
      void run(String one, String two) {}
    }

    static class ContextLast {
      void run(String input, EntityContext ctx) {}
    }

    static class TwoContexts {
      void run(EntityContext one, EntityContext two) {}
    }

    static class Orchestrates {
      void run(OrchestrationContext ctx) {}
    }

    static class Acts {
      void run(EntityContext ctx, ActivityContext other) {}
    }

    @Test
    void parametersThatNobodyCouldPass() {
      assertRefused(
          () -> builder().entity(TwoInputs.class),
          "TwoInputs.run(String, String)",
          "2 input parameters",
          "one record");
      assertRefused(
          () -> builder().entity(ContextLast.class),
          "ContextLast.run",
          "EntityContext is not the first",
          "(EntityContext ctx, Input input)");
      assertRefused(() -> builder().entity(TwoContexts.class), "the only one of that type");
      assertRefused(
          () -> builder().entity(Orchestrates.class),
          "an operation of an entity",
          "takes an OrchestrationContext");
      assertRefused(() -> builder().entity(Acts.class), "takes an ActivityContext");
    }

    static class ReturnsTask {
      Task<String> run() {
        return null;
      }
    }

    static class UpdatesAnother {
      EntityUpdate<String, Integer> run() {
        return null;
      }
    }

    @Test
    void resultsThatMeanNothing() {
      assertRefused(
          () -> builder().entity(ReturnsTask.class), "ReturnsTask.run()", "returns a Task");
      assertRefused(
          () -> builder().entity(UpdatesAnother.class),
          "UpdatesAnother.run()",
          "a state of java.lang.String",
          "EntityUpdate<UpdatesAnother, Result>");
    }
  }
}
