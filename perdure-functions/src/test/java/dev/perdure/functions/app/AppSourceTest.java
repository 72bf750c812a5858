package dev.perdure.functions.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.functions.TestApp;
import dev.perdure.functions.app.AppLayout.Kind;
import dev.perdure.functions.definition.AppDefinition;
import dev.perdure.functions.definition.FunctionDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class AppSourceTest {
  private static final String FUNCTION_JSON =
      """
      { "scriptFile": "../app-1.0.jar", "entryPoint": "app.Functions.hello",
        "bindings": [ { "type": "httpTrigger", "direction": "in", "name": "req" } ] }
      """;

  @TempDir Path temp;
  private Path directory;
  private Path classes;

  @BeforeEach
  void classes() throws IOException {
    directory = temp.toRealPath();
    classes =
        TestApp.compile(
            directory.resolve("compiled"),
            TestApp.IMPORTS
                + """
                public class Functions {
                  @FunctionName("Hello")
                  public String hello(@HttpTrigger(name = "req") String body) { return ""; }
                }
                """);
  }

  @Test
  void aStagedDirectory() throws IOException {
    Path app = staged(directory.resolve("app"));
    Path lib = Files.createDirectory(app.resolve("lib"));
    TestApp.jar(lib.resolve("b.jar"), classes);
    TestApp.jar(lib.resolve("a.jar"), classes);
    TestApp.jar(lib.resolve("azure-functions-java-core-library-1.2.0.jar"), classes);
    TestApp.jar(lib.resolve("azure-functions-java-spi-1.0.0.jar"), classes);
    TestApp.write(lib.resolve("readme.txt"), "");

    assertThat(AppSource.find(app))
        .isEqualTo(
            new AppLayout(
                Kind.STAGED,
                app,
                app,
                List.of(app.resolve("app-1.0.jar")),
                List.of(lib.resolve("a.jar"), lib.resolve("b.jar"))));
  }

  @Test
  void aStagedDirectoryIsReadFromItsFiles() throws IOException {
    AppLayout layout = AppSource.find(staged(directory.resolve("app")));
    try (AppClassLoader loader = AppClassLoader.of(layout)) {
      AppDefinition app = AppDefinitions.read(layout, loader);

      assertThat(app.functions())
          .extracting(FunctionDefinition::entryPoint)
          .containsExactly("app.Functions.hello");
      assertThat(app.problems()).isEmpty();
    }
  }

  @Test
  void aJarIsReadFromItsAnnotations() throws IOException {
    Path jar = TestApp.jar(directory.resolve("app.jar"), classes);
    AppLayout layout = AppSource.find(jar);
    try (AppClassLoader loader = AppClassLoader.of(layout)) {
      assertThat(layout)
          .isEqualTo(new AppLayout(Kind.JAR, directory, null, List.of(jar), List.of()));
      assertThat(AppDefinitions.read(layout, loader).functions())
          .extracting(FunctionDefinition::name)
          .containsExactly("Hello");
    }
  }

  @Test
  void aDirectoryWithAJar() throws IOException {
    Path app = Files.createDirectory(directory.resolve("app"));
    TestApp.jar(app.resolve("app.jar"), classes);
    Files.createDirectory(app.resolve("lib"));
    TestApp.jar(app.resolve("lib/a.jar"), classes);

    assertThat(AppSource.find(app))
        .isEqualTo(
            new AppLayout(
                Kind.JAR,
                app,
                null,
                List.of(app.resolve("app.jar")),
                List.of(app.resolve("lib/a.jar"))));

    TestApp.jar(app.resolve("other.jar"), classes);
    assertThatThrownBy(() -> AppSource.find(app))
        .isInstanceOf(InvalidAppException.class)
        .hasMessageContaining("has 2 jar files (app.jar, other.jar)")
        .hasMessageEndingWith("Point to one of them.");
  }

  @Test
  void aDirectoryOfClasses() {
    assertThat(AppSource.find(classes))
        .isEqualTo(new AppLayout(Kind.CLASSES, classes, null, List.of(classes), List.of()));
  }

  @Test
  void whatIsNoApp() throws IOException {
    Path empty = Files.createDirectory(directory.resolve("empty"));
    Path text = TestApp.write(directory.resolve("app.txt"), "");
    Path damaged = TestApp.write(directory.resolve("damaged.jar"), "PK");

    assertThatThrownBy(() -> AppSource.find(directory.resolve("gone")))
        .isInstanceOf(InvalidAppException.class)
        .hasMessage("There is nothing at '%s'.", directory.resolve("gone"));
    assertThatThrownBy(() -> AppSource.find(empty))
        .isInstanceOf(InvalidAppException.class)
        .hasMessageStartingWith("There is no app in '%s'. It may be".formatted(empty));
    assertThatThrownBy(() -> AppSource.find(text))
        .isInstanceOf(InvalidAppException.class)
        .hasMessageContaining("is neither a directory nor a jar file");
    assertThatThrownBy(() -> AppSource.find(damaged))
        .isInstanceOf(InvalidAppException.class)
        .hasMessageContaining("The jar file '%s' is damaged".formatted(damaged));
  }

  @Test
  void aDamagedLibraryIsNamed() throws IOException {
    Path app = staged(directory.resolve("app"));
    TestApp.write(app.resolve("lib/broken.jar"), "PK");

    assertThatThrownBy(() -> AppSource.find(app))
        .isInstanceOf(InvalidAppException.class)
        .hasMessageContaining("broken.jar' is damaged");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aMavenModuleIsBuiltOnlyWhenItsSourcesAreNewer() throws IOException {
    Path module = module("cp -r '%s' target/classes".formatted(classes));
    Path library = TestApp.jar(directory.resolve("library.jar"), classes);
    List<String> notes = new ArrayList<>();

    AppLayout first = AppSource.find(module, true, notes::add);
    AppSource.find(module, true, notes::add);

    assertThat(first)
        .isEqualTo(
            new AppLayout(
                Kind.MAVEN,
                module,
                null,
                List.of(module.resolve("target/classes")),
                List.of(library)));
    assertThat(builds(module)).isEqualTo(1);
    assertThat(notes).containsExactly("Building %s with Maven ...".formatted(module));

    touch(module.resolve("src/main/java/app/Functions.java"), Instant.now().plusSeconds(5));
    AppSource.find(module, false, notes::add);
    assertThat(builds(module)).isEqualTo(1);
    assertThat(notes.getLast()).contains("which run as they are because nothing may be built");

    AppSource.find(module);
    assertThat(builds(module)).isEqualTo(2);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aSourceThatIsSavedWhileMavenRunsIsBuiltAtTheNextStart() throws IOException {
    // The first build begins with the save, so its classes are newer than what it has not read.
    Path module =
        module(
            """
            source=src/main/java/app/Functions.java
            if [ $(wc -l < builds) -eq 1 ]; then
              until [ $source -nt target/perdure/build.log ]; do touch $source; done
            fi
            cp -r '%s' target/classes
            """
                .formatted(classes));
    Path source = module.resolve("src/main/java/app/Functions.java");
    Path compiled = module.resolve("target/classes/app/Functions.class");

    AppSource.find(module);
    assertThat(MavenModule.modified(compiled)).isLessThan(MavenModule.modified(source));

    AppSource.find(module);
    assertThat(builds(module)).isEqualTo(2);
    AppSource.find(module);
    assertThat(builds(module)).isEqualTo(2);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aModuleThatItsAuthorHasBuiltIsNotBuiltAgain() throws IOException {
    Path module = module("cp -r '%s' target/classes".formatted(classes));
    AppSource.find(module);

    touch(module.resolve("src/main/java/app/Functions.java"), Instant.now().plusSeconds(5));
    touch(module.resolve("target/classes/app/Functions.class"), Instant.now().plusSeconds(6));
    AppSource.find(module);
    assertThat(builds(module)).isEqualTo(1);

    touch(module.resolve("pom.xml"), Instant.now().plusSeconds(5));
    AppSource.find(module);
    assertThat(builds(module)).isEqualTo(2);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aSourceThatIsGoneHasTheModuleBuilt() throws IOException {
    Path module = module("cp -r '%s' target/classes".formatted(classes));
    AppSource.find(module);

    touch(module.resolve("src/main/java/app"), Instant.now().plusSeconds(5)); // as a removal does
    AppSource.find(module);
    assertThat(builds(module)).isEqualTo(2);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aBuildThatFailedIsTriedAgain() throws IOException {
    // A build that fails has already removed the classes of the one before.
    Path module =
        module(
            """
            if [ -e broken ]; then mkdir -p target/classes; exit 1; fi
            cp -r '%s' target/classes
            """
                .formatted(classes));
    AppSource.find(module);
    touch(module.resolve("src/main/java/app/Functions.java"), Instant.now());
    Path broken = TestApp.write(module.resolve("broken"), "");

    assertThatThrownBy(() -> AppSource.find(module)).hasMessageContaining("could not build");
    assertThatThrownBy(() -> AppSource.find(module)).hasMessageContaining("could not build");
    Files.delete(broken);
    AppSource.find(module);
    assertThat(builds(module)).isEqualTo(4);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void mavenGetsTheJdkOfTheHost() throws IOException {
    Path module = module("cp -r '%s' target/classes; echo $JAVA_HOME > home".formatted(classes));

    AppSource.find(module);

    assertThat(Files.readString(module.resolve("home")).strip())
        .isEqualTo(System.getProperty("java.home"));
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aFailedBuildSaysWhatMavenSaid() throws IOException {
    Path module =
        module("printf '\\033[1;31m'; echo '[ERROR] Functions.java:[3,5] ; expected'; exit 1");

    assertThatThrownBy(() -> AppSource.find(module))
        .isInstanceOf(InvalidAppException.class)
        .hasMessage(
            "Maven could not build '%s' (exit code 1). It said:\n[ERROR] Functions.java:[3,5] ; expected"
                .formatted(module));
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aModuleWithoutClasses() throws IOException {
    Path module = module("mkdir -p target/classes");

    assertThatThrownBy(() -> AppSource.find(module))
        .isInstanceOf(InvalidAppException.class)
        .hasMessageContaining("has no classes");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aModuleThatHasNeverBeenBuiltAndMayNotBe() throws IOException {
    Path module = module("exit 1");

    assertThatThrownBy(() -> AppSource.find(module, false, note -> {}))
        .isInstanceOf(InvalidAppException.class)
        .hasMessageContaining("Start once without --no-build.");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void whatTheBuildPluginMadeIsTakenAsLongAsItIsNewerThanTheSources() throws IOException {
    Path module = module("cp -r '%s' target/classes".formatted(classes));
    Path staged = staged(module.resolve("target/azure-functions/app"));
    touch(staged.resolve("Hello/function.json"), Instant.now().plusSeconds(5));
    TestApp.write(module.resolve("host.json"), "{}");

    AppLayout layout = AppSource.find(module);

    assertThat(layout.kind()).isEqualTo(Kind.STAGED);
    assertThat(layout.functions()).isEqualTo(staged);
    assertThat(layout.root()).isEqualTo(module);
    assertThat(builds(module)).isZero();

    touch(module.resolve("pom.xml"), Instant.now().plusSeconds(10));
    assertThat(AppSource.find(module, false, note -> {}).kind()).isEqualTo(Kind.STAGED);
    assertThat(AppSource.find(module).kind()).isEqualTo(Kind.MAVEN);
    assertThat(builds(module)).isEqualTo(1);
  }

  @Test
  void aGradleProjectThatIsNotBuilt() {
    TestApp.write(directory.resolve("project/build.gradle"), "");

    assertThatThrownBy(() -> AppSource.find(directory.resolve("project")))
        .isInstanceOf(InvalidAppException.class)
        .hasMessageContaining("azureFunctionsPackage");
    staged(directory.resolve("project/build/azure-functions/app"));
    assertThat(AppSource.find(directory.resolve("project")).kind()).isEqualTo(Kind.STAGED);
  }

  private Path staged(Path app) {
    TestApp.write(app.resolve("host.json"), "{ \"version\": \"2.0\" }");
    TestApp.write(app.resolve("Hello/function.json"), FUNCTION_JSON);
    TestApp.jar(app.resolve("app-1.0.jar"), classes);
    return app;
  }

  /** A module whose wrapper is a script that counts its calls and then does something. */
  private Path module(String build) throws IOException {
    Path module = directory.resolve("module");
    TestApp.write(module.resolve("pom.xml"), "<project/>");
    TestApp.write(module.resolve("src/main/java/app/Functions.java"), "package app;");
    Path wrapper =
        TestApp.write(
            module.resolve("mvnw"),
            """
            #!/bin/sh
            echo x >> builds
            for arg in "$@"; do
              case "$arg" in -Dmdep.outputFile=*) out="${arg#-Dmdep.outputFile=}";; esac
            done
            rm -rf target/classes
            %s
            printf '%%s' '%s' > "$out"
            """
                .formatted(
                    build,
                    directory.resolve("library.jar")
                        + ":/repo/azure-functions-java-core-library-1.3.0.jar"));
    assertThat(wrapper.toFile().setExecutable(true)).isTrue();
    TestApp.jar(directory.resolve("library.jar"), classes);
    try (Stream<Path> files = Files.walk(module)) {
      files.forEach(file -> touch(file, Instant.now().minusSeconds(60)));
    }
    return module;
  }

  private static void touch(Path file, Instant time) {
    try {
      Files.setLastModifiedTime(file, FileTime.from(time));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long builds(Path module) throws IOException {
    Path builds = module.resolve("builds");
    return Files.exists(builds) ? Files.readAllLines(builds).size() : 0;
  }
}
