package dev.perdure.cli;

import dev.perdure.api.Payload;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** How commands print: tables for people, JSON for programs. */
public final class Output {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private static final Pattern CONTROL = Pattern.compile("\\p{Cc}");
  private static final Pattern CONTROL_WITHIN_LINES = Pattern.compile("[\\p{Cc}&&[^\n]]");

  private Output() {}

  /** Prints a value of maps, lists, texts, numbers and nulls, or one that was read. */
  public static void json(PrintWriter out, @Nullable Object value) {
    out.println(JSON.writeValueAsString(value));
    out.flush();
  }

  /**
   * Reads JSON, to be printed again or looked at.
   *
   * @throws tools.jackson.core.JacksonException if it is none
   */
  static JsonNode read(Payload json) {
    return JSON.readTree(json.bytes());
  }

  /** A text for one line. Control characters would break it, or command the terminal. */
  public static String printable(String text) {
    return escaped(CONTROL, text);
  }

  /** A text of several lines, without what would command the terminal. */
  static String printableLines(String text) {
    return escaped(CONTROL_WITHIN_LINES, text);
  }

  private static String escaped(Pattern what, String text) {
    return what.matcher(text).replaceAll(found -> escaped(found.group().charAt(0)));
  }

  private static String escaped(char control) {
    return Matcher.quoteReplacement(
        switch (control) {
          case '\n' -> "\\n";
          case '\r' -> "\\r";
          case '\t' -> "\\t";
          default -> "\\u%04x".formatted((int) control);
        });
  }

  /** Prints rows below headings, with columns as wide as they have to be. */
  public static void table(PrintWriter out, List<String> headings, List<List<String>> rows) {
    int[] widths = new int[headings.size()];
    List<List<String>> all = new ArrayList<>();
    all.add(headings);
    for (List<String> row : rows) {
      all.add(row.stream().map(Output::printable).toList());
    }
    for (List<String> row : all) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : all) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i));
        if (i < widths.length - 1) {
          line.repeat(' ', widths[i] - row.get(i).length() + 2);
        }
      }
      out.println(line);
    }
    out.flush();
  }
}
