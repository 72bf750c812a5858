package dev.perdure.functions.definition;

import io.github.classgraph.AnnotationInfo;
import io.github.classgraph.AnnotationInfoList;
import io.github.classgraph.ClassInfo;
import io.github.classgraph.MethodInfo;
import io.github.classgraph.MethodParameterInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes a function of a method with {@code @FunctionName}. */
final class MethodScan {
  private static final String FUNCTION_NAME = BindingAnnotations.PACKAGE + "FunctionName";
  private static final String STORAGE_ACCOUNT = BindingAnnotations.PACKAGE + "StorageAccount";
  private static final Pattern TRIGGERS =
      Pattern.compile("com\\.microsoft\\.(azure\\.functions|durabletask)\\..*Trigger");
  private static final Map<String, String> RETRIES =
      Map.of(
          BindingAnnotations.PACKAGE + "FixedDelayRetry", "fixedDelay",
          BindingAnnotations.PACKAGE + "ExponentialBackoffRetry", "exponentialBackoff");
  private static final Set<String> STORAGE =
      Set.of("blobTrigger", "blob", "queueTrigger", "queue", "table");

  private final MethodInfo method;
  private final BindingAnnotations annotations;
  private final String name;
  private final List<Binding> bindings = new ArrayList<>();
  private final List<String> wrong = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final @Nullable RetryPolicy retry;

  MethodScan(MethodInfo method, BindingAnnotations annotations) {
    this.method = method;
    this.annotations = annotations;
    this.name = value(method.getAnnotationInfo(FUNCTION_NAME));
    ofParameters();
    ofMethod();
    withConnections();
    this.retry = readRetry();
    check();
  }

  /** The annotations of a parameter itself. */
  static List<AnnotationInfo> annotations(MethodParameterInfo parameter) {
    AnnotationInfoList list = parameter.getAnnotationInfo();
    return list == null ? List.of() : list.directOnly();
  }

  /** The annotation by which a method has a trigger of Azure Functions; null if it has none. */
  static @Nullable String trigger(MethodInfo method) {
    for (MethodParameterInfo parameter : method.getParameterInfo()) {
      for (AnnotationInfo annotation : annotations(parameter)) {
        if (TRIGGERS.matcher(annotation.getName()).matches()) {
          return simpleName(annotation);
        }
      }
    }
    return null;
  }

  String name() {
    return name;
  }

  /** The class and the method, for messages. */
  String where() {
    return method.getClassName() + "." + method.getName();
  }

  /** Why it cannot run, a sentence each. */
  List<String> wrong() {
    return wrong;
  }

  /** What its author should know although it runs, a sentence each. */
  List<String> notes() {
    return notes;
  }

  FunctionDefinition definition() {
    return new FunctionDefinition(name, method.getClassName(), method.getName(), bindings, retry);
  }

  private void ofParameters() {
    for (MethodParameterInfo parameter : method.getParameterInfo()) {
      for (AnnotationInfo annotation : annotations(parameter)) {
        Binding binding = annotations.binding(annotation);
        if (binding != null) {
          bindings.add(binding);
        }
      }
    }
  }

  private void ofMethod() {
    boolean returns = !resultType().equals("void");
    for (AnnotationInfo annotation : method.getAnnotationInfo().directOnly()) {
      Binding binding = annotations.binding(annotation);
      if (binding == null) {
        continue;
      }
      if (!binding.isOut()) {
        wrong.add(
            "@%s is on the method; inputs and triggers belong on a parameter."
                .formatted(simpleName(annotation)));
      } else if (returns) {
        bindings.add(
            new Binding(binding.type(), binding.direction(), Binding.RETURN, binding.attributes()));
      } else {
        notes.add(
            "%s: @%s on the method takes what the method returns, but it returns nothing, so nothing will be written."
                .formatted(where(), simpleName(annotation)));
      }
    }
    if (returns
        && bindings.stream().anyMatch(binding -> binding.is("httpTrigger"))
        && bindings.stream().noneMatch(binding -> binding.name().equals(Binding.RETURN))) {
      bindings.add(new Binding("http", Direction.OUT, Binding.RETURN, Map.of()));
    }
  }

  private void withConnections() {
    String account = storageAccount();
    for (int i = 0; i < bindings.size(); i++) {
      Binding binding = bindings.get(i);
      if (STORAGE.stream().noneMatch(binding::is) || binding.text("connection") != null) {
        continue;
      }
      if (account.isEmpty()) {
        notes.add(
            "%s: the binding '%s' (%s) has no connection. Here it uses AzureWebJobsStorage; the build for Azure refuses it, so say connection = \"AzureWebJobsStorage\"."
                .formatted(where(), binding.name(), binding.type()));
        continue;
      }
      Map<String, Object> attributes = new HashMap<>(binding.attributes());
      attributes.put("connection", account);
      bindings.set(i, new Binding(binding.type(), binding.direction(), binding.name(), attributes));
    }
  }

  private String storageAccount() {
    String ofMethod = value(method.getAnnotationInfo(STORAGE_ACCOUNT));
    ClassInfo type = method.getClassInfo();
    return ofMethod.isEmpty() && type != null
        ? value(type.getAnnotationInfo(STORAGE_ACCOUNT))
        : ofMethod;
  }

  private @Nullable RetryPolicy readRetry() {
    List<AnnotationInfo> retries =
        method.getAnnotationInfo().directOnly().stream()
            .filter(annotation -> RETRIES.containsKey(annotation.getName()))
            .toList();
    if (retries.size() > 1) {
      wrong.add("It has both @FixedDelayRetry and @ExponentialBackoffRetry; keep one.");
    }
    if (retries.size() != 1) {
      return null;
    }
    AnnotationInfo annotation = retries.getFirst();
    Map<String, Object> fields = new HashMap<>();
    fields.put("strategy", RETRIES.get(annotation.getName()));
    fields.putAll(BindingAnnotations.plain(annotation.getParameterValues(false)));
    try {
      return RetryPolicies.of(fields);
    } catch (IllegalArgumentException e) {
      wrong.add("@%s: %s".formatted(simpleName(annotation), e.getMessage()));
      return null;
    }
  }

  private void check() {
    if (!method.isPublic()) {
      wrong.add("The method is not public.");
    }
    List<String> violations = FunctionRules.violations(name, bindings);
    wrong.addAll(violations);
    if (!violations.isEmpty() && bindings.stream().noneMatch(Binding::isTrigger)) {
      List<String> unknown = unknownAnnotations();
      if (!unknown.isEmpty()) {
        wrong.add(
            "The classes of %s are not on the class path of the app; is a library missing?"
                .formatted(String.join(", ", unknown)));
      }
    }
  }

  private List<String> unknownAnnotations() {
    List<String> unknown = new ArrayList<>();
    for (MethodParameterInfo parameter : method.getParameterInfo()) {
      for (AnnotationInfo annotation : annotations(parameter)) {
        if (!annotations.isKnown(annotation)) {
          unknown.add("@" + annotation.getName());
        }
      }
    }
    return unknown;
  }

  private String resultType() {
    return method.getTypeDescriptor().getResultType().toString();
  }

  private static String simpleName(AnnotationInfo annotation) {
    return annotation.getName().substring(annotation.getName().lastIndexOf('.') + 1);
  }

  private static String value(@Nullable AnnotationInfo annotation) {
    return annotation == null
        ? ""
        : String.valueOf(
            BindingAnnotations.plain(annotation.getParameterValues(false))
                .getOrDefault("value", ""));
  }
}
