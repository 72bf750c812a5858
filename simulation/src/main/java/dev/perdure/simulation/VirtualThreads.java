package dev.perdure.simulation;

import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/**
 * Virtual threads whose pieces, from one wait to the next, are run by an executor of our own. The
 * JDK has the door but keeps it closed to the public; a simulation has to open it.
 */
final class VirtualThreads {
  private VirtualThreads() {}

  static ThreadFactory factory(String name, Executor executor) {
    try {
      Class<?> builder = Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder");
      Constructor<?> constructor = builder.getDeclaredConstructor(Executor.class);
      constructor.setAccessible(true);
      return ((Thread.Builder.OfVirtual) constructor.newInstance(executor)).name(name).factory();
    } catch (InaccessibleObjectException e) {
      throw new IllegalStateException(
          "The simulation needs the JVM option --add-opens=java.base/java.lang=ALL-UNNAMED.", e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "This JDK (%s) does not let virtual threads run on another scheduler. Use JDK 21 to 25."
              .formatted(Runtime.version()),
          e);
    }
  }
}
