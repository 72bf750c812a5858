package dev.perdure.functions.host;

import dev.perdure.functions.app.AppClassLoader;
import dev.perdure.functions.app.AppDefinitions;
import dev.perdure.functions.app.AppLayout;
import dev.perdure.functions.app.AppSource;
import dev.perdure.functions.settings.AppSettings;
import dev.perdure.functions.settings.HostJson;
import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.settings.LocalHost;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.settings.SettingsLoader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Finds an app and reads all that a host has to know of it. */
public final class AppLoader {
  private AppLoader() {}

  /**
   * An app that can be run. Its class loader is closed with it.
   *
   * @param app the app
   * @param layout where its parts are
   * @param localHost how it wants the host to listen
   * @param notes what its author should know, a sentence each
   */
  public record Loaded(App app, AppLayout layout, LocalHost localHost, List<String> notes)
      implements AutoCloseable {
    /** Copies the list. */
    public Loaded {
      notes = List.copyOf(notes);
    }

    @Override
    public void close() {
      if (app.loader() instanceof AutoCloseable loader) {
        try {
          loader.close();
        } catch (IOException e) {
          throw new UncheckedIOException("The jars of the app cannot be closed", e);
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  /**
   * Finds an app, builds it if need be, and reads it.
   *
   * @param path where it is
   * @param build whether it is built if its sources are newer
   * @param port the port of the host, if it is known; null to take that of the app's settings
   * @param progress is told what takes long
   * @throws dev.perdure.functions.app.InvalidAppException if there is no app, or it cannot be built
   * @throws dev.perdure.functions.text.InvalidFileException if one of its files is wrong
   */
  public static Loaded load(
      Path path,
      boolean build,
      @Nullable Integer port,
      Map<String, String> environment,
      Consumer<String> progress) {
    return load(path, AppSource.find(path, build, progress), port, environment);
  }

  /**
   * Reads an app that has been found.
   *
   * @param path where it is
   * @param layout where its parts are
   * @param port the port of the host, if it is known; null to take that of the app's settings
   * @throws dev.perdure.functions.app.InvalidAppException if one of its parts is missing or damaged
   * @throws dev.perdure.functions.text.InvalidFileException if one of its files is wrong
   */
  public static Loaded load(
      Path path, AppLayout layout, @Nullable Integer port, Map<String, String> environment) {
    AppSettings read = SettingsLoader.load(layout.root(), environment);
    Integer ofSettings = read.host().port();
    int known = port != null ? port : ofSettings == null ? HostOptions.HTTP_PORT : ofSettings;
    Settings settings = read.in(layout.root(), known);
    HostSettings host = HostJson.read(layout.root(), settings);
    List<String> notes = new ArrayList<>(read.notes());
    notes.addAll(host.warnings());
    AppClassLoader loader = AppClassLoader.of(layout);
    Path name = path.toAbsolutePath().normalize().getFileName();
    return new Loaded(
        new App(
            name == null ? "app" : name.toString(),
            AppDefinitions.read(layout, loader),
            loader,
            settings,
            host),
        layout,
        read.host(),
        notes);
  }
}
