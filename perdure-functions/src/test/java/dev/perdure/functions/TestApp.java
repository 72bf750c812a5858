package dev.perdure.functions;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Little apps, compiled into a directory against the class path of the tests. */
public final class TestApp {
  private static final Pattern PACKAGE = Pattern.compile("package ([\\w.]+);");
  private static final Pattern TYPE =
      Pattern.compile("public (?:\\w+ )*?(?:class|interface|@interface|enum|record) (\\w+)");

  /** What the sources of apps begin with. */
  public static final String IMPORTS =
      """
      package app;
      import com.microsoft.azure.functions.*;
      import com.microsoft.azure.functions.annotation.*;
      import java.util.*;
      """;

  private TestApp() {}

  /** Compiles sources, each with one public type, into a directory. */
  public static Path compile(Path directory, String... sources) {
    return compile(directory, List.of(), sources);
  }

  /** Compiles sources that need more than the class path of the tests. */
  public static Path compile(Path directory, List<Path> more, String... sources) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter out = new StringWriter();
    List<JavaFileObject> files = new ArrayList<>();
    for (String source : sources) {
      files.add(new Source(source));
    }
    StringBuilder classPath =
        new StringBuilder(
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    more.forEach(path -> classPath.append(java.io.File.pathSeparator).append(path));
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    boolean compiled =
        compiler
            .getTask(
                out,
                null,
                null,
                List.of(
                    "-d",
                    directory.toString(),
                    "-cp",
                    classPath.toString(),
                    "-proc:none",
                    "-Xlint:none",
                    "--release",
                    "21"),
                null,
                files)
            .call();
    if (!compiled) {
      throw new IllegalArgumentException(out.toString());
    }
    return directory;
  }

  /** Packs a directory into a jar. */
  public static Path jar(Path jar, Path directory) {
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out);
        Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        String name = directory.relativize(file).toString().replace(java.io.File.separator, "/");
        entries.putNextEntry(new ZipEntry(name));
        Files.copy(file, entries);
        entries.closeEntry();
      }
      return jar;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The jar or directory that a class comes from. */
  public static Path home(String className) {
    try {
      return Path.of(
          Class.forName(className, false, TestApp.class.getClassLoader())
              .getProtectionDomain()
              .getCodeSource()
              .getLocation()
              .toURI());
    } catch (ReflectiveOperationException | java.net.URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The Azure library with the annotations. */
  public static Path annotations() {
    return home("com.microsoft.azure.functions.annotation.FunctionName");
  }

  /** Writes a file, and the directories above it. */
  public static Path write(Path file, String text) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String text) {
      super(URI.create("string:///" + path(text) + ".java"), Kind.SOURCE);
      this.text = text;
    }

    private static String path(String text) {
      Matcher type = TYPE.matcher(text);
      Matcher inPackage = PACKAGE.matcher(text);
      if (!type.find()) {
        throw new IllegalArgumentException("No public type in: " + text);
      }
      return (inPackage.find() ? inPackage.group(1).replace('.', '/') + "/" : "") + type.group(1);
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
