package dev.perdure.functions.app;

import dev.perdure.functions.app.AppLayout.Kind;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** A Maven module: whether its classes are those of its sources, and how they become so. */
final class MavenModule {
  private static final boolean WINDOWS =
      System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");

  /** Lines of what a failed build has written that are shown. */
  private static final int LINES_SHOWN = 60;

  /** The time of a class path while Maven runs, and for good if Maven fails or is killed. */
  private static final FileTime NOT_BUILT = FileTime.fromMillis(0);

  private final Path module;
  private final Path classes;
  private final Path classPath;
  private final Path log;

  MavenModule(Path module) {
    this.module = module;
    this.classes = module.resolve("target/classes");
    this.classPath = module.resolve("target/perdure/classpath");
    this.log = module.resolve("target/perdure/build.log");
  }

  /** When a file has been changed last. */
  static FileTime modified(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** When one of the sources, resources or POMs has been changed last. */
  Instant newestSource() {
    Instant newest = newest(module.resolve("src/main"));
    return later(newest, newestPom());
  }

  /** Whether it is known on which class path the classes run. */
  boolean hasClassPath() {
    return Files.exists(classPath);
  }

  /** Whether classes and class path are those of the sources as they are now. */
  boolean isBuilt() {
    if (!hasClassPath() || !Files.isDirectory(classes)) {
      return false;
    }
    Instant resolved = modified(classPath).toInstant();
    return !resolved.isBefore(newestPom())
        && !later(resolved, newest(classes)).isBefore(newestSource());
  }

  /**
   * Compiles the module and asks Maven for its class path.
   *
   * @throws InvalidAppException with what Maven said, if it fails
   */
  void build() {
    try {
      Files.createDirectories(classPath.getParent());
      FileTime started = FileTime.from(Instant.now());
      int exit = run();
      dateBack(started);
      if (exit != 0 || !hasClassPath()) {
        throw new InvalidAppException(
            "Maven could not build '%s' (exit code %d). It said:\n%s"
                .formatted(module, exit, tail()));
      }
      Files.setLastModifiedTime(classPath, started);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Makes classes as old as the build that they come from. A source that is saved during the build
   * may have been read before; it is newer than they are, for Maven as well.
   */
  private void dateBack(FileTime started) throws IOException {
    if (!Files.isDirectory(classes)) {
      return;
    }
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(file -> modified(file).compareTo(started) > 0).toList()) {
        Files.setLastModifiedTime(file, started);
      }
    }
  }

  private int run() throws IOException {
    ProcessBuilder maven =
        new ProcessBuilder(
                command(),
                "-q",
                "-B",
                "-DskipTests",
                "compile",
                "dependency:build-classpath",
                "-Dmdep.outputFile=" + classPath,
                "-Dmdep.includeScope=runtime")
            .directory(module.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    maven.redirectInput(ProcessBuilder.Redirect.from(new File(WINDOWS ? "NUL" : "/dev/null")));
    String home = System.getProperty("java.home");
    if (Files.exists(Path.of(home, "bin", WINDOWS ? "javac.exe" : "javac"))) {
      maven.environment().put("JAVA_HOME", home);
    }
    Process process;
    try {
      process = maven.start();
    } catch (IOException e) {
      throw new InvalidAppException(
          "'%s' must be built, and '%s' cannot be started (%s). Install Maven, add its wrapper (mvnw), or build the module yourself and start with --no-build."
              .formatted(module, command(), e.getMessage()),
          e);
    }
    try {
      if (hasClassPath()) {
        Files.setLastModifiedTime(classPath, NOT_BUILT);
      }
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InvalidAppException("The build of '%s' has been interrupted.".formatted(module), e);
    } finally {
      process.destroy();
    }
  }

  /** The wrapper of the module or of a module above it; else the Maven on the path. */
  private String command() {
    String wrapper = WINDOWS ? "mvnw.cmd" : "mvnw";
    for (Path directory : withParents()) {
      Path script = directory.resolve(wrapper);
      if (Files.isExecutable(script)) {
        return script.toString();
      }
    }
    return WINDOWS ? "mvn.cmd" : "mvn";
  }

  private String tail() throws IOException {
    if (!Files.exists(log)) {
      return "(nothing)";
    }
    List<String> lines =
        new String(Files.readAllBytes(log), Charset.defaultCharset())
            .replaceAll("\u001b\\[[0-9;]*m", "") // Colours.
            .strip()
            .lines()
            .toList();
    int first = Math.max(0, lines.size() - LINES_SHOWN);
    return (first > 0 ? "... (all of it is in %s)\n".formatted(log) : "")
        + String.join("\n", lines.subList(first, lines.size()));
  }

  /**
   * Where the parts of the built module are.
   *
   * @throws InvalidAppException if it is not built, or has no classes
   */
  AppLayout layout() {
    if (!hasClassPath()) {
      throw new InvalidAppException(
          "'%s' has not been built for this host yet, so its class path is not known. Start once without --no-build."
              .formatted(module));
    }
    if (!Files.isDirectory(classes) || !ClassPaths.hasClasses(classes)) {
      throw new InvalidAppException(
          "The Maven module '%s' has no classes (in target/classes). Point to the module that has the functions."
              .formatted(module));
    }
    return new AppLayout(Kind.MAVEN, module, null, List.of(classes), libraries());
  }

  private List<Path> libraries() {
    try {
      return Arrays.stream(Files.readString(classPath).strip().split(File.pathSeparator, -1))
          .filter(element -> !element.isBlank())
          .map(Path::of)
          .filter(element -> !ClassPaths.isSuppliedByHost(element))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Instant newestPom() {
    Instant newest = Instant.EPOCH;
    for (Path directory : withParents()) {
      newest = later(newest, modified(directory.resolve("pom.xml")).toInstant());
    }
    return newest;
  }

  /** The module and the directories above it, as long as they are Maven modules. */
  private List<Path> withParents() {
    List<Path> directories = new ArrayList<>();
    Path directory = module;
    while (directory != null && Files.exists(directory.resolve("pom.xml"))) {
      directories.add(directory);
      directory = directory.getParent();
    }
    return directories;
  }

  private static Instant newest(Path directory) {
    if (!Files.isDirectory(directory)) {
      return Instant.EPOCH;
    }
    // Directories too: they change when a file is removed.
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .map(file -> modified(file).toInstant())
          .max(Instant::compareTo)
          .orElse(Instant.EPOCH);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
