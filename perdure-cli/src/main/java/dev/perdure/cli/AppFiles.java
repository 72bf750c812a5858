package dev.perdure.cli;

import dev.perdure.functions.app.AppLayout;
import dev.perdure.functions.app.AppSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The files of an app, and whether they are still those that it was found with. */
final class AppFiles {
  private final AppRun.Request request;

  /** What was asked for if it is a directory, else the directory that it is in. */
  private final Path home;

  private @Nullable AppLayout layout;
  private String found = "";
  private String before = "";

  AppFiles(AppRun.Request request) {
    this.request = request;
    Path app = request.app().toAbsolutePath().normalize();
    home = Files.isDirectory(app) ? app : app.resolveSibling("");
  }

  /**
   * Finds the app, and builds it if need be. What is saved during a build is a change, as the build
   * may have read it before; classes are taken as they are afterwards, even if it has failed.
   */
  AppLayout find(Consumer<String> notes) {
    found = given();
    try {
      AppLayout now = AppSource.find(request.app(), request.build(), notes);
      layout = now;
      return now;
    } finally {
      found += made();
    }
  }

  /** Whether files have changed since the app was found, but not since the last look. */
  boolean haveChanged() {
    String now = given() + made();
    boolean quiet = now.equals(before);
    before = now;
    return quiet && !now.equals(found);
  }

  /** Settings, and what Maven builds the app from. */
  private String given() {
    StringBuilder stamps = new StringBuilder();
    for (String name : List.of("host.json", "local.settings.json", ".env", "pom.xml")) {
      stamp(home.resolve(name), stamps);
    }
    if (request.build() && Files.exists(home.resolve("pom.xml"))) {
      stamp(home.resolve("src/main"), stamps);
    }
    return stamps.toString();
  }

  /** What the app is run from. */
  private String made() {
    StringBuilder stamps = new StringBuilder();
    if (layout != null) {
      layout.own().forEach(place -> stamp(place, stamps));
      Path functions = layout.functions();
      if (functions != null) {
        stamp(functions, stamps);
      }
    }
    return stamps.toString();
  }

  /** Adds the names and times of all files in a place, but not those of the host's data. */
  private void stamp(Path place, StringBuilder stamps) {
    Path data = layout == null ? null : request.dataOf(layout).toAbsolutePath().normalize();
    try (Stream<Path> files = Files.walk(place)) {
      files
          .filter(file -> data == null || !file.startsWith(data))
          .forEach(file -> stamps.append(file).append(time(file)).append(';'));
    } catch (IOException | UncheckedIOException e) {
      stamps.append(place).append("missing;");
    }
  }

  private static String time(Path file) {
    try {
      return Files.isDirectory(file) ? "" : Files.getLastModifiedTime(file).toString();
    } catch (IOException e) {
      return "gone";
    }
  }
}
