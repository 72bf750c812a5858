package dev.perdure.cli;

import dev.perdure.functions.invoke.FunctionLogRecord;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;

/**
 * Log messages while an app runs: what its functions say from Information, what the host says from
 * Warning, unless host.json has other levels. Each line has the time in UTC and the function with
 * the orchestration that it works for.
 */
final class FunctionsLogging {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  /** Loggers are only weakly held by the JDK; without this their levels could be lost. */
  private static final List<Logger> KEPT = new ArrayList<>();

  private FunctionsLogging() {}

  /** Sends messages to the console. */
  static void configure(boolean colours) {
    Logger root = Logger.getLogger("");
    boolean verbose =
        root.getLevel() != null && root.getLevel().intValue() <= Level.INFO.intValue();
    for (var handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    StreamHandler handler =
        new StreamHandler(System.err, new Line(colours)) {
          @Override
          public synchronized void publish(LogRecord record) {
            super.publish(record);
            flush();
          }
        };
    handler.setLevel(Level.ALL);
    root.addHandler(handler);
    root.setLevel(verbose ? Level.INFO : Level.WARNING);
    // Their libraries warn of what is usual; what matters, the triggers say themselves.
    for (String library :
        new String[] {
          "com.azure", "reactor", "io.vertx", "io.netty", "io.grpc", "org.eclipse.jetty.http"
        }) {
      set(library, verbose ? Level.WARNING : Level.SEVERE);
    }
    set("Function", verbose ? Level.FINE : Level.INFO);
  }

  private static void set(String name, Level level) {
    Logger logger = Logger.getLogger(name);
    logger.setLevel(level);
    KEPT.add(logger);
  }

  /** Applies levels by category, as host.json has them. */
  static void levels(Map<String, String> levels) {
    levels.forEach(
        (category, level) -> {
          Level chosen = level(level);
          if (chosen != null) {
            set(category.equalsIgnoreCase("default") ? "" : category, chosen);
          }
        });
  }

  private static Level level(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "trace" -> Level.FINEST;
      case "debug" -> Level.CONFIG;
      case "information" -> Level.INFO;
      case "warning" -> Level.WARNING;
      case "error", "critical" -> Level.SEVERE;
      default -> Level.OFF;
    };
  }

  /** One line, and a stack trace where there is one. */
  static final class Line extends Formatter {
    private final boolean colours;

    Line(boolean colours) {
      this.colours = colours;
    }

    @Override
    public String format(LogRecord record) {
      StringBuilder line = new StringBuilder();
      line.append(colour("2", "[" + TIME.format(record.getInstant()) + "]")).append(' ');
      int level = record.getLevel().intValue();
      if (record instanceof FunctionLogRecord ofFunction) {
        line.append(colour("36", ofFunction.function()));
        if (ofFunction.instanceId() != null) {
          line.append(colour("2", " (" + ofFunction.instanceId() + ")"));
        }
        line.append(": ");
      }
      String message = LogText.of(formatMessage(record));
      line.append(
          level >= Level.SEVERE.intValue()
              ? colour("31", message)
              : level >= Level.WARNING.intValue() ? colour("33", message) : message);
      line.append(System.lineSeparator());
      if (record.getThrown() != null) {
        StringWriter text = new StringWriter();
        record.getThrown().printStackTrace(new PrintWriter(text, true));
        line.append(text);
      }
      return line.toString();
    }

    private String colour(String code, String text) {
      return colours ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }
  }
}
