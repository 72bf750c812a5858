package dev.perdure.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** What the plugin for Azure Functions makes of an app with one function, {@code Hello}. */
final class StagedApp {
  private StagedApp() {}

  static void write(Path directory) throws IOException {
    Files.writeString(
        Files.createDirectory(directory.resolve("Hello")).resolve("function.json"),
        """
        { "scriptFile": "../app.jar", "entryPoint": "App.hello",
          "bindings": [ { "type": "httpTrigger", "direction": "in", "name": "req" } ] }
        """);
    try (OutputStream file = Files.newOutputStream(directory.resolve("app.jar"));
        JarOutputStream jar = new JarOutputStream(file)) {
      jar.putNextEntry(new JarEntry("readme.txt"));
    }
  }
}
