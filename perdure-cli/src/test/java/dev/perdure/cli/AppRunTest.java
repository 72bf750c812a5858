package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Which changes {@code --watch} starts an app anew for. The wrapper of its module is a script. */
@DisabledOnOs(OS.WINDOWS)
class AppRunTest {
  private static final Instant WRITTEN = Instant.now().minusSeconds(60);
  private static final String SAVE = "touch src/main/java/App.java\n";

  @TempDir Path temp;

  private final StringWriter out = new StringWriter();
  private Path module;
  private Path source;
  private AppRun run;

  /** The only class of the app. */
  private static final class WithoutFunctions {}

  @BeforeEach
  void module() throws IOException, URISyntaxException {
    module = Files.createDirectory(temp.toRealPath().resolve("module"));
    Files.writeString(module.resolve("pom.xml"), "<project/>");
    source = Files.createDirectories(module.resolve("src/main/java")).resolve("App.java");
    Files.writeString(source, "class App {}");
    String compiled = WithoutFunctions.class.getName().replaceFirst(".*\\.", "") + ".class";
    Path wrapper =
        Files.writeString(
            module.resolve("mvnw"),
            """
            #!/bin/sh
            for arg in "$@"; do
              case "$arg" in -Dmdep.outputFile=*) out="${arg#-Dmdep.outputFile=}";; esac
            done
            rm -rf target/classes
            mkdir target/classes
            cp '%s' target/classes
            printf '' > "$out"
            if [ -e meanwhile ]; then . ./meanwhile; fi
            """
                .formatted(Path.of(AppRunTest.class.getResource(compiled).toURI())));
    assertThat(wrapper.toFile().setExecutable(true)).isTrue();
    date(WRITTEN);
  }

  @AfterEach
  void stop() {
    if (run != null) {
      run.close();
    }
  }

  @Test
  void aChangeHasTheAppStartedAnewOnceItIsOver() throws IOException {
    start(true);
    lookThrice();
    assertThat(starts()).isZero();

    touch(source, WRITTEN.plusSeconds(1));
    run.look();
    touch(source, WRITTEN.plusSeconds(2));
    run.look();
    assertThat(starts()).isZero();
    run.look();
    assertThat(starts()).isEqualTo(1);

    lookThrice();
    assertThat(starts()).isEqualTo(1);
  }

  @Test
  void aSourceThatIsSavedDuringTheFirstBuildIsAChange() throws IOException {
    duringTheNextBuild(SAVE);
    start(true);

    lookThrice();
    assertThat(starts()).isEqualTo(1);
    lookThrice();
    assertThat(starts()).isEqualTo(1);
  }

  @Test
  void aSourceThatIsSavedWhileTheAppIsBuiltAnewIsAChange() throws IOException {
    start(true);

    duringTheNextBuild(SAVE);
    touch(source, Instant.now());
    lookThrice();
    lookThrice();
    assertThat(starts()).isEqualTo(2);
    lookThrice();
    assertThat(starts()).isEqualTo(2);
  }

  @Test
  void aSettingThatIsSavedDuringABuildThatFailsIsAChange() throws IOException {
    start(true);

    duringTheNextBuild("echo 'A=1' > .env; exit 1");
    touch(source, Instant.now());
    lookThrice();
    assertThat(out.toString()).contains("The app goes on as it was.");
    lookThrice();
    assertThat(starts()).isEqualTo(2);
  }

  @Test
  void aBuildThatFailsIsNotTriedAgainUntilSomethingChanges() throws IOException {
    start(true);

    duringTheNextBuild("rm -r target/classes; exit 1");
    touch(source, Instant.now());
    lookThrice();
    lookThrice();
    assertThat(starts()).isEqualTo(1);

    touch(source, Instant.now().plusSeconds(1));
    lookThrice();
    assertThat(starts()).isEqualTo(2);
  }

  @Test
  void theSourcesOfAModuleThatIsStagedAreWatched() throws IOException {
    stage();
    start(true);
    assertThat(module.resolve("target/classes")).doesNotExist();

    touch(source, Instant.now());
    lookThrice();

    assertThat(starts()).isEqualTo(1);
    assertThat(out.toString()).contains("Building %s with Maven".formatted(module));
    assertThat(module.resolve("target/classes")).isDirectory();
  }

  @Test
  void sourcesAreNotWatchedWhereNothingMayBeBuilt() throws IOException {
    stage();
    start(false);

    touch(source, Instant.now());
    lookThrice();
    assertThat(starts()).isZero();

    Files.writeString(module.resolve(".env"), "A=1");
    lookThrice();
    assertThat(starts()).isEqualTo(1);
  }

  private void start(boolean build) {
    AppRun.Request request =
        new AppRun.Request(
            module,
            build,
            0,
            0,
            null,
            temp.resolve("data"),
            false,
            false,
            List.of(),
            false,
            Set.of());
    run = AppRun.start(request, new PrintWriter(out));
  }

  /** A change is seen by the first look, and acted on by the second. */
  private void lookThrice() {
    for (int i = 0; i < 3; i++) {
      run.look();
    }
  }

  /** How often the app has been started anew, or tried to. */
  private long starts() {
    return out.toString().lines().filter("The app has changed ..."::equals).count();
  }

  private void duringTheNextBuild(String script) throws IOException {
    Files.writeString(module.resolve("meanwhile"), "rm meanwhile\n" + script);
  }

  /** Puts there what the plugin for Azure Functions makes. */
  private void stage() throws IOException {
    Path staged = Files.createDirectories(module.resolve("target/azure-functions/app"));
    Files.writeString(module.resolve("host.json"), "{ \"version\": \"2.0\" }");
    StagedApp.write(staged);
    date(WRITTEN);
  }

  private void date(Instant time) throws IOException {
    try (Stream<Path> files = Files.walk(module)) {
      for (Path file : files.toList()) {
        touch(file, time);
      }
    }
  }

  private static void touch(Path file, Instant time) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(time));
  }
}
