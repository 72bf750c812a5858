package dev.perdure.functions.app;

import java.io.IOException;
import java.net.URL;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The parent of an app's class loader: the JDK, and of the host only what is in the signatures of
 * functions and of the types in them: Gson, whose annotations say how parameters and results are
 * JSON, and whose trees of JSON can be such. What else the host is made of does not exist for apps,
 * so that they bring their own versions of the same libraries.
 */
final class HostClasses extends ClassLoader {
  static {
    registerAsParallelCapable();
  }

  /** Packages, without those below them, that apps share with the host. */
  private static final Set<String> SHARED =
      Set.of(
          "com.google.gson",
          "com.google.gson.annotations",
          "com.google.gson.internal",
          "com.google.gson.internal.bind",
          "com.google.gson.internal.bind.util",
          "com.google.gson.internal.reflect",
          "com.google.gson.internal.sql",
          "com.google.gson.reflect",
          "com.google.gson.stream",
          "com.microsoft.azure.functions",
          "com.microsoft.azure.functions.cache",
          "com.microsoft.azure.functions.internal.spi.middleware",
          "com.microsoft.azure.functions.spi.inject",
          "dev.perdure.api",
          "org.jspecify.annotations");

  private final ClassLoader host;

  HostClasses(ClassLoader host) {
    super("perdure-host", ClassLoader.getPlatformClassLoader());
    this.host = host;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    return isShared(name) ? host.loadClass(name) : super.loadClass(name, resolve);
  }

  @Override
  public @Nullable URL getResource(String name) {
    return isSharedResource(name) ? host.getResource(name) : super.getResource(name);
  }

  @Override
  public Enumeration<URL> getResources(String name) throws IOException {
    if (isSharedResource(name)) {
      URL resource = host.getResource(name);
      return resource == null
          ? Collections.emptyEnumeration()
          : Collections.enumeration(Set.of(resource));
    }
    return super.getResources(name);
  }

  private static boolean isShared(String className) {
    int dot = className.lastIndexOf('.');
    return dot > 0 && SHARED.contains(className.substring(0, dot));
  }

  /** Only the bytes of shared classes; configuration and services of the host stay hidden. */
  private static boolean isSharedResource(String name) {
    return name.endsWith(".class")
        && isShared(name.substring(0, name.length() - ".class".length()).replace('/', '.'));
  }
}
