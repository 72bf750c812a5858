package dev.perdure.cli;

import dev.perdure.api.InvalidRegistrationException;
import dev.perdure.engine.functions.FunctionRegistry;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The user's classes, found on a class path of their own. */
final class UserClasses implements AutoCloseable {
  private final URLClassLoader loader;

  private UserClasses(URLClassLoader loader) {
    this.loader = loader;
  }

  static UserClasses on(String classpath) throws IOException {
    List<URL> urls = new ArrayList<>();
    for (String entry : classpath.split(File.pathSeparator, -1)) {
      if (entry.isBlank()) {
        continue;
      }
      if (entry.endsWith(File.separator + "*")) {
        Path directory = Path.of(entry.substring(0, entry.length() - 2));
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(directory, "*.jar")) {
          for (Path jar : jars) {
            urls.add(jar.toUri().toURL());
          }
        }
        continue;
      }
      Path path = Path.of(entry);
      if (!Files.exists(path)) {
        throw new NoSuchFileException(entry, null, "there is nothing on this class path entry");
      }
      urls.add(path.toUri().toURL());
    }
    return new UserClasses(
        new URLClassLoader(urls.toArray(URL[]::new), UserClasses.class.getClassLoader()));
  }

  /** Registers the functions of classes; of those with methods that need one, of an object. */
  FunctionRegistry register(List<String> names, CommandLine command) {
    FunctionRegistry.Builder functions = FunctionRegistry.builder();
    for (String name : names) {
      try {
        Class<?> type = Class.forName(name, true, loader);
        if (FunctionRegistry.needsObject(type)) {
          functions.register(newObject(type, command));
        } else {
          functions.register(type);
        }
      } catch (InvalidRegistrationException e) {
        throw new ParameterException(
            command,
            "Class '%s' of --register, as found on the --classpath: %s"
                .formatted(name, e.getMessage()),
            e);
      } catch (ClassNotFoundException | LinkageError e) {
        throw new ParameterException(
            command,
            "Class '%s' cannot be loaded (%s). Is it, with all it needs, on the --classpath?"
                .formatted(name, e),
            e);
      }
    }
    return functions.build();
  }

  private static Object newObject(Class<?> type, CommandLine command) {
    try {
      Constructor<?> constructor = type.getDeclaredConstructor();
      constructor.setAccessible(true);
      return constructor.newInstance();
    } catch (ReflectiveOperationException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new ParameterException(
          command,
          ("No object of '%s' can be made (%s). Its functions are methods that need one; give it a"
                  + " constructor without parameters, or register a class that has one.")
              .formatted(type.getName(), cause),
          e);
    }
  }

  @Override
  public void close() throws IOException {
    loader.close();
  }
}
