package dev.perdure.cli;

import dev.perdure.functions.invoke.FunctionLogRecord;
import dev.perdure.functions.settings.LogLevel;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;
import org.jspecify.annotations.Nullable;

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

  /** The loggers that have a level of host.json, with the level that they had before. */
  private static final Map<Logger, @Nullable Level> BEFORE = new HashMap<>();

  /** The logger that all others are below. */
  private static final String ROOT = "";

  /** The category of what functions log, with those of each of them below it. */
  private static final String FUNCTIONS = "Function";

  private FunctionsLogging() {}

  /** Sends messages to the console. */
  static void configure(boolean colours) {
    Logger root = Logger.getLogger(ROOT);
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
    set(FUNCTIONS, verbose ? Level.FINE : Level.INFO);
  }

  private static void set(String name, Level level) {
    Logger logger = Logger.getLogger(name);
    logger.setLevel(level);
    KEPT.add(logger);
  }

  /**
   * Applies levels by category, as host.json has them, in the place of those of the last time.
   *
   * @param levels {@code default} is for the host and for what functions log, unless {@code
   *     Function} or a category below it has a level of its own
   */
  static synchronized void levels(Map<String, LogLevel> levels) {
    BEFORE.forEach(Logger::setLevel);
    BEFORE.clear();
    Map<String, LogLevel> byLogger = new HashMap<>();
    levels.forEach(
        (category, level) ->
            byLogger.put(category.equalsIgnoreCase("default") ? ROOT : category, level));
    LogLevel others = byLogger.get(ROOT);
    if (others != null) {
      byLogger.putIfAbsent(FUNCTIONS, others);
    }
    byLogger.forEach(
        (name, level) -> {
          Logger logger = Logger.getLogger(name);
          BEFORE.put(logger, logger.getLevel());
          logger.setLevel(level(level));
        });
  }

  private static Level level(LogLevel level) {
    return switch (level) {
      case TRACE -> Level.FINEST;
      case DEBUG -> Level.CONFIG;
      case INFORMATION -> Level.INFO;
      case WARNING -> Level.WARNING;
      case ERROR, CRITICAL -> Level.SEVERE;
      case NONE -> Level.OFF;
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
