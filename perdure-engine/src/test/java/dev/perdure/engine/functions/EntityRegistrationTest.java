package dev.perdure.engine.functions;

import static dev.perdure.engine.functions.FunctionRegistrationTest.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.Activity;
import dev.perdure.api.Entity;
import dev.perdure.api.EntityContext;
import dev.perdure.api.EntityOperationNotFoundException;
import dev.perdure.api.EntityOperations;
import dev.perdure.api.EntityUpdate;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.Task;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntityRegistrationTest {

  @Entity
  static class Counter {
    int value;

    int add(int n) {
      return value += n;
    }
  }

  @Entity(name = "Till")
  static class Register {
    @Activity
    static String count(String input) {
      return "counted " + input;
    }

    @Orchestrator
    static void close(OrchestrationContext ctx) {}

    @Entity
    static String drawer(EntityContext ctx) {
      return ctx.operation();
    }
  }

  static class Plain {
    void run() {}
  }

  static FunctionRegistry.Builder builder() {
    return FunctionRegistry.builder();
  }

  static Object run(FunctionRegistry registry, String entity, String operation, Object input)
      throws Throwable {
    return FakeScope.of(registry.entity(entity)).run(operation, input);
  }

  @Nested
  class Classes {

    @Test
    void areEntitiesIfTheyAreAnnotated() throws Throwable {
      FunctionRegistry registry = builder().register(Counter.class).build();
      assertThat(run(registry, "counter", "add", 3)).isEqualTo(3);
      assertThat(registry.entity("counter").name()).isEqualTo("counter");
      assertThat(registry.entity("counter")).hasToString(Counter.class.getName());
      assertThat(registry.entities()).hasSize(1);
      assertThat(registry.activities()).isEmpty();
    }

    @Test
    void bringTheirAnnotatedStaticMethodsAlong() throws Throwable {
      FunctionRegistry registry = builder().register(Register.class).build();
      assertThat(registry.entities())
          .extracting(EntityFunction::name)
          .containsExactly("till", "drawer");
      assertThat(registry.activity("count").invoke(Contexts.ACTIVITY, "x")).isEqualTo("counted x");
      assertThat(registry.hasOrchestrator("close")).isTrue();
      assertThat(run(registry, "drawer", "open", null)).isEqualTo("open");
    }

    @Test
    void doNotBringThemIfOnlyTheEntityIsAskedFor() {
      FunctionRegistry registry = builder().entity(Register.class).build();
      assertThat(registry.entity("till")).isNotNull();
      assertThat(registry.activities()).isEmpty();
    }

    @Test
    void withoutAnnotationAreGivenByHand() {
      FunctionRegistry registry =
          builder().entity(Plain.class).entity("Other", Plain.class).build();
      assertThat(registry.entities())
          .extracting(EntityFunction::name)
          .containsExactly("plain", "other");
    }

    @Test
    void keepTheNameOfTheirAnnotation() {
      assertThat(builder().entity("tILL", Register.class).build().entity("till")).isNotNull();
      assertRefused(
          () -> builder().entity("drawer", Register.class),
          Register.class.getName(),
          "'Till'",
          "'drawer'",
          "in one place");
    }

    static class Sub extends Counter {}

    @Test
    void inheritTheAnnotation() throws Throwable {
      FunctionRegistry registry = builder().register(Sub.class).build();
      assertThat(run(registry, "sub", "add", 3)).isEqualTo(3);
      assertThat(registry.entity("counter")).isNull();
    }

    @Test
    void areNotRegisteredAsObjects() {
      assertRefused(
          () -> builder().register(new Counter()),
          Counter.class.getName(),
          "it is an entity",
          "register(Counter.class)");
    }

    @Entity
    static class AnnotatedOperation {
      @Activity
      void run() {}
    }

    @Test
    void mayNotHaveAnnotatedInstanceMethods() {
      assertRefused(
          () -> builder().register(AnnotatedOperation.class),
          "AnnotatedOperation.run()",
          "@Activity",
          "are its operations",
          "Make it static");
    }

    @Entity
    static class BrokenStatics {
      @Activity
      static void run(String one, String two) {}
    }

    @Test
    void areRegisteredWithAllTheirFunctionsOrNotAtAll() {
      FunctionRegistry.Builder builder = builder().activity("count", () -> 1);
      assertRefused(() -> builder.register(Register.class), "'count' is registered already");
      assertRefused(() -> builder.register(BrokenStatics.class), "2 input parameters");
      assertThat(builder.build().entities()).isEmpty();
    }
  }

  @Nested
  class Methods {

    static class Shop {
      @Entity
      String Stock(EntityContext ctx) {
        return ctx.id() + " " + ctx.operation();
      }

      @Entity(name = "Alarm")
      private void silent(EntityContext ctx) throws IOException {
        throw new IOException("as thrown");
      }

      @Activity
      int unrelated() {
        return 1;
      }
    }

    private final FunctionRegistry registry = builder().register(new Shop()).build();

    @Test
    void areCalledForEveryOperation() throws Throwable {
      FakeScope stock = FakeScope.of(registry.entity("stock"));
      assertThat(stock.run("fill")).isEqualTo("@thing@a fill");
      assertThat(stock.run("delete")).isEqualTo("@thing@a delete");
      assertThat(stock.steps).isEmpty();
    }

    @Test
    void bearTheNameOfTheAnnotationOrTheirOwn() {
      assertThat(registry.entities())
          .extracting(EntityFunction::name)
          .containsExactlyInAnyOrder("stock", "alarm");
      assertThat(registry.entity("stock").toString()).contains("Shop.Stock(EntityContext)");
      assertThat(registry.activities()).hasSize(1);
    }

    @Test
    void throwWhatTheyThrow() {
      assertThatThrownBy(() -> run(registry, "alarm", "ring", null))
          .isExactlyInstanceOf(IOException.class)
          .hasMessage("as thrown")
          .hasNoCause();
    }

    static class NoContext {
      @Entity
      void run() {}
    }

    static class WithInput {
      @Entity
      void run(EntityContext ctx, String input) {}
    }

    static class WrongContext {
      @Entity
      void run(OrchestrationContext ctx) {}
    }

    static class ReturnsTask {
      @Entity
      Task<String> run(EntityContext ctx) {
        return null;
      }
    }

    static class ActsToo {
      @Entity
      @Activity
      void run(EntityContext ctx) {}
    }

    static class AllAtOnce {
      @Entity
      @Activity
      @Orchestrator
      void run(EntityContext ctx) {}
    }

    static class AnActivity {
      @Activity
      void run(EntityContext ctx) {}
    }

    @Test
    void takeTheirContextAndNothingElse() {
      assertRefused(
          () -> builder().register(new NoContext()),
          "NoContext.run()",
          "first parameter of an entity is its EntityContext",
          "has none");
      assertRefused(
          () -> builder().register(new WithInput()),
          "WithInput.run(EntityContext, String)",
          "called for every operation",
          "ctx.input");
      assertRefused(
          () -> builder().register(new WrongContext()),
          "it is an entity and takes an OrchestrationContext");
      assertRefused(() -> builder().register(new ReturnsTask()), "returns a Task");
      assertRefused(
          () -> builder().register(new AnActivity()), "an activity and takes an EntityContext");
    }

    @Test
    void areOfOneKind() {
      assertRefused(
          () -> builder().register(new ActsToo()),
          "ActsToo.run(EntityContext)",
          "both @Activity and @Entity",
          "Keep one");
      assertRefused(
          () -> builder().register(new AllAtOnce()), "@Orchestrator and @Activity and @Entity");
    }
  }

  @Nested
  class Lambdas {

    @Test
    void areCalledForEveryOperation() throws Throwable {
      FunctionRegistry registry =
          builder()
              .entity(
                  "Echo",
                  ctx -> {
                    ctx.setState(ctx.input(String.class));
                    return ctx.operation();
                  })
              .build();
      FakeScope echo = FakeScope.of(registry.entity("echo"));
      assertThat(echo.run("delete", "x")).isEqualTo("delete");
      assertThat(echo.state()).isEqualTo("x");
      assertThat(echo.steps).containsExactly("set");
      assertThat(registry.entity("echo").name()).isEqualTo("echo");
    }

    @Test
    void throwWhatTheyThrow() {
      FunctionRegistry registry =
          builder()
              .entity(
                  "fails",
                  ctx -> {
                    throw new IOException("as thrown");
                  })
              .build();
      assertThatThrownBy(() -> run(registry, "fails", "x", null))
          .isExactlyInstanceOf(IOException.class);
    }
  }

  @Nested
  class Operations {

    private final EntityOperations<Integer> counter =
        EntityOperations.of(Integer.class, () -> 0)
            .operation("add", Integer.class, (value, n) -> value + n)
            .operation("Reset", value -> 0)
            .operation("drop", value -> null)
            .query("get", value -> value)
            .update("take", int.class, (ctx, value, n) -> EntityUpdate.of(value - n, ctx.id()))
            .update("forgets", Void.class, (ctx, value, none) -> null);

    private final FakeScope scope =
        FakeScope.of(builder().entity("Counter", counter).build().entity("counter"));

    @Test
    void changeTheStateAndGiveIt() throws Throwable {
      assertThat(scope.run("add", 3)).isEqualTo(3);
      assertThat(scope.stateType()).isEqualTo(Integer.class);
      assertThat(scope.inputType()).isEqualTo(Integer.class);
      assertThat(scope.steps).containsExactly("begin", "keep");
      assertThat(scope.run("ADD", 3)).isEqualTo(6);
      assertThat(scope.steps).containsExactly("keep");
      assertThat(scope.run("reset")).isEqualTo(0);
      assertThat(scope.inputType()).isNull();
      assertThat(scope.state()).isEqualTo(0);
    }

    @Test
    void lookAtTheState() throws Throwable {
      scope.withState(5);
      assertThat(scope.run("get")).isEqualTo(5);
      assertThat(scope.state()).isEqualTo(5);
    }

    @Test
    void giveAResultBesideTheState() throws Throwable {
      scope.withState(5);
      assertThat(scope.run("take", 2)).isEqualTo(scope.id());
      assertThat(scope.inputType()).isEqualTo(Integer.class);
      assertThat(scope.state()).isEqualTo(3);
    }

    @Test
    void deleteTheStateByNameOrByNull() throws Throwable {
      assertThat(scope.withState(5).run("delete")).isNull();
      assertThat(scope.state()).isNull();
      assertThat(scope.withState(5).run("drop")).isNull();
      assertThat(scope.state()).isNull();
      assertThat(scope.steps).containsExactly("delete");
    }

    @Test
    void mayHaveADeleteOfTheirOwn() throws Throwable {
      var keeper = EntityOperations.of(String.class, () -> "").query("Delete", text -> "never");
      FakeScope own = FakeScope.of(builder().entity("k", keeper).build().entity("k"));
      assertThat(own.withState("x").run("delete")).isEqualTo("never");
      assertThat(own.state()).isEqualTo("x");
    }

    @Test
    void thatDoNotExistBringTheNamesThatDo() {
      assertThatThrownBy(() -> scope.run("rest"))
          .isInstanceOf(EntityOperationNotFoundException.class)
          .hasMessageContainingAll("@thing@a", "'rest'", "'Reset'", "the entity 'counter'");
      assertThatThrownBy(() -> scope.run("somethingElse"))
          .hasMessageContaining("It has 'add', 'delete', 'drop', 'forgets', 'get', 'Reset',");
    }

    @Test
    void haveToGiveAnUpdateAndAnInitialState() {
      assertThatThrownBy(() -> scope.run("forgets"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("'forgets'", "'counter'", "EntityUpdate.of");
      EntityOperations<String> empty =
          EntityOperations.<String>of(String.class, () -> null).query("get", text -> text);
      FakeScope nothing = FakeScope.of(builder().entity("e", empty).build().entity("e"));
      assertThatThrownBy(() -> nothing.run("get"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("initial state of entity 'e'", "null");
    }

    @Test
    void thatAreAddedAfterwardsAreNotSeen() {
      counter.query("late", value -> value);
      assertThatThrownBy(() -> scope.run("late"))
          .isInstanceOf(EntityOperationNotFoundException.class);
    }

    @Test
    void needNamesOfTheirOwn() {
      assertRefused(
          () -> builder().entity("Counter", counter.query("GET", value -> value)),
          "Entity 'Counter'",
          "'get' and 'GET'",
          "same name");
      assertRefused(
          () ->
              builder()
                  .entity("e", EntityOperations.of(String.class, String::new).query(" ", s -> s)),
          "operation of the entity 'e'",
          "name is empty");
    }
  }

  @Nested
  class Names {

    @Test
    void areTheSameInUpperAndLowerCase() {
      FunctionRegistry registry = builder().register(Counter.class).build();
      assertThat(registry.entity("COUNTER")).isSameAs(registry.entity("counter")).isNotNull();
      assertThat(registry.entity("counters")).isNull();
    }

    @Test
    void thatAreTaken() {
      FunctionRegistry.Builder builder = builder().register(Counter.class);
      assertRefused(
          () -> builder.entity("counTER", ctx -> 1),
          "a lambda",
          "entity 'counter' is registered already",
          Counter.class.getName(),
          "another name");
      assertRefused(() -> builder.entity("counter", Plain.class), "registered already");
      assertRefused(() -> builder.register(Counter.class), "registered already");
      assertRefused(
          () -> builder.entity("counter", EntityOperations.of(String.class, String::new)),
          "operations on a state of java.lang.String",
          "registered already");
    }

    @Test
    void mayBeThoseOfOtherFunctions() {
      builder()
          .entity("same", ctx -> 1)
          .activity("same", () -> 1)
          .orchestrator("same", ctx -> 1)
          .build();
    }

    @ParameterizedTest
    @ValueSource(
        strings = {"", "  ", "line\nbreak", "perdure.mine", "Perdure.Mine", "a@b", "half\uD800"})
    void thatCannotBeUsed(String name) {
      assertRefused(() -> builder().entity(name, ctx -> 1), "name");
      assertRefused(() -> builder().entity(name, Plain.class), "name");
      assertRefused(
          () -> builder().entity(name, EntityOperations.of(String.class, String::new)), "name");
    }

    static class OddlyNamed {
      @Entity(name = "a@b")
      void run(EntityContext ctx) {}
    }

    @Test
    void ofMethodsHoldNoAtSignEither() {
      assertRefused(() -> builder().register(new OddlyNamed()), "OddlyNamed.run", "'@'");
    }
  }

  @Nested
  class LookingUp {

    private final FunctionRegistry registry =
        builder()
            .entity("Counter", ctx -> 1)
            .activity("chargeCard", () -> 1)
            .orchestrator("order", ctx -> 1)
            .build();

    @Test
    void aMissingEntityBringsTheNamesThatMayHaveBeenMeant() {
      assertThat(registry.entityNotFound("conter"))
          .hasMessageContainingAll(
              "No entity 'conter'", "Did you mean 'counter'?", "the class that has @Entity");
      assertThat(builder().build().entityNotFound("x")).hasMessageContaining("None is registered");
    }

    @Test
    void aFunctionOfAnotherKindIsPointedOut() {
      assertThat(registry.entityNotFound("chargecard"))
          .hasMessageContainingAll("There is an activity of this name", "use callActivity");
      assertThat(registry.entityNotFound("order"))
          .hasMessageContainingAll("There is an orchestrator", "use callSubOrchestrator");
      assertThat(registry.activityNotFound("Counter"))
          .hasMessageContainingAll("There is an entity of this name", "callEntity");
      assertThat(registry.orchestratorNotFound("counter", ""))
          .hasMessageContaining("There is an entity of this name");
    }

    @Test
    void aRegistryIsNotChangedByItsBuilderAndCanBeExtended() {
      FunctionRegistry.Builder builder = builder().entity("a", ctx -> 1);
      FunctionRegistry before = builder.build();
      builder.entity("b", ctx -> 2);
      FunctionRegistry extended = before.toBuilder().entity("c", ctx -> 3).build();
      assertThat(before.entities()).extracting(EntityFunction::name).containsExactly("a");
      assertThat(extended.entities()).extracting(EntityFunction::name).isEqualTo(List.of("a", "c"));
    }
  }
}
