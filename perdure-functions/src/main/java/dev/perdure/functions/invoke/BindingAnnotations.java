package dev.perdure.functions.invoke;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Reads the annotations of parameters. They belong to the app, in whatever version it uses, so they
 * are known by name only.
 */
final class BindingAnnotations {
  private static final String LIBRARY = "com.microsoft.azure.functions.annotation.";
  private static final String BINDING_NAME = LIBRARY + "BindingName";
  private static final String CUSTOM_BINDING = LIBRARY + "CustomBinding";
  private static final String IMPLICIT_OUTPUT = LIBRARY + "HasImplicitOutput";

  private BindingAnnotations() {}

  /**
   * What a parameter asks for.
   *
   * @param simpleName the simple name of the annotation
   * @param name the name of the binding, or of the metadata
   * @param metadata whether it is metadata of the trigger that it asks for
   */
  record Wanted(String simpleName, String name, boolean metadata) {}

  /** What a parameter asks for; null if nothing says so. */
  static @Nullable Wanted of(Parameter parameter) {
    for (Annotation annotation : parameter.getAnnotations()) {
      Class<? extends Annotation> type = annotation.annotationType();
      if (type.getName().equals(BINDING_NAME)) {
        String name = attribute(annotation, "value");
        return new Wanted(type.getSimpleName(), name == null ? "" : name, true);
      }
      Annotation custom = meta(type, CUSTOM_BINDING);
      String name = attribute(annotation, "name");
      if (name == null && custom != null) {
        name = attribute(custom, "name");
      }
      if (name != null && (custom != null || type.getName().startsWith(LIBRARY))) {
        return new Wanted(type.getSimpleName(), name, false);
      }
    }
    return null;
  }

  /** Whether a method has a result even if it returns nothing, which a middleware then sets. */
  static boolean hasImplicitOutput(Parameter parameter) {
    for (Annotation annotation : parameter.getAnnotations()) {
      Annotation marker = meta(annotation.annotationType(), IMPLICIT_OUTPUT);
      if (marker != null && !"false".equals(attribute(marker, "value"))) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable Annotation meta(AnnotatedElement type, String name) {
    for (Annotation annotation : type.getAnnotations()) {
      if (annotation.annotationType().getName().equals(name)) {
        return annotation;
      }
    }
    return null;
  }

  private static @Nullable String attribute(Annotation annotation, String name) {
    try {
      Object value = annotation.annotationType().getMethod(name).invoke(annotation);
      return value == null ? null : value.toString();
    } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
      return null;
    }
  }
}
