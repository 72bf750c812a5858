package dev.perdure.engine.orchestrator;

import org.jspecify.annotations.Nullable;

/** Finds the line of user code in a stack. */
public final class CodeLocation {
  private CodeLocation() {}

  /** The innermost frame that is neither ours nor the JDK's; null if there is none. */
  public static @Nullable String of(StackTraceElement[] stack) {
    for (StackTraceElement frame : stack) {
      String name = frame.getClassName();
      if (!isOurs(name) && !name.startsWith("java.") && !name.startsWith("jdk.")) {
        return frame.toString();
      }
    }
    return null;
  }

  private static boolean isOurs(String className) {
    return className.startsWith("dev.perdure.engine.orchestrator.")
        || className.startsWith("dev.perdure.engine.functions.")
        || className.startsWith("dev.perdure.api.");
  }
}
