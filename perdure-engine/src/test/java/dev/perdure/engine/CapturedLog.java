package dev.perdure.engine;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What is logged while a test runs. */
final class CapturedLog extends Handler implements AutoCloseable {
  private final Logger logger;
  private final boolean parents;
  private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();

  CapturedLog(String name) {
    logger = Logger.getLogger(name);
    parents = logger.getUseParentHandlers();
    logger.setUseParentHandlers(false);
    logger.addHandler(this);
    setLevel(Level.ALL);
  }

  @Override
  public void publish(LogRecord message) {
    messages.add(new SimpleFormatter().formatMessage(message));
  }

  /** The next message; waits for it. */
  String next() throws InterruptedException {
    String message = messages.poll(TestHub.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (message == null) {
      throw new AssertionError("Nothing was logged by " + logger.getName());
    }
    return message;
  }

  /** All messages that nobody has taken. */
  List<String> messages() {
    return List.copyOf(messages);
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
    logger.setUseParentHandlers(parents);
  }
}
