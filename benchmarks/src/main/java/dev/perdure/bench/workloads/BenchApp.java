package dev.perdure.bench.workloads;

import dev.perdure.bench.harness.SdkJars;
import dev.perdure.functions.app.AppClassLoader;
import dev.perdure.functions.definition.AnnotationScan;
import dev.perdure.functions.host.App;
import dev.perdure.functions.host.FunctionsHost;
import dev.perdure.functions.host.HostOptions;
import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** A host with an app that is written against the published Azure libraries. */
public final class BenchApp implements AutoCloseable {
  private static final String OWN = "perdure-benchmarks-sdk";

  /** Held, or its level could be lost. */
  private static final Logger FUNCTIONS = Logger.getLogger("Function");

  private final AppClassLoader loader;

  /** The host. */
  public final FunctionsHost host;

  private BenchApp(AppClassLoader loader, FunctionsHost host) {
    this.loader = loader;
    this.host = host;
  }

  static BenchApp start(Path data) throws IOException {
    return start(data, Settings.NONE);
  }

  /** Starts it with settings, which say which triggers have something to listen to. */
  public static BenchApp start(Path data, Settings settings) throws IOException {
    FUNCTIONS.setLevel(Level.WARNING);
    List<Path> own = SdkJars.all().stream().filter(BenchApp::isOwn).toList();
    List<Path> libraries = SdkJars.all().stream().filter(jar -> !isOwn(jar)).toList();
    AppClassLoader loader = AppClassLoader.of(own, libraries);
    App app =
        new App(
            "bench", AnnotationScan.scan(own, libraries), loader, settings, HostSettings.DEFAULTS);
    return new BenchApp(
        loader, FunctionsHost.start(app, HostOptions.of(data).withPorts(0, 0, true)));
  }

  private static boolean isOwn(Path jar) {
    return String.valueOf(jar.getFileName()).startsWith(OWN);
  }

  @Override
  public void close() throws IOException {
    host.close();
    loader.close();
  }
}
