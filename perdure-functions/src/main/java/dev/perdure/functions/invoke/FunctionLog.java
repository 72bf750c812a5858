package dev.perdure.functions.invoke;

import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What one run of a function logs. Records go to the logger {@code Function.NAME.User}, with the
 * orchestration that they belong to.
 */
final class FunctionLog extends Logger {
  private final Logger target;
  private final String function;
  private final @Nullable String instanceId;

  FunctionLog(Logger target, String function, @Nullable String instanceId) {
    super(target.getName(), null);
    this.target = target;
    this.function = function;
    this.instanceId = instanceId;
  }

  /** Where the records of a function go. */
  static Logger target(String function) {
    return Logger.getLogger("Function." + function + ".User");
  }

  @Override
  public boolean isLoggable(Level level) {
    return target.isLoggable(level);
  }

  @Override
  public void log(LogRecord record) {
    if (isLoggable(record.getLevel())) {
      FunctionLogRecord entry = new FunctionLogRecord(record, function, instanceId);
      entry.setLoggerName(getName());
      target.log(entry);
    }
  }
}
