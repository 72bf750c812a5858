package dev.perdure.functions.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.microsoft.azure.functions.ExecutionContext;
import com.microsoft.azure.functions.internal.spi.middleware.Middleware;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.functions.TestApp;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AppClassLoaderTest {
  @TempDir Path directory;
  private Path own;

  @BeforeEach
  void app() {
    own =
        TestApp.compile(
            directory.resolve("own"),
            """
            package app;
            import com.microsoft.azure.functions.*;
            public class Functions {
              static { if (true) throw new IllegalStateException("initialised"); }
              public String hello(ExecutionContext context) { return ""; }
            }
            """);
  }

  @Test
  void loadsTheAppWithoutInitialisingIt() throws IOException {
    try (AppClassLoader loader = loader()) {
      Class<?> type = loader.load("app.Functions");

      assertThat(type.getClassLoader()).isSameAs(loader);
      assertThat(loader.isRegisteredAsParallelCapable()).isTrue();
      assertThat(loader.getParent().isRegisteredAsParallelCapable()).isTrue();
      assertThat(loader.hasClass("app.Functions")).isTrue();
      assertThat(loader.hasClass("app.Others")).isFalse();
    }
  }

  @Test
  void sharesTheTypesOfSignaturesWithTheHost() throws Exception {
    try (AppClassLoader loader = loader()) {
      assertThat(loader.loadClass(ExecutionContext.class.getName()))
          .isSameAs(ExecutionContext.class);
      assertThat(loader.loadClass(Middleware.class.getName())).isSameAs(Middleware.class);
      assertThat(
              loader.loadClass("com.microsoft.azure.functions.spi.inject.FunctionInstanceInjector"))
          .isNotNull();
      assertThat(loader.loadClass("com.microsoft.azure.functions.cache.CacheKey")).isNotNull();
      assertThat(loader.loadClass(OrchestrationContext.class.getName()))
          .isSameAs(OrchestrationContext.class);
      assertThat(loader.loadClass("org.jspecify.annotations.Nullable"))
          .isSameAs(org.jspecify.annotations.Nullable.class);
      assertThat(loader.loadClass("com.google.gson.JsonObject")).isSameAs(JsonObject.class);
      assertThat(loader.loadClass("java.sql.Driver")).isSameAs(java.sql.Driver.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tools.jackson.databind.ObjectMapper",
        "com.fasterxml.jackson.annotation.JsonProperty",
        "com.google.protobuf.Message",
        "io.grpc.Channel",
        "io.github.classgraph.ClassGraph",
        "org.slf4j.Logger",
        "org.eclipse.jetty.server.Server",
        "dev.perdure.engine.PerdureEngine",
        "dev.perdure.json.JacksonDataConverter",
        "dev.perdure.functions.app.AppSource",
        "com.microsoft.azure.functions.annotation.FunctionName"
      })
  void hidesWhatTheHostIsMadeOf(String name) throws IOException {
    try (AppClassLoader loader = loader()) {
      assertThatThrownBy(() -> loader.loadClass(name)).isInstanceOf(ClassNotFoundException.class);
      assertThat(loader.hasClass(name)).isFalse();
    }
  }

  @Test
  void hidesTheResourcesOfTheHost() throws IOException {
    // They are there for the host.
    String services = "META-INF/services/org.slf4j.spi.SLF4JServiceProvider";
    assertThat(getClass().getClassLoader().getResource(services)).isNotNull();
    try (AppClassLoader loader = loader()) {
      assertThat(loader.getResource(services)).isNull();
      assertThat(Collections.list(loader.getResources(services))).isEmpty();
      assertThat(Collections.list(loader.getResources("META-INF/MANIFEST.MF")))
          .extracting(URL::toString)
          .noneMatch(url -> url.contains("jackson") || url.contains("azure"));
    }
  }

  @Test
  void theBytesOfSharedClassesCanBeRead() throws IOException {
    String name = "com/microsoft/azure/functions/ExecutionContext.class";
    try (AppClassLoader loader = loader()) {
      assertThat(loader.getResource(name)).isNotNull();
      assertThat(Collections.list(loader.getResources(name))).hasSize(1);
    }
  }

  @Test
  void annotationsComeFromTheLibrariesOfTheApp() throws Exception {
    try (AppClassLoader loader = AppClassLoader.of(List.of(own), List.of(TestApp.annotations()))) {
      Class<?> annotation =
          loader.loadClass("com.microsoft.azure.functions.annotation.FunctionName");

      assertThat(annotation.getClassLoader()).isSameAs(loader);
    }
  }

  @Test
  void everyPackageOfGsonIsShared() throws Exception {
    Path gson = TestApp.home(JsonObject.class.getName());
    try (AppClassLoader loader = AppClassLoader.of(List.of(own), List.of(gson));
        JarFile jar = new JarFile(gson.toFile())) {
      List<String> ofApp = new ArrayList<>();
      for (JarEntry entry : Collections.list(jar.entries())) {
        String name = entry.getName().replace('/', '.');
        if (name.startsWith("com.google.gson.") && name.endsWith(".class")) {
          String type = name.substring(0, name.length() - ".class".length());
          if (loader.loadClass(type).getClassLoader() == loader) {
            ofApp.add(type);
          }
        }
      }
      assertThat(ofApp).isEmpty();
    }
  }

  @Test
  void copiesOfTheCoreLibraryInTheAppAreNotUsed() throws Exception {
    Path copy =
        TestApp.compile(
            directory.resolve("copy"),
            """
            package com.microsoft.azure.functions;
            public interface ExecutionContext { int other(); }
            """);
    try (AppClassLoader loader = AppClassLoader.of(List.of(own, copy), List.of())) {
      assertThat(loader.loadClass(ExecutionContext.class.getName()))
          .isSameAs(ExecutionContext.class);
    }
  }

  @Test
  void closesItsJars() throws Exception {
    Path jar = TestApp.jar(directory.resolve("app.jar"), own);
    AppClassLoader loader = AppClassLoader.of(List.of(jar), List.of());
    loader.load("app.Functions");
    loader.close();

    assertThatThrownBy(() -> loader.load("app.Others")).isInstanceOf(InvalidAppException.class);
    Files.delete(jar);
  }

  @Test
  void aClassThatDoesNotExist() throws IOException {
    try (AppClassLoader loader = loader()) {
      assertThatThrownBy(() -> loader.load("app.Gone"))
          .isInstanceOf(InvalidAppException.class)
          .hasMessage("There is no class app.Gone in the app. Is it built, and is its name right?");
    }
  }

  @Test
  void aClassForANewerJava() throws IOException {
    Path file = own.resolve("app/Functions.class");
    byte[] bytes = Files.readAllBytes(file);
    bytes[7] = (byte) 144;
    Files.write(file, bytes);
    int host = Runtime.version().feature();
    try (AppClassLoader loader = loader()) {
      assertThatThrownBy(() -> loader.load("app.Functions"))
          .isInstanceOf(InvalidAppException.class)
          .hasMessage(
              "Class app.Functions is built for Java 100 (class file version 144), and this host runs on Java %d, which reads up to %d. Run it on Java 100 or newer, or build the app with --release %d."
                  .formatted(host, host + 44, host));
    }
  }

  @Test
  void aMissingLibrary() throws IOException {
    Path library =
        TestApp.compile(
            directory.resolve("gone"), "package gone; public class Type { public int value; }");
    Path needy =
        TestApp.compile(
            directory.resolve("needy"),
            List.of(library),
            "package app; public class Needy { public void take(gone.Type type) {} }");
    try (AppClassLoader loader = AppClassLoader.of(List.of(needy), List.of())) {
      assertThatThrownBy(() -> loader.load("app.Needy"))
          .isInstanceOf(InvalidAppException.class)
          .hasMessageStartingWith(
              "Class app.Needy needs gone.Type, which is neither in the app nor in its libraries.");
    }
  }

  @Test
  void aDamagedClassFile() throws IOException {
    Files.write(own.resolve("app/Functions.class"), new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9});
    try (AppClassLoader loader = loader()) {
      assertThatThrownBy(() -> loader.load("app.Functions"))
          .isInstanceOf(InvalidAppException.class)
          .hasMessageStartingWith("The class file of app.Functions is damaged (");
    }
  }

  @Test
  void aFailingInitialiserIsExplained() throws Exception {
    try (AppClassLoader loader = loader()) {
      assertThatThrownBy(() -> Class.forName("app.Functions", true, loader))
          .isInstanceOf(ExceptionInInitializerError.class)
          .satisfies(
              error ->
                  assertThat(loader.explain("app.Functions", error))
                      .hasMessageContaining("IllegalStateException: initialised"));
    }
  }

  @Test
  void aDamagedOrMissingJar() {
    Path damaged = TestApp.write(directory.resolve("damaged.jar"), "not a zip file");
    assertThatThrownBy(() -> AppClassLoader.of(List.of(own), List.of(damaged)))
        .isInstanceOf(InvalidAppException.class)
        .hasMessageContaining("damaged.jar' is damaged (");
    assertThatThrownBy(() -> AppClassLoader.of(List.of(directory.resolve("gone.jar")), List.of()))
        .isInstanceOf(InvalidAppException.class)
        .hasMessageContaining("does not exist. Build the app again.");
  }

  private AppClassLoader loader() {
    return AppClassLoader.of(List.of(own), List.of());
  }
}
