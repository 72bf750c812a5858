package dev.perdure.engine.orchestrator;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Finds the line of user code in a stack. */
public final class CodeLocation {
  private CodeLocation() {}

  /**
   * The innermost frame that is neither ours nor the JDK's, without the name of its class loader;
   * null if there is none.
   *
   * @param libraries how the names of other classes begin that are not the user's
   */
  public static @Nullable String of(StackTraceElement[] stack, String... libraries) {
    for (StackTraceElement frame : stack) {
      String type = frame.getClassName();
      if (isUsers(type) && Arrays.stream(libraries).noneMatch(type::startsWith)) {
        return new StackTraceElement(
                null,
                null,
                null,
                type,
                frame.getMethodName(),
                frame.getFileName(),
                frame.getLineNumber())
            .toString();
      }
    }
    return null;
  }

  /** The same for the calling thread; takes some microseconds. */
  static @Nullable String here() {
    return of(Thread.currentThread().getStackTrace());
  }

  private static boolean isUsers(String className) {
    return !isOurs(className) && !className.startsWith("java.") && !className.startsWith("jdk.");
  }

  private static boolean isOurs(String className) {
    return className.startsWith("dev.perdure.engine.orchestrator.")
        || className.startsWith("dev.perdure.engine.partition.")
        || className.startsWith("dev.perdure.engine.functions.")
        || className.startsWith("dev.perdure.api.");
  }
}
