package dev.perdure.trigger.sql;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What is logged while this is open. */
final class Logged extends Handler implements AutoCloseable {
  private final Logger logger = Logger.getLogger("dev.perdure");
  private final SimpleFormatter formatter = new SimpleFormatter();
  private final List<String> messages = new CopyOnWriteArrayList<>();

  Logged() {
    logger.addHandler(this);
  }

  @Override
  public void publish(LogRecord entry) {
    messages.add(entry.getLevel() + " " + formatter.formatMessage(entry));
  }

  List<String> messages() {
    return messages;
  }

  /** Waits for a message with these words. */
  void await(String words) {
    Await.until(
        () -> "a message with '" + words + "' among " + messages,
        () -> messages.stream().anyMatch(message -> message.contains(words)));
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
  }
}
