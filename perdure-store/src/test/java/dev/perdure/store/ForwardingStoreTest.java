package dev.perdure.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ForwardingStoreTest {
  private record Call(Method method, List<Object> arguments) {}

  private final List<Call> calls = new ArrayList<>();
  private Object answer;

  private final Store behind =
      (Store)
          Proxy.newProxyInstance(
              Store.class.getClassLoader(),
              new Class<?>[] {Store.class},
              (proxy, method, arguments) -> {
                calls.add(
                    new Call(method, arguments == null ? List.of() : Arrays.asList(arguments)));
                return answer;
              });

  /** Also those with a body of their own: what they do by default is not what the store does. */
  static Stream<Method> methods() {
    return Arrays.stream(Store.class.getMethods())
        .filter(method -> !Modifier.isStatic(method.getModifiers()));
  }

  @ParameterizedTest
  @MethodSource("methods")
  void everyCallGoesToTheStoreBehindAndItsAnswerComesBack(Method method) throws Exception {
    Object[] arguments = new Object[method.getParameterCount()];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = some(method.getParameterTypes()[i], i);
    }
    answer = method.getReturnType() == void.class ? null : some(method.getReturnType(), 99);

    Object given = method.invoke(new ForwardingStore(behind) {}, arguments);

    assertThat(calls).containsExactly(new Call(method, Arrays.asList(arguments)));
    assertThat(given).isSameAs(answer);
  }

  /** A value of a type; those of different numbers differ where they can be mixed up. */
  private static Object some(Class<?> type, int number) {
    if (type == int.class) {
      return number;
    }
    if (type == long.class) {
      return (long) number;
    }
    if (type == String.class) {
      return "text " + number;
    }
    if (type == Path.class) {
      return Path.of("path " + number);
    }
    if (type == List.class) {
      return List.of(number);
    }
    if (type.isArray()) {
      return Array.newInstance(type.getComponentType(), number);
    }
    if (type.isInterface()) {
      return Proxy.newProxyInstance(
          type.getClassLoader(),
          new Class<?>[] {type},
          (proxy, method, arguments) ->
              method.getName().equals("equals") ? proxy == arguments[0] : null);
    }
    return switch (type.getSimpleName()) {
      case "TimerRow" -> new TimerRow(number, "instance", number);
      case "OutboxRow" -> new OutboxRow(number, number, new byte[0]);
      case "RowBatch" -> new RowBatch();
      case "InstanceFilter" ->
          new InstanceFilter(number, Set.of(), 0, 0, 0, 0, "", null, Map.of(), false);
      case "InstanceRow" -> new InstanceRow(null, number, false, null);
      case "InstancePage" -> new InstancePage(List.of(), "token");
      default -> throw new AssertionError("What is some " + type + "?");
    };
  }
}
