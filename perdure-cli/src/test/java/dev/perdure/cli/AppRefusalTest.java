package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.functions.app.InvalidAppException;
import dev.perdure.grpc.ServerStartException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where nothing would run, no host is started and nothing is made. */
class AppRefusalTest {
  @TempDir Path temp;

  private final StringWriter out = new StringWriter();
  private Path app;
  private AppRun run; // null unless an app was started

  @BeforeEach
  void makeADirectory() throws IOException {
    app = Files.createDirectory(temp.resolve("app"));
  }

  @AfterEach
  void stop() {
    if (run != null) {
      run.close();
    }
  }

  @Test
  void aDirectoryWithClassesOfSomethingElseIsNoApp() throws IOException {
    Path classes = Files.createDirectories(app.resolve("some/project/target"));
    try (InputStream code = classFile()) {
      Files.copy(code, classes.resolve("Other.class"));
    }

    assertThatThrownBy(() -> start(Set.of()))
        .isInstanceOf(InvalidAppException.class)
        .hasMessageContaining("There is no app in '%s'".formatted(app))
        .hasMessageContaining("no function")
        .hasMessageContaining("host.json");
    assertThat(app.resolve(".perdure")).doesNotExist();

    Files.writeString(app.resolve("host.json"), "{ \"version\": \"2.0\" }");
    start(Set.of());
    assertThat(out.toString()).contains("Perdure is ready");
  }

  @Test
  void functionsOfWhichThereIsNoneAreRefused() throws IOException {
    stage();

    assertThatThrownBy(() -> start(Set.of("Helo")))
        .isInstanceOf(InvalidAppException.class)
        .hasMessageContaining("There is no function 'Helo' to run. Did you mean 'Hello'?")
        .hasMessageContaining("Nothing would run");
    assertThat(app.resolve(".perdure")).doesNotExist();

    start(Set.of("hello", "Other"));
    assertThat(out.toString()).contains("There is no function 'Other' to run.");
  }

  /** Not even the hub for devices that the app expects. */
  @Test
  void anAppWhosePortIsTakenMakesNothing() throws IOException {
    stage();
    Files.writeString(
        Files.createDirectory(app.resolve("Receive")).resolve("function.json"),
        """
        { "scriptFile": "../app.jar", "entryPoint": "App.receive",
          "bindings": [ { "type": "eventHubTrigger", "direction": "in", "name": "event",
                          "eventHubName": "messages/events", "connection": "Hub" } ] }
        """);
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Files.writeString(
          app.resolve("local.settings.json"),
          """
          { "IsEncrypted": false,
            "Values": { "Hub": "Endpoint=sb://localhost:%d;SharedAccessKeyName=n;SharedAccessKey=k;UseDevelopmentEmulator=true" } }
          """
              .formatted(free.getLocalPort()));
      free.close();

      assertThatThrownBy(() -> start(taken.getLocalPort(), Set.of()))
          .isInstanceOf(ServerStartException.class)
          .hasMessageContaining("PD-3002")
          .hasMessageContaining("port " + taken.getLocalPort());
      assertThat(app.resolve(".perdure")).doesNotExist();
    }
  }

  private void start(Set<String> functions) {
    start(0, functions);
  }

  private void start(int port, Set<String> functions) {
    AppRun.Request request =
        new AppRun.Request(
            app, true, port, 0, null, null, false, false, List.of(), false, functions);
    run = AppRun.start(request, new PrintWriter(out));
  }

  private static InputStream classFile() {
    return Objects.requireNonNull(AppRefusalTest.class.getResourceAsStream("AppRefusalTest.class"));
  }

  /** Puts there what the plugin for Azure Functions makes. */
  private void stage() throws IOException {
    Files.writeString(app.resolve("host.json"), "{ \"version\": \"2.0\" }");
    StagedApp.write(app);
  }
}
