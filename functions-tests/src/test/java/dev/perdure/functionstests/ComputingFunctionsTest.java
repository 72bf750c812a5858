package dev.perdure.functionstests;

import static java.util.concurrent.CompletableFuture.supplyAsync;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.functions.app.AppSource;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code perdure start} with an app whose functions compute, on more processors than there are. */
class ComputingFunctionsTest {
  private static final int BUSY = 2 * Runtime.getRuntime().availableProcessors();

  @TempDir Path app;
  @TempDir Path data;
  @TempDir Path signals;

  @Test
  void othersAreServedMeanwhile() throws Exception {
    stage();
    try (HostProcess host = HostProcess.start(app, data, Map.of());
        ExecutorService callers = Executors.newFixedThreadPool(BUSY)) {
      Http http = new Http(host.port());
      List<CompletableFuture<HttpResponse<String>>> busy = new ArrayList<>();
      for (int i = 0; i < BUSY; i++) {
        String begun = "begun-" + i;
        String call = "/api/busy?signals=%s&begun=%s".formatted(signals, begun);
        busy.add(supplyAsync(() -> http.get(call), callers));
        awaitFile(signals.resolve(begun));
      }

      assertThat(http.get("/api/hello").body()).isEqualTo("hello");
      assertThat(http.get("/health/live").statusCode()).isEqualTo(200);

      assertThat(busy).noneMatch(CompletableFuture::isDone);
      Files.createFile(signals.resolve("enough"));
      assertThat(busy).allMatch(call -> call.join().body().equals("enough"));
    }
  }

  /** Until a function has begun, which the test has no other way to learn. */
  private static void awaitFile(Path file) throws InterruptedException {
    for (int i = 0; i < 1_500 && !Files.exists(file); i++) {
      Thread.sleep(20);
    }
    assertThat(file).exists();
  }

  private void stage() throws IOException {
    Files.writeString(app.resolve("host.json"), "{\"version\": \"2.0\"}");
    List<Path> libraries = AppSource.find(ExampleAppTest.EXAMPLE, true, note -> {}).libraries();
    Path classes = Files.createDirectory(data.resolve("classes"));
    Path source = data.resolve("App.java");
    Files.writeString(
        source,
        """
        import com.microsoft.azure.functions.annotation.*;
        import java.nio.file.*;

        public class App {
          public String hello(@HttpTrigger(name = "req") String body) {
            return "hello";
          }

          public String busy(
              @HttpTrigger(name = "req") String body,
              @BindingName("signals") String directory,
              @BindingName("begun") String begun)
              throws Exception {
            Path signals = Path.of(directory);
            Files.createFile(signals.resolve(begun));
            long sum = 0;
            for (long i = 0; sum < 0 || !Files.exists(signals.resolve("enough")); i++) {
              for (int j = 0; j < 1_000_000; j++) {
                sum = (sum * 31 + i + j) & Long.MAX_VALUE;
              }
            }
            return "enough";
          }
        }
        """);
    compile(source, classes, libraries);
    try (OutputStream file = Files.newOutputStream(app.resolve("app.jar"));
        JarOutputStream jar = new JarOutputStream(file)) {
      jar.putNextEntry(new JarEntry("App.class"));
      Files.copy(classes.resolve("App.class"), jar);
    }
    Files.createDirectory(app.resolve("lib"));
    for (Path library : libraries) {
      Files.copy(library, app.resolve("lib").resolve(library.getFileName()));
    }
    for (String function : List.of("hello", "busy")) {
      Files.writeString(
          Files.createDirectory(app.resolve(function)).resolve("function.json"),
          """
          { "scriptFile": "../app.jar", "entryPoint": "App.%s",
            "bindings": [
              { "type": "httpTrigger", "direction": "in", "name": "req",
                "authLevel": "ANONYMOUS", "methods": ["GET"] },
              { "type": "http", "direction": "out", "name": "$return" } ] }
          """
              .formatted(function));
    }
  }

  private static void compile(Path source, Path classes, List<Path> libraries) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter out = new StringWriter();
    // The app has the annotations, and the host the types in them.
    StringBuilder classPath =
        new StringBuilder(
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    libraries.forEach(library -> classPath.append(java.io.File.pathSeparator).append(library));
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  out,
                  files,
                  null,
                  List.of("-d", classes.toString(), "-cp", classPath.toString(), "-Xlint:none"),
                  null,
                  files.getJavaFileObjects(source))
              .call();
      assertThat(compiled).as(out.toString()).isTrue();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
