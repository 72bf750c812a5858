package dev.perdure.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Log messages of the command line on standard error: a line each; further ones are indented. */
final class CliLogging {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

  // Loggers are only weakly held by the JDK; without this the configuration could be collected.
  private static final Logger ROOT = Logger.getLogger("");

  private static final Logger JETTY = Logger.getLogger("org.eclipse.jetty");

  /** Clients are told what is wrong with what they send; these two say so in the log each time. */
  private static final Logger HTTP_PARSER = Logger.getLogger("org.eclipse.jetty.http");

  private static final Logger GRPC_TRANSPORT =
      Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty");

  /** Tells of each frame that was on its way when a connection was given up. */
  private static final Logger HTTP_2 =
      Logger.getLogger("io.grpc.netty.shaded.io.netty.handler.codec.http2");

  /** Whoever uses it reports what it reports. */
  private static final Logger MQTT_CLIENT = Logger.getLogger("io.vertx.mqtt.impl.MqttClientImpl");

  private CliLogging() {}

  /** Shows messages of this level and above. */
  static void configure(Level level) {
    for (Handler handler : ROOT.getHandlers()) {
      ROOT.removeHandler(handler);
    }
    Handler handler = new ConsoleHandler();
    handler.setLevel(level);
    handler.setFormatter(new OneLine());
    ROOT.addHandler(handler);
    ROOT.setLevel(level);
    JETTY.setLevel(Level.WARNING); // it tells much of itself
    HTTP_PARSER.setLevel(Level.SEVERE);
    GRPC_TRANSPORT.setLevel(Level.SEVERE);
    HTTP_2.setLevel(Level.WARNING);
    MQTT_CLIENT.setLevel(Level.OFF);
  }

  /** Time, level, the logger's last name, message; a stack trace only where there is one. */
  static final class OneLine extends Formatter {
    @Override
    public String format(LogRecord record) {
      StringBuilder line = new StringBuilder();
      line.append(
          TIME.format(Instant.ofEpochMilli(record.getMillis()).atZone(ZoneId.systemDefault())));
      line.append(' ').append(record.getLevel().getName());
      line.append(' ').append(lastName(String.valueOf(record.getLoggerName())));
      line.append(": ").append(LogText.of(formatMessage(record))).append(System.lineSeparator());
      if (record.getThrown() != null) {
        appendStackTrace(line, record.getThrown());
      }
      return line.toString();
    }

    private static String lastName(String logger) {
      return logger.substring(logger.lastIndexOf('.') + 1);
    }

    private static void appendStackTrace(StringBuilder line, Throwable thrown) {
      StringWriter text = new StringWriter();
      thrown.printStackTrace(new PrintWriter(text, true));
      line.append(text);
    }
  }
}
