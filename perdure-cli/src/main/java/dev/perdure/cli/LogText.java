package dev.perdure.cli;

/**
 * Messages of a log as they are written. Names and ids in them come from anywhere: they must not
 * look like another message, command the terminal, or fill the disk.
 */
final class LogText {
  /** Characters written of a message. */
  private static final int CHARS_MAX = 8_000;

  private LogText() {}

  /** A message whose further lines are indented, without control characters, cut to a length. */
  static String of(String message) {
    boolean cut = message.length() > CHARS_MAX;
    String text = cut ? message.substring(0, CHARS_MAX) : message;
    StringBuilder out = new StringBuilder(text.length() + 32);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        out.append("\n\t");
      } else if (c == '\t' || !Character.isISOControl(c)) {
        out.append(c);
      } else if (c != '\r') {
        out.append('?');
      }
    }
    return cut
        ? out.append("... (").append(message.length()).append(" characters)").toString()
        : out.toString();
  }
}
