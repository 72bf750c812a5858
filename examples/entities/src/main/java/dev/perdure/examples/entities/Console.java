package dev.perdure.examples.entities;

import java.io.PrintStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where an example says what it does, a line each. Safe from any thread. */
public final class Console {
  private final PrintStream out;

  /** A console that writes to a stream. */
  public Console(PrintStream out) {
    this.out = out;
  }

  /** Says a line; numbers are written the same way everywhere. */
  @SuppressWarnings("AnnotateFormatMethod") // an example has one dependency, and it is Perdure
  public void say(String format, @Nullable Object... arguments) {
    out.println(String.format(Locale.ROOT, format, arguments));
    out.flush(); // whoever kills the process has seen all that was said
  }
}
