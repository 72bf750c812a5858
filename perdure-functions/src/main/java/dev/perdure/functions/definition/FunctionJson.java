package dev.perdure.functions.definition;

import dev.perdure.functions.text.InvalidFileException;
import dev.perdure.functions.text.JsonFile;
import dev.perdure.functions.text.Similar;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the functions of an app from their {@code function.json} files, one in a directory for each
 * function, as the build plugins for Maven and Gradle write them.
 */
public final class FunctionJson {
  /** The name of the file that describes a function. */
  public static final String FILE = "function.json";

  private FunctionJson() {}

  /**
   * The functions below a directory. A function that is wrong becomes a problem that names the
   * file; the others run.
   *
   * @param root the directory that has a directory for each function
   * @param classExists whether the app has a class of a binary name. An entry point in a nested
   *     class, which is written with dots, is found by it
   * @throws UncheckedIOException if the directory cannot be listed
   */
  public static AppDefinition read(Path root, Predicate<String> classExists) {
    Map<String, List<FunctionDefinition>> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    List<AppProblem> problems = new ArrayList<>();
    for (Path file : files(root)) {
      String name = directoryOf(file).getFileName().toString();
      String where = name + "/" + FILE;
      try {
        byName
            .computeIfAbsent(name, key -> new ArrayList<>())
            .add(function(file, name, where, classExists));
      } catch (InvalidFileException e) {
        problems.add(new AppProblem(name, String.valueOf(e.getMessage())));
      }
    }
    List<FunctionDefinition> functions = new ArrayList<>();
    byName.forEach(
        (name, same) -> {
          if (same.size() == 1) {
            functions.add(same.getFirst());
          } else if (same.size() > 1) {
            problems.add(
                new AppProblem(
                    name,
                    "The names of the directories %s differ only in case; names of functions must be unique without regard to it, so none of them runs."
                        .formatted(
                            String.join(
                                ", ", same.stream().map(FunctionDefinition::name).toList()))));
          }
        });
    return new AppDefinition(functions, List.of(), problems);
  }

  /** Whether a directory has a function.json in one of its directories. */
  public static boolean isIn(Path root) {
    return !files(root).isEmpty();
  }

  /**
   * The jar files or directories of classes that the functions below a directory name as their
   * {@code scriptFile} and that exist, each once; files that cannot be read count as naming none.
   */
  public static List<Path> scriptFiles(Path root) {
    Set<Path> scripts = new LinkedHashSet<>();
    for (Path file : files(root)) {
      try {
        Object script = fields(JsonFile.object(file, FILE)).get("scriptFile");
        if (script instanceof String text && !text.isBlank()) {
          Path path = resolve(file, text, FILE);
          if (Files.exists(path)) {
            scripts.add(path);
          }
        }
      } catch (InvalidFileException e) {
        // Whoever reads the function says what is wrong.
      }
    }
    return List.copyOf(scripts);
  }

  private static List<Path> files(Path root) {
    try (Stream<Path> children = Files.list(root)) {
      return children
          .map(child -> child.resolve(FILE))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FunctionDefinition function(
      Path file, String name, String where, Predicate<String> classExists) {
    Map<String, Object> fields = fields(JsonFile.object(file, where));
    checkSource(fields, where);
    checkScript(file, fields, where);
    String entryPoint = required(fields, "entryPoint", where);
    int dot = entryPoint.lastIndexOf('.');
    if (dot <= 0 || dot == entryPoint.length() - 1) {
      throw new InvalidFileException(
          "%s: entryPoint '%s' must be the full name of a class, a dot, and the name of a method."
              .formatted(where, entryPoint));
    }
    List<Binding> bindings = bindings(fields, where);
    List<String> wrong = FunctionRules.violations(name, bindings);
    if (!wrong.isEmpty()) {
      throw new InvalidFileException(where + ": " + String.join(" ", wrong));
    }
    return new FunctionDefinition(
        name,
        binaryName(entryPoint.substring(0, dot), classExists),
        entryPoint.substring(dot + 1),
        bindings,
        retry(fields, where));
  }

  private static void checkSource(Map<String, Object> fields, String where) {
    Object source = fields.get("configurationSource");
    if (source != null
        && !source.toString().equalsIgnoreCase("attributes")
        && !source.toString().equalsIgnoreCase("config")) {
      throw new InvalidFileException(
          "%s: configurationSource is '%s'; it may be 'attributes' or 'config', or left out."
              .formatted(where, source));
    }
  }

  private static void checkScript(Path file, Map<String, Object> fields, String where) {
    String script = required(fields, "scriptFile", where);
    Path path = resolve(file, script, where);
    if (!Files.exists(path)) {
      throw new InvalidFileException(
          "%s: scriptFile '%s' does not exist (%s). Build the app again, or correct the path, which counts from the directory of the function."
              .formatted(where, script, path));
    }
  }

  private static Path resolve(Path file, String script, String where) {
    try {
      return directoryOf(file).resolve(script.replace('\\', '/')).normalize();
    } catch (InvalidPathException e) {
      throw new InvalidFileException(
          "%s: scriptFile '%s' is not a path.".formatted(where, script), e);
    }
  }

  private static Path directoryOf(Path file) {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null) {
      throw new IllegalArgumentException(file + " is in no directory");
    }
    return directory;
  }

  /** The class of an entry point, which for a nested class is written as if it were a package. */
  private static String binaryName(String written, Predicate<String> classExists) {
    String candidate = written;
    while (!classExists.test(candidate)) {
      int dot = candidate.lastIndexOf('.');
      if (dot <= 0) {
        return written;
      }
      candidate = candidate.substring(0, dot) + "$" + candidate.substring(dot + 1);
    }
    return candidate;
  }

  private static List<Binding> bindings(Map<String, Object> fields, String where) {
    Object value = fields.get("bindings");
    if (!(value instanceof List<?> list)) {
      throw new InvalidFileException(
          value == null
              ? "%s: 'bindings' is missing.%s".formatted(where, meant(fields, "bindings"))
              : "%s: 'bindings' must be an array.".formatted(where));
    }
    List<Binding> bindings = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      bindings.add(binding(list.get(i), "%s: bindings[%d]".formatted(where, i)));
    }
    return bindings;
  }

  private static Binding binding(Object value, String where) {
    if (!(value instanceof Map<?, ?> object)) {
      throw new InvalidFileException("%s must be an object, { ... }.".formatted(where));
    }
    Map<String, Object> attributes = fields(object);
    String type = required(attributes, "type", where);
    String name = required(attributes, "name", where);
    Direction direction = direction(type, attributes, where);
    attributes.remove("type");
    attributes.remove("name");
    attributes.remove("direction");
    return new Binding(type, direction, name, attributes);
  }

  private static Direction direction(String type, Map<String, Object> attributes, String where) {
    Object written = attributes.get("direction");
    if (written == null && type.toLowerCase(Locale.ROOT).endsWith("trigger")) {
      return Direction.IN;
    }
    String text = required(attributes, "direction", where);
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "in" -> Direction.IN;
      case "out" -> Direction.OUT;
      case "inout" -> Direction.INOUT;
      default ->
          throw new InvalidFileException(
              "%s: direction '%s' is unknown; it is in, out or inout.".formatted(where, text));
    };
  }

  private static @Nullable RetryPolicy retry(Map<String, Object> fields, String where) {
    Object value = fields.get("retry");
    if (value == null) {
      return null;
    }
    if (!(value instanceof Map<?, ?> object)) {
      throw new InvalidFileException("%s: 'retry' must be an object, { ... }.".formatted(where));
    }
    try {
      return RetryPolicies.of(fields(object));
    } catch (IllegalArgumentException e) {
      throw new InvalidFileException("%s: retry: %s".formatted(where, e.getMessage()), e);
    }
  }

  private static Map<String, Object> fields(Map<?, ?> object) {
    Map<String, Object> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    new LinkedHashMap<>(object)
        .forEach(
            (name, value) -> {
              if (name != null && value != null) {
                fields.put(name.toString(), value);
              }
            });
    return fields;
  }

  private static String required(Map<String, Object> fields, String name, String where) {
    Object value = fields.get(name);
    if (value == null) {
      throw new InvalidFileException(
          "%s: '%s' is missing.%s".formatted(where, name, meant(fields, name)));
    }
    if (!(value instanceof String text) || text.isBlank()) {
      throw new InvalidFileException(
          "%s: '%s' must be a text that is not empty.".formatted(where, name));
    }
    return text;
  }

  /** A hint at a field that is unknown and looks like one that is missing. */
  private static String meant(Map<String, Object> fields, String missing) {
    for (String name : fields.keySet()) {
      if (!Similar.didYouMean(name, Set.of(missing)).isEmpty()) {
        return " There is '%s'; did you mean that?".formatted(name);
      }
    }
    return "";
  }
}
