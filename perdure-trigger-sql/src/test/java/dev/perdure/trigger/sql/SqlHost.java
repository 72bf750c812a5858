package dev.perdure.trigger.sql;

import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.sql.annotation.SQLTrigger;
import dev.perdure.functions.definition.AnnotationScan;
import dev.perdure.functions.definition.AppDefinition;
import dev.perdure.functions.host.App;
import dev.perdure.functions.host.FunctionsHost;
import dev.perdure.functions.host.HostOptions;
import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.settings.Settings;
import dev.perdure.testing.LivenessAudit;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A whole host of functions that are written in the classes of tests. */
final class SqlHost implements AutoCloseable {
  private final FunctionsHost host;

  private SqlHost(FunctionsHost host) {
    this.host = host;
  }

  /** Starts a host on free ports, with its data below a directory. */
  static SqlHost start(Path directory, Map<String, String> settings, Class<?> functions)
      throws Exception {
    Path classes = directory.resolve("classes");
    Path file = classes.resolve(functions.getName().replace('.', '/') + ".class");
    Files.createDirectories(file.getParent());
    if (!Files.exists(file)) {
      try (InputStream in =
          functions.getResourceAsStream(
              functions.getName().substring(functions.getPackageName().length() + 1) + ".class")) {
        Files.copy(in, file);
      }
    }
    AppDefinition definition =
        AnnotationScan.scan(
            List.of(classes), List.of(home(FunctionName.class), home(SQLTrigger.class)));
    App app =
        new App(
            "TestApp",
            definition,
            SqlHost.class.getClassLoader(),
            Settings.of(settings),
            HostSettings.DEFAULTS);
    return new SqlHost(
        FunctionsHost.start(app, HostOptions.of(directory.resolve("data")).withPorts(0, 0, true)));
  }

  int httpPort() {
    return host.httpPort();
  }

  /** Closes the host; whatever is left in its hub must have something that will wake it. */
  @Override
  public void close() {
    try {
      LivenessAudit.check(host.client());
    } finally {
      host.close();
    }
  }

  private static Path home(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }
}
