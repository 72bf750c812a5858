package dev.perdure.functions.definition;

import io.github.classgraph.AnnotationInfo;
import io.github.classgraph.ClassGraph;
import io.github.classgraph.ClassInfo;
import io.github.classgraph.MethodInfo;
import io.github.classgraph.MethodParameterInfo;
import io.github.classgraph.ScanResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.ZipFile;

/**
 * Finds the functions of an app in its classes, as the build plugins do: by annotations. No class
 * is loaded, so nothing of the app runs, and classes for a newer Java can be read.
 */
public final class AnnotationScan {
  private static final String FUNCTION_NAME = BindingAnnotations.PACKAGE + "FunctionName";
  private static final String ENTITY = "dev.perdure.api.Entity";
  private static final Set<String> DURABLE_METHODS =
      Set.of("dev.perdure.api.Orchestrator", "dev.perdure.api.Activity", ENTITY);

  private AnnotationScan() {}

  /**
   * The functions in an app's own classes. A function that is wrong becomes a problem that names
   * the class and the method; the others run.
   *
   * @param own jar files and directories that are searched for functions; at least one
   * @param libraries jar files and directories in which the classes of annotations are looked up
   */
  public static AppDefinition scan(List<Path> own, List<Path> libraries) {
    try (ScanResult classes = ownClasses(own)) {
      List<MethodInfo> methods = functionMethods(classes);
      Set<String> missing = new TreeSet<>();
      Map<String, ClassInfo> annotations = new HashMap<>();
      for (String name : annotationsOf(methods)) {
        ClassInfo info = classes.getClassInfo(name);
        if (info == null || info.isExternalClass()) {
          missing.add(name);
        } else {
          annotations.put(name, info);
        }
      }
      List<Path> homes = homes(missing, libraries);
      if (homes.isEmpty()) {
        return definition(classes, methods, new BindingAnnotations(annotations));
      }
      try (ScanResult found = annotationClasses(homes, missing)) {
        found.getAllClasses().forEach(info -> annotations.put(info.getName(), info));
        return definition(classes, methods, new BindingAnnotations(annotations));
      }
    }
  }

  /**
   * The binary names of an app's own classes that have functions of Perdure's kind, in order.
   *
   * @param own jar files and directories that are searched; at least one
   */
  public static List<String> durableClasses(List<Path> own) {
    try (ScanResult classes = ownClasses(own)) {
      return durableClasses(classes);
    }
  }

  private static ScanResult ownClasses(List<Path> own) {
    ClassGraph graph = graph(own).ignoreMethodVisibility();
    // A manifest may add libraries to the class path, which need not be read.
    for (Path path : own) {
      if (Files.isRegularFile(path)) {
        graph.acceptJars(String.valueOf(path.getFileName()));
      }
    }
    return graph.scan();
  }

  /** Those libraries that have one of some classes; reading them all would take long. */
  private static List<Path> homes(Set<String> classNames, List<Path> libraries) {
    List<String> files =
        classNames.stream().map(name -> name.replace('.', '/') + ".class").toList();
    return libraries.stream().filter(library -> hasAny(library, files)).toList();
  }

  private static boolean hasAny(Path library, List<String> files) {
    if (Files.isDirectory(library)) {
      return files.stream().anyMatch(file -> Files.exists(library.resolve(file)));
    }
    try (ZipFile jar = new ZipFile(library.toFile())) {
      return files.stream().anyMatch(file -> jar.getEntry(file) != null);
    } catch (IOException e) {
      return false; // Whoever loads classes from it says that it is damaged.
    }
  }

  private static ScanResult annotationClasses(List<Path> homes, Set<String> names) {
    return graph(homes).acceptClasses(names.toArray(String[]::new)).scan(1);
  }

  private static ClassGraph graph(List<Path> classPath) {
    return new ClassGraph()
        .overrideClasspath(classPath.stream().map(Path::toUri).toList())
        .disableNestedJarScanning()
        .ignoreClassVisibility()
        .enableClassInfo()
        .enableMethodInfo()
        .enableAnnotationInfo();
  }

  private static List<MethodInfo> functionMethods(ScanResult classes) {
    List<MethodInfo> methods = new ArrayList<>();
    for (ClassInfo info : classes.getAllClasses()) {
      for (MethodInfo method : info.getDeclaredMethodInfo()) {
        // Compilers copy annotations to bridges.
        if (!method.isSynthetic() && method.hasAnnotation(FUNCTION_NAME)) {
          methods.add(method);
        }
      }
    }
    return methods;
  }

  private static Set<String> annotationsOf(List<MethodInfo> methods) {
    Set<String> names = new TreeSet<>();
    for (MethodInfo method : methods) {
      names.addAll(method.getAnnotationInfo().directOnly().getNames());
      for (MethodParameterInfo parameter : method.getParameterInfo()) {
        for (AnnotationInfo annotation : MethodScan.annotations(parameter)) {
          names.add(annotation.getName());
        }
      }
    }
    return names;
  }

  private static AppDefinition definition(
      ScanResult classes, List<MethodInfo> methods, BindingAnnotations annotations) {
    List<AppProblem> problems = new ArrayList<>();
    noteForgotten(classes, problems);
    Map<String, List<MethodScan>> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (MethodInfo method : methods) {
      MethodScan scan = new MethodScan(method, annotations);
      byName.computeIfAbsent(scan.name(), key -> new ArrayList<>()).add(scan);
    }
    List<FunctionDefinition> functions = new ArrayList<>();
    byName.forEach(
        (name, same) -> {
          if (same.size() > 1) {
            problems.add(
                new AppProblem(
                    name,
                    "%d methods have the function name '%s' (%s); names must be unique without regard to case, so none of them runs."
                        .formatted(
                            same.size(),
                            name,
                            String.join(", ", same.stream().map(MethodScan::where).toList()))));
            return;
          }
          MethodScan scan = same.getFirst();
          scan.notes().forEach(note -> problems.add(new AppProblem(null, note)));
          if (scan.wrong().isEmpty()) {
            functions.add(scan.definition());
          } else {
            problems.add(
                new AppProblem(name, scan.where() + ": " + String.join(" ", scan.wrong())));
          }
        });
    return new AppDefinition(functions, durableClasses(classes), problems);
  }

  /** Methods with a trigger that are no functions, which their author may not know. */
  private static void noteForgotten(ScanResult classes, List<AppProblem> problems) {
    for (ClassInfo info : classes.getAllClasses()) {
      for (MethodInfo method : info.getDeclaredMethodInfo()) {
        if (method.isSynthetic() || method.hasAnnotation(FUNCTION_NAME)) {
          continue;
        }
        String trigger = MethodScan.trigger(method);
        if (trigger != null) {
          problems.add(
              new AppProblem(
                  null,
                  "%s.%s has @%s and no @FunctionName, so it is no function; give it one, @FunctionName(\"%s\") say."
                      .formatted(
                          method.getClassName(), method.getName(), trigger, method.getName())));
        }
      }
    }
  }

  private static List<String> durableClasses(ScanResult classes) {
    Set<String> names = new TreeSet<>();
    for (ClassInfo info : classes.getAllClasses()) {
      if (isEntity(info) || hasDurableMethod(info)) {
        names.add(info.getName());
      }
    }
    return List.copyOf(names);
  }

  /** Whether a class that can have objects is marked, or one that it extends. */
  private static boolean isEntity(ClassInfo info) {
    return !info.isAbstract()
        && !info.isInterfaceOrAnnotation()
        && (info.hasAnnotation(ENTITY)
            || info.getSuperclasses().stream().anyMatch(above -> above.hasAnnotation(ENTITY)));
  }

  private static boolean hasDurableMethod(ClassInfo info) {
    return info.getDeclaredMethodInfo().stream()
        .filter(method -> !method.isSynthetic())
        .anyMatch(method -> DURABLE_METHODS.stream().anyMatch(method::hasAnnotation));
  }
}
