package dev.perdure.engine;

import dev.perdure.api.PayloadTooLargeException;
import dev.perdure.api.TraceContext;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How much may be told of an orchestration besides its input. All of it is in memory as long as the
 * orchestration is, and in its row, which is written and listed again and again.
 */
public final class StartSize {
  /** Characters of name, version, tags and trace context together. */
  public static final int CHARS_MAX = 32 * 1024;

  /** Of a name that is too long, so much is shown. */
  private static final int SHOWN_MAX = 64;

  private StartSize() {}

  /**
   * Checks what an orchestration is to be started with.
   *
   * @throws PayloadTooLargeException if it is too much
   */
  public static void check(
      String name, String version, Map<String, String> tags, @Nullable TraceContext trace) {
    long chars = chars(name, version, tags, trace);
    if (chars > CHARS_MAX) {
      throw new PayloadTooLargeException(
          ("Orchestration '%s' cannot start: its name, version, tags and trace context have %,d"
                  + " characters together, the limit is %,d. Put such data into the input.")
              .formatted(shown(name), chars, CHARS_MAX));
    }
  }

  /** A name for a message: as it is, or its beginning. */
  public static String shown(String name) {
    return name.length() > SHOWN_MAX ? name.substring(0, SHOWN_MAX) + "..." : name;
  }

  /** The characters of what comes with an input. */
  public static long chars(
      String name,
      @Nullable String version,
      Map<String, String> tags,
      @Nullable TraceContext trace) {
    long chars = (long) name.length() + (version == null ? 0 : version.length());
    if (!tags.isEmpty()) {
      for (Map.Entry<String, String> tag : tags.entrySet()) {
        chars += tag.getKey().length() + tag.getValue().length();
      }
    }
    if (trace != null) {
      String state = trace.traceState();
      chars += trace.traceParent().length() + (state == null ? 0 : state.length());
    }
    return chars;
  }
}
