package dev.perdure.api;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.jspecify.annotations.Nullable;

/**
 * A failure as it is recorded: what is left of an exception when it crosses from one process, or
 * one language, to another. Immutable.
 *
 * @param errorType the fully qualified name of the exception's class, or a name given by a worker
 * @param message the exception's message; empty if it had none
 * @param stackTrace the stack trace as text, cut to a sensible length; null if there is none
 * @param cause what caused it; null if nothing is known
 * @param nonRetriable whether a retry policy must not try again
 * @param properties what else a remote worker told of the failure, as a JSON object; null for
 *     nothing
 */
public record FailureDetails(
    String errorType,
    String message,
    @Nullable String stackTrace,
    @Nullable FailureDetails cause,
    boolean nonRetriable,
    @Nullable Payload properties) {

  /** A failure without further properties. */
  public FailureDetails(
      String errorType,
      String message,
      @Nullable String stackTrace,
      @Nullable FailureDetails cause,
      boolean nonRetriable) {
    this(errorType, message, stackTrace, cause, nonRetriable, null);
  }

  /** Characters kept of each stack trace; deeper frames rarely help and every one is stored. */
  static final int STACK_TRACE_CHARS_MAX = 8_000;

  /** Characters kept of each message. */
  static final int MESSAGE_CHARS_MAX = 8_000;

  /** Causes kept below the outermost failure. */
  static final int CAUSES_MAX = 16;

  /** Describes an exception with its causes. */
  public static FailureDetails of(Throwable error) {
    return of(error, 0);
  }

  /** These details, for a failure that no retry policy should try again. */
  public FailureDetails asNonRetriable() {
    return new FailureDetails(errorType, message, stackTrace, cause, true, properties);
  }

  private static FailureDetails of(Throwable error, int depth) {
    if (error instanceof TaskFailedException failed) {
      // The details of the task itself say more than the wrapper around them.
      return new FailureDetails(
          TaskFailedException.class.getName(),
          message(error),
          trace(error),
          depth >= CAUSES_MAX ? null : failed.details().cut(CAUSES_MAX - depth - 1),
          failed.details().nonRetriable());
    }
    Throwable cause = cause(error);
    return new FailureDetails(
        error.getClass().getName(),
        message(error),
        trace(error),
        cause == null || depth >= CAUSES_MAX ? null : of(cause, depth + 1),
        error instanceof NonRetriable);
  }

  /** These details with so many causes below them at most. */
  private FailureDetails cut(int causes) {
    return cause == null
        ? this
        : new FailureDetails(
            errorType,
            message,
            stackTrace,
            causes == 0 ? null : cause.cut(causes - 1),
            nonRetriable,
            properties);
  }

  // Exceptions are code of others: what they say of themselves may fail, too, and that must not
  // keep the failure from being recorded.

  private static String message(Throwable error) {
    try {
      String message = error.getMessage();
      return message == null ? "" : cut(message, MESSAGE_CHARS_MAX);
    } catch (RuntimeException | Error e) {
      return "(getMessage() threw " + e.getClass().getName() + ")";
    }
  }

  private static @Nullable Throwable cause(Throwable error) {
    try {
      return error.getCause();
    } catch (RuntimeException | Error e) {
      return null;
    }
  }

  private static StackTraceElement[] frames(Throwable error) {
    try {
      return error.getStackTrace();
    } catch (RuntimeException | Error e) {
      return new StackTraceElement[0];
    }
  }

  private static String trace(Throwable error) {
    StringWriter text = new StringWriter();
    PrintWriter writer = new PrintWriter(text);
    for (StackTraceElement frame : frames(error)) {
      writer.print("\tat ");
      writer.println(frame);
      if (text.getBuffer().length() > STACK_TRACE_CHARS_MAX) {
        break;
      }
    }
    return cut(text.toString(), STACK_TRACE_CHARS_MAX);
  }

  private static String cut(String text, int max) {
    if (text.length() <= max) {
      return text;
    }
    boolean withinPair = Character.isHighSurrogate(text.charAt(max - 1));
    return text.substring(0, withinPair ? max - 1 : max) + "...";
  }

  /**
   * Whether this failure, or one of its causes, is an exception of the class or of a subclass. A
   * recorded class that this program does not have is compared by name only.
   */
  public boolean isCausedBy(Class<? extends Throwable> type) {
    for (FailureDetails at = this; at != null; at = at.cause) {
      if (at.errorType.equals(type.getName()) || isSubclass(at.errorType, type)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isSubclass(String name, Class<? extends Throwable> type) {
    ClassLoader loader = type.getClassLoader();
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return isSubclass(name, type, loader) || (context != null && isSubclass(name, type, context));
  }

  private static boolean isSubclass(String name, Class<?> type, @Nullable ClassLoader loader) {
    try {
      return type.isAssignableFrom(Class.forName(name, false, loader));
    } catch (ClassNotFoundException | LinkageError e) {
      return false; // another program's exception: its name is all we have
    }
  }

  /** Type and message in one line; Perdure's own errors are told by their code. */
  @Override
  public String toString() {
    if (errorType.startsWith("dev.perdure.") && message.startsWith("PD-")) {
      return message;
    }
    return message.isEmpty() ? errorType : errorType + ": " + message;
  }
}
