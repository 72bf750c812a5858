package dev.perdure.engine.orchestrator;

import org.jspecify.annotations.Nullable;

/** Finds the line of user code in a stack. */
public final class CodeLocation {
  private CodeLocation() {}

  /** The innermost frame that is neither ours nor the JDK's; null if there is none. */
  public static @Nullable String of(StackTraceElement[] stack) {
    for (StackTraceElement frame : stack) {
      if (isUsers(frame.getClassName())) {
        return frame.toString();
      }
    }
    return null;
  }

  /** The same for the calling thread, at less cost: no frames beyond the one are looked into. */
  static @Nullable String here() {
    return StackWalker.getInstance()
        .walk(frames -> frames.filter(frame -> isUsers(frame.getClassName())).findFirst())
        .map(frame -> frame.toStackTraceElement().toString())
        .orElse(null);
  }

  private static boolean isUsers(String className) {
    return !isOurs(className) && !className.startsWith("java.") && !className.startsWith("jdk.");
  }

  private static boolean isOurs(String className) {
    return className.startsWith("dev.perdure.engine.orchestrator.")
        || className.startsWith("dev.perdure.engine.functions.")
        || className.startsWith("dev.perdure.api.");
  }
}
