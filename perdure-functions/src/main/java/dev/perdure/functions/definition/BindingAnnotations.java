package dev.perdure.functions.definition;

import io.github.classgraph.AnnotationClassRef;
import io.github.classgraph.AnnotationEnumValue;
import io.github.classgraph.AnnotationInfo;
import io.github.classgraph.AnnotationParameterValueList;
import io.github.classgraph.ClassInfo;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes bindings of annotations. Those of the Azure library are known by their names; all others by
 * the {@code @CustomBinding} on their class, which is looked up where the app has its libraries.
 */
final class BindingAnnotations {
  static final String PACKAGE = "com.microsoft.azure.functions.annotation.";
  private static final String CUSTOM_BINDING = PACKAGE + "CustomBinding";

  /** Types that do not follow from the name of the annotation. */
  private static final Map<String, String> OTHER_TYPES =
      Map.of(
          "ServiceBusQueueTrigger", "serviceBusTrigger",
          "ServiceBusTopicTrigger", "serviceBusTrigger",
          "ServiceBusQueueOutput", "serviceBus",
          "ServiceBusTopicOutput", "serviceBus");

  private final Map<String, ClassInfo> classes;

  /** Looks up the classes of annotations among these, which have their full names as keys. */
  BindingAnnotations(Map<String, ClassInfo> classes) {
    this.classes = classes;
  }

  /** Whether the class of an annotation has been found. */
  boolean isKnown(AnnotationInfo annotation) {
    return classes.containsKey(annotation.getName());
  }

  /** The binding that an annotation means; null if it means none. */
  @Nullable Binding binding(AnnotationInfo annotation) {
    Map<String, Object> explicit = plain(annotation.getParameterValues(false));
    Map<String, Object> defaults = defaults(annotation.getName());
    if (annotation.getName().equals(CUSTOM_BINDING)) {
      return custom(explicit, Map.of(), Map.of());
    }
    AnnotationInfo meta = customBinding(annotation.getName());
    if (meta != null) {
      return custom(plain(meta.getParameterValues(false)), explicit, defaults);
    }
    if (!annotation.getName().startsWith(PACKAGE)) {
      return null;
    }
    String simpleName = annotation.getName().substring(PACKAGE.length());
    String type = typeOf(simpleName);
    if (type == null) {
      return null;
    }
    Map<String, Object> attributes = differing(explicit, defaults);
    alwaysWritten(simpleName, attributes, explicit, defaults);
    return new Binding(
        type,
        simpleName.endsWith("Output") ? Direction.OUT : Direction.IN,
        name(explicit, defaults),
        attributes);
  }

  private static Binding custom(
      Map<String, Object> meta, Map<String, Object> explicit, Map<String, Object> defaults) {
    String name = name(explicit, defaults);
    return new Binding(
        String.valueOf(meta.getOrDefault("type", "")),
        switch (String.valueOf(meta.getOrDefault("direction", "in")).toLowerCase(Locale.ROOT)) {
          case "out" -> Direction.OUT;
          case "inout" -> Direction.INOUT;
          default -> Direction.IN;
        },
        name.isEmpty() ? String.valueOf(meta.getOrDefault("name", "")) : name,
        differing(explicit, defaults));
  }

  private static @Nullable String typeOf(String simpleName) {
    String other = OTHER_TYPES.get(simpleName);
    if (other != null) {
      return other;
    }
    String stem = simpleName;
    if (stem.endsWith("Input")) {
      stem = stem.substring(0, stem.length() - "Input".length());
    } else if (stem.endsWith("Output") && !stem.equals("HasImplicitOutput")) {
      stem = stem.substring(0, stem.length() - "Output".length());
    } else if (!stem.endsWith("Trigger") && !stem.equals("McpToolProperty")) {
      return null;
    }
    return stem.substring(0, 1).toLowerCase(Locale.ROOT) + stem.substring(1);
  }

  private static void alwaysWritten(
      String simpleName,
      Map<String, Object> attributes,
      Map<String, Object> explicit,
      Map<String, Object> defaults) {
    String attribute;
    String otherwise;
    switch (simpleName) {
      case "HttpTrigger" -> {
        attribute = "authLevel";
        otherwise = "FUNCTION";
      }
      case "EventHubTrigger" -> {
        attribute = "cardinality";
        otherwise = "MANY";
      }
      default -> {
        return;
      }
    }
    attributes.put(
        attribute, explicit.getOrDefault(attribute, defaults.getOrDefault(attribute, otherwise)));
  }

  private static String name(Map<String, Object> explicit, Map<String, Object> defaults) {
    return String.valueOf(explicit.getOrDefault("name", defaults.getOrDefault("name", "")));
  }

  private static Map<String, Object> differing(
      Map<String, Object> explicit, Map<String, Object> defaults) {
    Map<String, Object> differing = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    explicit.forEach(
        (name, value) -> {
          if (!name.equals("name") && !value.equals(defaults.get(name))) {
            differing.put(name, value);
          }
        });
    // An annotation may have a default that its own class considers a choice, such as the
    // dataType 'string' of orchestrations; the build leaves these out, and so does this.
    return differing;
  }

  private @Nullable AnnotationInfo customBinding(String annotation) {
    ClassInfo info = classes.get(annotation);
    return info == null ? null : info.getAnnotationInfo(CUSTOM_BINDING);
  }

  private Map<String, Object> defaults(String annotation) {
    ClassInfo info = classes.get(annotation);
    return info == null || !info.isAnnotation()
        ? Map.of()
        : plain(info.getAnnotationDefaultParameterValues());
  }

  /** Values as they would stand in JSON. */
  static Map<String, Object> plain(@Nullable AnnotationParameterValueList values) {
    Map<String, Object> plain = new LinkedHashMap<>();
    if (values != null) {
      values.forEach(value -> plain.put(value.getName(), plain(value.getValue())));
    }
    return plain;
  }

  private static Object plain(Object value) {
    if (value.getClass().isArray()) {
      List<Object> list = new ArrayList<>();
      for (int i = 0; i < Array.getLength(value); i++) {
        list.add(plain(Array.get(value, i)));
      }
      return list;
    }
    return switch (value) {
      case AnnotationEnumValue constant -> constant.getValueName();
      case AnnotationClassRef reference -> reference.getName();
      case AnnotationInfo nested -> plain(nested.getParameterValues(false));
      case Character character -> character.toString();
      default -> value;
    };
  }
}
