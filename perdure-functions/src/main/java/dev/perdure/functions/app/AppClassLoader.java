package dev.perdure.functions.app;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.sql.Driver;
import java.sql.DriverManager;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The class loader of an app. All functions share it, and with it their static fields. It sees the
 * JDK, the app and its libraries, and of the host only the types in signatures of functions: the
 * Azure core library with its SPI, and Perdure's API. After all of that come the host's additions,
 * with which the functions of an app share a client. Safe from any thread.
 */
public final class AppClassLoader extends URLClassLoader {
  /** The difference between the version of Java and that of its class files. */
  private static final int JAVA_TO_CLASS_FILE = 44;

  private static final String ADDITION = "dev/perdure/functions/client/SharedClientContext.class";

  private static final String DRIVERS = "dev.perdure.functions.client.JdbcDrivers";

  private static final System.Logger LOG = System.getLogger("dev.perdure.functions");

  static {
    registerAsParallelCapable();
  }

  private volatile @Nullable AutoCloseable drivers;

  private AppClassLoader(URL[] classPath, ClassLoader host) {
    super("perdure-app", classPath, new HostClasses(host));
  }

  /**
   * A loader for an app.
   *
   * @throws InvalidAppException if an element of the class path is missing or damaged
   */
  public static AppClassLoader of(AppLayout layout) {
    return of(layout.own(), layout.libraries());
  }

  /**
   * A loader for an app.
   *
   * @param own jar files and directories with the app's classes; they come first
   * @param libraries what it needs besides
   * @throws InvalidAppException if an element of the class path is missing or damaged
   */
  public static AppClassLoader of(List<Path> own, List<Path> libraries) {
    Stream<URL> urls =
        Stream.concat(own.stream(), libraries.stream())
            .peek(ClassPaths::check)
            .map(AppClassLoader::url);
    return new AppClassLoader(
        Stream.concat(urls, Stream.of(additions())).toArray(URL[]::new),
        AppClassLoader.class.getClassLoader());
  }

  /** What the host adds to apps: classes that are written against libraries of theirs. */
  private static URL additions() {
    ClassLoader host = AppClassLoader.class.getClassLoader();
    URL marker = host.getResource(ADDITION);
    if (marker == null) {
      throw new IllegalStateException(
          "The host is not complete: %s is missing.".formatted(ADDITION));
    }
    try {
      String text = marker.toString();
      return marker.getProtocol().equals("jar")
          ? URI.create(text.substring("jar:".length(), text.lastIndexOf("!/"))).toURL()
          : URI.create(text.substring(0, text.length() - ADDITION.length())).toURL();
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Makes the JDBC drivers that the app and its libraries name as services known to {@code
   * DriverManager}, which shows them to the app alone, until this loader is closed. It runs the
   * static initialisers of the drivers. One that cannot be loaded is logged and passed over.
   */
  public void registerDrivers() {
    findDriversOfHost();
    try {
      drivers =
          Class.forName(DRIVERS, true, this)
              .asSubclass(AutoCloseable.class)
              .getConstructor()
              .newInstance();
    } catch (ReflectiveOperationException | LinkageError e) {
      LOG.log(System.Logger.Level.WARNING, "The JDBC drivers of the app cannot be registered", e);
    }
  }

  /**
   * {@code DriverManager} looks for drivers once in a process, with the context class loader of the
   * thread that is the first to ask. An app must not be the first: it would not find those of the
   * host.
   */
  private static void findDriversOfHost() {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(AppClassLoader.class.getClassLoader());
    try {
      Stream<Driver> unused = DriverManager.drivers();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /**
   * Takes back the app's JDBC drivers, which would keep all of its classes, and closes the jars.
   */
  @Override
  public void close() throws IOException {
    AutoCloseable registered = drivers;
    drivers = null;
    if (registered != null) {
      try {
        registered.close();
      } catch (Exception e) {
        LOG.log(System.Logger.Level.WARNING, "The JDBC drivers of the app cannot be taken back", e);
      }
    }
    super.close();
  }

  /** Whether the app, its libraries or the JDK have a class; does not load it. */
  public boolean hasClass(String binaryName) {
    return getResource(resource(binaryName)) != null;
  }

  /**
   * A class of the app with all types that its public methods name, not yet initialised.
   *
   * @throws InvalidAppException if it does not exist, is damaged, is for a newer Java, or needs a
   *     class that is not there
   */
  public Class<?> load(String binaryName) {
    try {
      Class<?> type = Class.forName(binaryName, false, this);
      Method[] unused = type.getMethods();
      return type;
    } catch (ClassNotFoundException | LinkageError e) {
      throw explain(binaryName, e);
    }
  }

  /**
   * What went wrong when a class was loaded, linked or initialised, for people.
   *
   * @param binaryName the class of the app that was wanted
   */
  public InvalidAppException explain(String binaryName, Throwable error) {
    return new InvalidAppException(explanation(binaryName, error), error);
  }

  private String explanation(String name, Throwable error) {
    return switch (error) {
      case UnsupportedClassVersionError e -> newerJava(name, e);
      case ExceptionInInitializerError e ->
          "The static initialiser of %s (or of a class that it uses) failed: %s"
              .formatted(name, e.getCause());
      case NoClassDefFoundError e -> missing(name, e);
      case ClassNotFoundException e when name.equals(e.getMessage()) ->
          "There is no class %s in the app. Is it built, and is its name right?".formatted(name);
      case ClassNotFoundException e ->
          "Class %s needs %s, which the app does not have. Is a library missing?"
              .formatted(name, e.getMessage());
      case ClassFormatError e ->
          "The class file of %s is damaged (%s). Build the app again."
              .formatted(name, e.getMessage());
      default -> "Class %s cannot be loaded: %s".formatted(name, error);
    };
  }

  private String newerJava(String name, UnsupportedClassVersionError error) {
    String culprit = culprit(name, error);
    int version = classFileVersion(culprit);
    int host = Runtime.version().feature();
    return version < 0
        ? "Class %s is built for a newer Java than %d, on which this host runs (%s)."
            .formatted(culprit, host, error.getMessage())
        : "Class %s is built for Java %d (class file version %d), and this host runs on Java %d, which reads up to %d. Run it on Java %d or newer, or build the app with --release %d."
            .formatted(
                culprit,
                version - JAVA_TO_CLASS_FILE,
                version,
                host,
                host + JAVA_TO_CLASS_FILE,
                version - JAVA_TO_CLASS_FILE,
                host);
  }

  /** The class that is named first in a message of the JVM. */
  private static String culprit(String otherwise, Error error) {
    String message = error.getMessage();
    int space = message == null ? -1 : message.indexOf(' ');
    return message == null || space <= 0
        ? otherwise
        : message.substring(0, space).replace('/', '.');
  }

  private String missing(String name, NoClassDefFoundError error) {
    String message = String.valueOf(error.getMessage());
    if (message.startsWith("Could not initialize class ")) {
      return "%s: %s. The first error of its static initialiser says why.".formatted(name, message);
    }
    if (message.contains("wrong name")) {
      return "%s is not where its package belongs (%s).".formatted(name, message);
    }
    return "Class %s needs %s, which is neither in the app nor in its libraries. Add the library that has it to lib/ or to the dependencies of the build."
        .formatted(name, message.replace('/', '.'));
  }

  /** The version in the header of a class file; negative if it cannot be read. */
  private int classFileVersion(String name) {
    try (InputStream in = getResourceAsStream(resource(name))) {
      byte[] header = in == null ? new byte[0] : in.readNBytes(8);
      return header.length < 8 ? -1 : (header[6] & 0xFF) << 8 | (header[7] & 0xFF);
    } catch (IOException e) {
      return -1;
    }
  }

  private static String resource(String binaryName) {
    return binaryName.replace('.', '/') + ".class";
  }

  private static URL url(Path path) {
    try {
      return path.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new InvalidAppException("'%s' cannot be on a class path.".formatted(path), e);
    }
  }
}
