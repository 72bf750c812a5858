package dev.perdure.engine.functions;

import dev.perdure.api.FunctionRef;
import java.io.Serializable;
import java.lang.invoke.MethodType;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import org.jspecify.annotations.Nullable;

/**
 * The method that a method reference leads to.
 *
 * @param method the method as the compiler found it, perhaps one that the owner inherits
 * @param owner the class that the reference names
 * @param resultClass the class of its result, as far as the place in the source says more than the
 *     method; {@code void} if nobody asks for a result there
 */
record ReferencedMethod(Method method, Class<?> owner, Class<?> resultClass) {

  /**
   * Reads a method reference.
   *
   * @throws IllegalArgumentException if it is none, or leads to no method
   */
  static ReferencedMethod of(Serializable reference) {
    SerializedLambda form = serializedForm(reference);
    String className = form.getImplClass().replace('/', '.');
    String methodName = form.getImplMethodName();
    if (methodName.startsWith("lambda$")) {
      throw new IllegalArgumentException(
          "A lambda in %s was passed where a method reference is needed."
                  .formatted(form.getCapturingClass().replace('/', '.'))
              + " What is called is found by its method: write Cities::sayHello, or call it by"
              + " name. (Compilers also make a lambda of super::method, of a method with"
              + " varargs, and some of another class's private method; there, call it by name.)");
    }
    if (methodName.equals("<init>")) {
      throw new IllegalArgumentException(
          "The constructor of %s cannot be called. Pass a reference to a method."
              .formatted(className));
    }
    try {
      ClassLoader loader = reference.getClass().getClassLoader();
      Class<?> named = Class.forName(className, false, loader);
      MethodType type =
          MethodType.fromMethodDescriptorString(form.getImplMethodSignature(), loader);
      Method method = findMethod(named, methodName, type);
      if (method != null) {
        MethodType used =
            MethodType.fromMethodDescriptorString(form.getInstantiatedMethodType(), loader);
        return new ReferencedMethod(method, owner(form, named, method, used), used.returnType());
      }
    } catch (ClassNotFoundException | TypeNotPresentException e) {
      throw new IllegalArgumentException(
          "The method reference to %s.%s cannot be read: %s. Call it by name."
              .formatted(className, methodName, e),
          e);
    }
    throw new IllegalArgumentException(
        "The method reference to %s.%s does not lead to a method. Call it by name."
            .formatted(className, methodName));
  }

  /** What to call the method in an error message. */
  String description() {
    return AnnotatedMethod.describe(method);
  }

  /**
   * The compiler takes {@code call(Statics::hello)} for a call without an input, on an object of
   * the class that is really the input; and {@code call(Cities::refresh, cities)} the other way
   * round.
   *
   * @param taken whether the method takes an input
   * @throws IllegalArgumentException if the reference is one for calls of the other sort
   */
  static void requireInput(Serializable reference, boolean taken, String description) {
    boolean called = !(reference instanceof FunctionRef.ToFunctionWithoutInput);
    if (called != taken) {
      throw new IllegalArgumentException(
          taken
              ? "%s takes an input and was called without one. Pass the input after the reference."
                  .formatted(description)
              : "%s takes no input and was called with one. Leave the input out."
                  .formatted(description));
    }
  }

  private static SerializedLambda serializedForm(Serializable reference) {
    try {
      Method writeReplace = reference.getClass().getDeclaredMethod("writeReplace");
      writeReplace.setAccessible(true);
      if (writeReplace.invoke(reference) instanceof SerializedLambda form) {
        return form;
      }
      throw notALambda(reference, null);
    } catch (InaccessibleObjectException e) {
      Class<?> type = reference.getClass();
      throw new IllegalArgumentException(
          "The module %s does not open the package %s, so the method reference cannot be read."
                  .formatted(type.getModule().getName(), type.getPackageName())
              + " Add 'opens %s;' to its module-info, or call it by name."
                  .formatted(type.getPackageName()),
          e);
    } catch (ReflectiveOperationException e) {
      throw notALambda(reference, e);
    }
  }

  private static IllegalArgumentException notALambda(
      Serializable reference, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "%s is not a method reference. Pass one, such as Cities::sayHello, or call it by name."
            .formatted(reference.getClass().getName()),
        cause);
  }

  private static @Nullable Method findMethod(Class<?> named, String name, MethodType type) {
    for (Class<?> declaring : AnnotatedMethods.lineage(named)) {
      for (Method method : declaring.getDeclaredMethods()) {
        if (method.getName().equals(name)
            && method.getReturnType() == type.returnType()
            && MethodType.methodType(method.getReturnType(), method.getParameterTypes())
                .equals(type)) {
          return method;
        }
      }
    }
    return null;
  }

  /**
   * Some compilers write down the class that declares the method, and not the one that the source
   * names; the type of the object on which it would be called then says more.
   */
  private static Class<?> owner(
      SerializedLambda form, Class<?> named, Method method, MethodType used) {
    boolean isBound = form.getCapturedArgCount() > 0;
    if (isBound || Modifier.isStatic(method.getModifiers()) || used.parameterCount() == 0) {
      return named;
    }
    Class<?> receiver = used.parameterType(0);
    return named.isAssignableFrom(receiver) ? receiver : named;
  }
}
