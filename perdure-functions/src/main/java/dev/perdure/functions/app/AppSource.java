package dev.perdure.functions.app;

import dev.perdure.functions.app.AppLayout.Kind;
import dev.perdure.functions.definition.FunctionJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what an app is that somebody points at: a staged directory, a Maven module, a jar file,
 * or a directory of classes.
 */
public final class AppSource {
  private static final String HOST_JSON = "host.json";

  private AppSource() {}

  /** Like {@link #find(Path, boolean, Consumer)}, builds what must be built and says nothing. */
  public static AppLayout find(Path path) {
    return find(path, true, note -> {});
  }

  /**
   * The app at a path.
   *
   * @param build whether a Maven module is built if its sources are newer than its classes. This
   *     runs Maven, and blocks until it is done
   * @param notes is told, a sentence each, what takes long or may surprise
   * @throws InvalidAppException if there is no app, it is damaged, or cannot be built
   */
  public static AppLayout find(Path path, boolean build, Consumer<String> notes) {
    Path app = path.toAbsolutePath().normalize();
    try {
      return found(app, build, notes);
    } catch (UncheckedIOException e) {
      throw new InvalidAppException("'%s' cannot be read: %s".formatted(app, e.getCause()), e);
    }
  }

  private static AppLayout found(Path app, boolean build, Consumer<String> notes) {
    if (!Files.exists(app)) {
      throw new InvalidAppException("There is nothing at '%s'.".formatted(app));
    }
    if (!Files.isDirectory(app)) {
      if (!ClassPaths.isJar(app)) {
        throw new InvalidAppException(
            "'%s' is not an app: it is neither a directory nor a jar file.".formatted(app));
      }
      return jar(app);
    }
    if (FunctionJson.isIn(app)) {
      return staged(app, app);
    }
    if (Files.exists(app.resolve("pom.xml"))) {
      return maven(app, build, notes);
    }
    if (Files.exists(app.resolve("build.gradle"))
        || Files.exists(app.resolve("build.gradle.kts"))) {
      return gradle(app);
    }
    return classesOrJar(app);
  }

  private static AppLayout classesOrJar(Path app) {
    List<Path> jars = ClassPaths.jars(app);
    if (jars.size() == 1) {
      return jar(jars.getFirst());
    }
    if (jars.size() > 1) {
      throw new InvalidAppException(
          "'%s' has %d jar files (%s) and no function.json that says which is the app. Point to one of them."
              .formatted(
                  app,
                  jars.size(),
                  String.join(
                      ", ", jars.stream().map(jar -> String.valueOf(jar.getFileName())).toList())));
    }
    if (ClassPaths.hasClasses(app)) {
      List<Path> libraries =
          Stream.concat(ClassPaths.libraries(app).stream(), beside(app).stream()).toList();
      return new AppLayout(Kind.CLASSES, app, null, List.of(app), libraries);
    }
    throw new InvalidAppException(
        "There is no app in '%s'. It may be a directory with host.json and <function>/function.json, a Maven module, a jar file, or a directory of classes."
            .formatted(app));
  }

  private static List<Path> beside(Path directory) {
    Path parent = directory.getParent();
    return parent == null ? List.of() : ClassPaths.libraries(parent);
  }

  private static AppLayout jar(Path jar) {
    ClassPaths.check(jar);
    Path root = parent(jar);
    return checked(new AppLayout(Kind.JAR, root, null, List.of(jar), ClassPaths.libraries(root)));
  }

  /**
   * @param functions where the functions are
   * @param root where the app is at home; its host.json counts, if it has one
   */
  private static AppLayout staged(Path functions, Path root) {
    List<Path> own = FunctionJson.scriptFiles(functions);
    if (own.isEmpty()) {
      own = ClassPaths.jars(functions);
    }
    if (own.isEmpty()) {
      throw new InvalidAppException(
          "'%s' has functions but no jar file with their code. Build the app again."
              .formatted(functions));
    }
    List<Path> libraries =
        own.stream()
            .map(AppSource::parent)
            .distinct()
            .flatMap(directory -> ClassPaths.libraries(directory).stream())
            .toList();
    return checked(
        new AppLayout(
            Kind.STAGED,
            Files.exists(root.resolve(HOST_JSON)) ? root : functions,
            functions,
            own,
            libraries));
  }

  private static AppLayout maven(Path module, boolean build, Consumer<String> notes) {
    MavenModule maven = new MavenModule(module);
    Path staged = onlyStaged(module.resolve("target"));
    if (staged != null && !newestFunction(staged).isBefore(maven.newestSource())) {
      return staged(staged, module);
    }
    if (build && !maven.isBuilt()) {
      notes.accept("Building %s with Maven ...".formatted(module));
      maven.build();
    }
    if (!build && !maven.hasClassPath() && staged != null) {
      notes.accept(
          "'%s' is older than the sources, and runs as it is because nothing may be built."
              .formatted(staged));
      return staged(staged, module);
    }
    if (!build && !maven.isBuilt() && maven.hasClassPath()) {
      notes.accept(
          "The sources in '%s' are newer than the classes, which run as they are because nothing may be built."
              .formatted(module));
    }
    return checked(maven.layout());
  }

  private static AppLayout gradle(Path project) {
    Path staged = onlyStaged(project.resolve("build"));
    if (staged == null) {
      throw new InvalidAppException(
          "'%s' is a Gradle project that is not built for Azure Functions. Run its task azureFunctionsPackage, then point to build/azure-functions/<name>."
              .formatted(project));
    }
    return staged(staged, project);
  }

  /** What a build plugin has made, if it is the only one. */
  private static @Nullable Path onlyStaged(Path output) {
    Path parent = output.resolve("azure-functions");
    if (!Files.isDirectory(parent)) {
      return null;
    }
    try (Stream<Path> children = Files.list(parent)) {
      List<Path> staged = children.filter(Files::isDirectory).filter(FunctionJson::isIn).toList();
      return staged.size() == 1 ? staged.getFirst() : null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Instant newestFunction(Path staged) {
    try (Stream<Path> files = Files.walk(staged, 2)) {
      return files
          .filter(file -> file.endsWith(FunctionJson.FILE))
          .map(MavenModule::modified)
          .max(FileTime::compareTo)
          .orElse(FileTime.fromMillis(0))
          .toInstant();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static AppLayout checked(AppLayout layout) {
    layout.own().forEach(ClassPaths::check);
    layout.libraries().forEach(ClassPaths::check);
    return layout;
  }

  private static Path parent(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null) {
      throw new InvalidAppException("'%s' is in no directory.".formatted(file));
    }
    return parent;
  }
}
