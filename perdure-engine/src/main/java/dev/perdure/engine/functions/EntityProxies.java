package dev.perdure.engine.functions;

import dev.perdure.api.DataConversionException;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts entities behind interfaces: calling an abstract method of a proxy stands for an operation.
 * Default methods run as they are. Safe from any thread, as are the proxies if their invoker is.
 */
public final class EntityProxies {
  // Kept with the interface itself, so that no class is held longer than its loader wants.
  private static final ClassValue<ProxyShape> CALLS = shapes(Use.CALL);
  private static final ClassValue<ProxyShape> SIGNALS = shapes(Use.SIGNAL);

  private EntityProxies() {}

  /** What the methods of a proxy do. */
  public enum Use {
    /** They call operations, and give the result or a task for it. */
    CALL,
    /** They signal operations, and give nothing. */
    SIGNAL
  }

  /** Does what a method of a proxy stands for. */
  @FunctionalInterface
  public interface Invoker {
    /**
     * Calls or signals an operation.
     *
     * @param input null if the operation takes none
     * @return the task if the method returns one, else the result; not looked at for signals and
     *     for methods that return nothing
     * @throws Throwable what is thrown to the caller of the proxy's method, as it is; a checked
     *     exception that the method does not declare arrives in an {@link
     *     java.lang.reflect.UndeclaredThrowableException}
     */
    @Nullable Object invoke(ProxyMethod method, @Nullable Object input) throws Throwable;
  }

  /**
   * A method of a proxy.
   *
   * @param operation the name of the operation
   * @param resultType the type of the result, never a primitive: {@code R} for a method that
   *     returns {@code Task<R>}, {@code Void.class} for one that returns nothing
   * @param returnsTask whether it returns a task for the result instead of the result
   */
  public record ProxyMethod(String operation, Type resultType, boolean returnsTask) {}

  /**
   * Makes a proxy.
   *
   * @param type an interface whose abstract methods take one input or none; for signals they return
   *     nothing
   * @throws IllegalArgumentException if it is no interface, or has methods that cannot be
   *     operations
   */
  public static <T> T proxy(Class<T> type, Use use, Invoker invoker) {
    ProxyShape shape =
        switch (use) {
          case CALL -> CALLS.get(type);
          case SIGNAL -> SIGNALS.get(type);
        };
    Handler handler = new Handler(type, use, shape, invoker);
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  /**
   * Makes a proxy whose methods signal operations.
   *
   * @param type an interface whose abstract methods take one input or none, and return nothing
   * @param signal takes the name of an operation and its input, null if it takes none
   * @throws IllegalArgumentException if it is no interface, or has methods that cannot be
   *     operations
   */
  public static <T> T signalProxy(Class<T> type, BiConsumer<String, @Nullable Object> signal) {
    return proxy(
        type,
        Use.SIGNAL,
        (method, input) -> {
          signal.accept(method.operation(), input);
          return null;
        });
  }

  private static ClassValue<ProxyShape> shapes(Use use) {
    return new ClassValue<>() {
      @Override
      protected ProxyShape computeValue(Class<?> type) {
        return ProxyShape.of(type, use);
      }
    };
  }

  private record Handler(Class<?> type, Use use, ProxyShape shape, Invoker invoker)
      implements InvocationHandler {

    @Override
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] args)
        throws Throwable {
      if (method.getDeclaringClass() == Object.class) {
        return ofEveryObject(proxy, method, args);
      }
      if (method.isDefault()) {
        MethodHandle hidden = shape.hiddenDefault(method);
        return hidden == null
            ? InvocationHandler.invokeDefault(proxy, method, args)
            : (Object) hidden.invokeExact(proxy, args);
      }
      Object input = args == null || args.length == 0 ? null : args[0];
      Object result = invoker.invoke(shape.method(method.getName()), input);
      return use == Use.SIGNAL ? null : checked(method, result);
    }

    /** The JVM would throw a NullPointerException that names neither method nor reason. */
    private static @Nullable Object checked(Method method, @Nullable Object result) {
      Class<?> returned = method.getReturnType();
      if (returned == void.class) {
        return null;
      }
      if (result == null && returned.isPrimitive()) {
        throw new DataConversionException(
            "The operation '%s' gave null, but %s returns the primitive type %s. Declare it as %s."
                .formatted(
                    method.getName(),
                    AnnotatedMethod.describe(method),
                    returned,
                    TypeResolver.erase(TypeResolver.boxed(returned)).getSimpleName()));
      }
      return result;
    }

    /** A proxy is equal to nothing but itself: comparing entities is not for two proxies to do. */
    @SuppressWarnings("ReferenceEquality")
    private Object ofEveryObject(Object proxy, Method method, @Nullable Object @Nullable [] args) {
      return switch (method.getName()) {
        case "equals" -> args != null && proxy == args[0];
        case "hashCode" -> System.identityHashCode(proxy);
        default ->
            "%s (proxy for %ss)".formatted(type.getName(), use.name().toLowerCase(Locale.ROOT));
      };
    }
  }
}
