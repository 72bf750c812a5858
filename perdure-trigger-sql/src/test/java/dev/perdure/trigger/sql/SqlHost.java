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
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Whole hosts of functions that are written in the classes of tests. */
final class SqlHost {
  private SqlHost() {}

  /** Starts a host on free ports, with its data below a directory. */
  static FunctionsHost start(Path directory, Map<String, String> settings, Class<?> functions)
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
    return FunctionsHost.start(
        new App(
            "TestApp",
            directory,
            definition,
            SqlHost.class.getClassLoader(),
            Settings.of(settings),
            HostSettings.DEFAULTS),
        HostOptions.of(directory.resolve("data")).withPorts(0, 0, true));
  }

  private static Path home(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }
}
