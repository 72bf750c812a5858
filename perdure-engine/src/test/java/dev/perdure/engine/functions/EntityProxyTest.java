package dev.perdure.engine.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.DataConversionException;
import dev.perdure.api.EntityContext;
import dev.perdure.api.EntityUpdate;
import dev.perdure.api.Task;
import dev.perdure.api.TypeRef;
import dev.perdure.engine.functions.EntityProxies.ProxyMethod;
import dev.perdure.engine.functions.EntityProxies.Use;
import dev.perdure.engine.functions.elsewhere.Elsewhere;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class EntityProxyTest {

  record Call(ProxyMethod method, Object input) {}

  private final List<Call> calls = new ArrayList<>();
  private Object result;

  private <T> T call(Class<T> type) {
    return EntityProxies.proxy(type, Use.CALL, this::record);
  }

  private <T> T signal(Class<T> type) {
    return EntityProxies.proxy(type, Use.SIGNAL, this::record);
  }

  private Object record(ProxyMethod method, Object input) {
    calls.add(new Call(method, input));
    return result;
  }

  @Nested
  class Calls {

    interface Counter {
      int get();

      Integer boxed();

      void reset();

      List<String> add(int n);

      Task<Integer> later(String input);

      Task<Void> whenever();

      @SuppressWarnings("rawtypes")
      Task raw();

      default int addTwice(int n) {
        add(n);
        add(n);
        return get();
      }

      default int add() {
        return addTwice(1);
      }

      default <T> T generic(T value) {
        return value;
      }

      default void fails() throws IOException {
        throw new IOException("as thrown");
      }

      static int ofTheInterface(String one, String two) {
        return 1;
      }

      @Override
      String toString();
    }

    private final Counter counter = call(Counter.class);

    @Test
    void passTheInputAndGiveTheResult() {
      result = 7;
      assertThat(counter.get()).isEqualTo(7);
      result = List.of("x");
      assertThat(counter.add(5)).isEqualTo(List.of("x"));
      assertThat(calls)
          .containsExactly(
              new Call(new ProxyMethod("get", Integer.class, false), null),
              new Call(new ProxyMethod("add", new TypeRef<List<String>>() {}.type(), false), 5));
    }

    @Test
    void ofMethodsWithoutResultGiveNothing() {
      result = "ignored";
      counter.reset();
      assertThat(calls)
          .containsExactly(new Call(new ProxyMethod("reset", Void.class, false), null));
    }

    @Test
    void ofMethodsThatReturnATaskGiveTheTask() {
      Object task =
          Proxy.newProxyInstance(
              Task.class.getClassLoader(), new Class<?>[] {Task.class}, (p, m, a) -> null);
      result = task;
      assertThat((Object) counter.later("x")).isSameAs(task);
      assertThat((Object) counter.whenever()).isSameAs(task);
      assertThat((Object) counter.raw()).isSameAs(task);
      assertThat(calls)
          .extracting(Call::method)
          .containsExactly(
              new ProxyMethod("later", Integer.class, true),
              new ProxyMethod("whenever", Void.class, true),
              new ProxyMethod("raw", Object.class, true));
    }

    @Test
    void ofDefaultMethodsRunTheirCode() {
      result = null;
      assertThatThrownBy(() -> counter.fails())
          .isExactlyInstanceOf(IOException.class)
          .hasMessage("as thrown");
      assertThat(counter.<String>generic("x")).isEqualTo("x");
      assertThat(calls).isEmpty();
    }

    @Test
    void ofDefaultMethodsMayComeToSeveralOperations() {
      Counter adding =
          EntityProxies.proxy(
              Counter.class,
              Use.CALL,
              (method, input) -> {
                calls.add(new Call(method, input));
                return method.operation().equals("get") ? 9 : List.of();
              });
      assertThat(adding.add()).isEqualTo(9);
      assertThat(calls)
          .extracting(call -> call.method().operation())
          .containsExactly("add", "add", "get");
    }

    @Test
    void thatGiveNullForAPrimitiveSaySo() {
      assertThatThrownBy(counter::get)
          .isInstanceOf(DataConversionException.class)
          .hasMessageContainingAll(
              "'get'", "null", "Counter.get()", "primitive type int", "Integer");
      assertThat(counter.boxed()).isNull();
    }

    @Test
    void throwWhatTheInvokerThrows() {
      Counter failing =
          EntityProxies.proxy(
              Counter.class,
              Use.CALL,
              (method, input) -> {
                if (input != null) {
                  throw new IOException("checked");
                }
                throw new IllegalStateException("as thrown");
              });
      assertThatThrownBy(failing::get)
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage("as thrown");
      assertThatThrownBy(() -> failing.add(1))
          .isExactlyInstanceOf(UndeclaredThrowableException.class)
          .hasRootCauseMessage("checked");
    }

    interface Holder<T> {
      T get();

      void put(T next);
    }

    interface Words extends Holder<List<String>> {}

    interface Narrow extends Holder<Object> {
      @Override
      String get();
    }

    interface OtherGet {
      CharSequence get();
    }

    interface Both extends Narrow, OtherGet {}

    @Test
    void knowWhatATypeVariableMeans() {
      call(Words.class).get();
      call(Words.class).put(List.of());
      assertThat(calls)
          .extracting(Call::method)
          .containsExactly(
              new ProxyMethod("get", new TypeRef<List<String>>() {}.type(), false),
              new ProxyMethod("put", Void.class, false));
    }

    @Test
    void ofAMethodThatSeveralInterfacesDeclareAreOne() {
      result = "text";
      Both both = call(Both.class);
      assertThat(both.get()).isEqualTo("text");
      assertThat(((Holder<Object>) both).get()).isEqualTo("text");
      assertThat(((OtherGet) both).get()).isEqualTo("text");
      assertThat(calls)
          .extracting(Call::method)
          .containsOnly(new ProxyMethod("get", String.class, false));
    }

    @Test
    void workForInterfacesThatTheEngineDoesNotSee() {
      result = 5;
      assertThat(Elsewhere.describe(call(Elsewhere.hiddenInterface()))).isEqualTo("brightness 5");
    }

    @Test
    void workForInterfacesOfTheJdk() {
      result = "text";
      assertThat(call(Supplier.class).get()).isEqualTo("text");
    }
  }

  @Nested
  class Signals {

    interface Lamp {
      void on();

      void dim(double to);

      default String blink() {
        on();
        return "blinked";
      }
    }

    @Test
    void passTheInputAndGiveNothing() {
      result = "ignored";
      Lamp lamp = signal(Lamp.class);
      lamp.dim(0.5);
      assertThat(lamp.blink()).isEqualTo("blinked");
      assertThat(calls)
          .containsExactly(
              new Call(new ProxyMethod("dim", Void.class, false), 0.5),
              new Call(new ProxyMethod("on", Void.class, false), null));
    }

    interface Asking {
      void on();

      boolean isOn();
    }

    interface Waiting {
      Task<Void> on();
    }

    @Test
    void haveNoResult() {
      assertRefused(() -> signal(Asking.class), "Asking.isOn()", "returns boolean", "void");
      assertRefused(() -> signal(Waiting.class), "Waiting.on()", "returns Task", "void");
      call(Asking.class).on();
    }
  }

  @Nested
  class TheProxyItself {

    interface Lamp {
      void on();
    }

    @Test
    void isAnObjectThatIsEqualToItselfAlone() {
      Lamp lamp = call(Lamp.class);
      Lamp other = call(Lamp.class);
      assertThat(Set.of(lamp, other)).contains(lamp, other).hasSize(2);
      assertThat(lamp).isNotEqualTo(other).isNotEqualTo(null);
      assertThat(lamp.toString()).contains(Lamp.class.getName(), "proxy for calls");
      assertThat(signal(Lamp.class).toString()).contains("proxy for signals");
      assertThat(calls).isEmpty();
    }
  }

  @Nested
  class Refusals {

    interface Overloaded {
      void add(int n);

      void ADD(String n);
    }

    interface TwoInputs {
      void add(int one, int two);
    }

    interface WithContext {
      void add(EntityContext ctx);
    }

    interface Generic {
      <T> T get();
    }

    interface Updates {
      EntityUpdate<String, Integer> get();
    }

    sealed interface Sealed {
      void run();
    }

    record OnlyOne() implements Sealed {
      @Override
      public void run() {}
    }

    @Test
    void whatIsNotAnInterfaceOrClosed() {
      assertRefused(() -> call(String.class), "java.lang.String", "not an interface");
      assertRefused(() -> call(int.class), "int", "not an interface");
      assertRefused(() -> call(Sealed.class), "Sealed", "sealed");
    }

    @Test
    void methodsOfTheSameName() {
      assertRefused(
          () -> call(Overloaded.class),
          "Overloaded.ADD(String)",
          "Overloaded.add(int)",
          "same name",
          "rename one");
    }

    @Test
    void parametersThatAreNoInput() {
      assertRefused(
          () -> call(TwoInputs.class), "TwoInputs.add(int, int)", "2 parameters", "one record");
      assertRefused(
          () -> signal(WithContext.class), "WithContext.add", "EntityContext", "Leave it out");
    }

    @Test
    void resultsThatCannotBeRead() {
      assertRefused(() -> call(Generic.class), "Generic.get()", "type parameters");
      assertRefused(() -> call(Updates.class), "Updates.get()", "EntityUpdate", "the result");
    }

    @Test
    void areTheSameEveryTime() {
      for (int i = 0; i < 2; i++) {
        assertRefused(() -> call(Generic.class), "Generic.get()");
      }
    }
  }

  private static void assertRefused(ThrowingCallable proxy, CharSequence... said) {
    assertThatThrownBy(proxy)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(said);
  }
}
