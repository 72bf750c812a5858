package dev.perdure.functions.invoke;

import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What one run of a function logs. Records go to the logger {@code Function.NAME.User}, with the
 * run and the orchestration that they belong to.
 */
final class FunctionLog extends Logger {
  private final Logger target;
  private final String function;
  private final String invocationId;
  private final @Nullable String instanceId;

  /** A record that knows where it comes from. */
  public static final class Entry extends LogRecord {
    private static final long serialVersionUID = 1;

    /** The function. */
    public final transient String function;

    /** The run of it. */
    public final transient String invocationId;

    /** The orchestration or entity that it works for; null if it works for none. */
    public final transient @Nullable String instanceId;

    Entry(LogRecord record, FunctionLog log) {
      super(record.getLevel(), record.getMessage());
      this.function = log.function;
      this.invocationId = log.invocationId;
      this.instanceId = log.instanceId;
      setLoggerName(log.getName());
      setParameters(record.getParameters());
      setThrown(record.getThrown());
      setInstant(record.getInstant());
      setSourceClassName(log.function);
      setSourceMethodName(null);
    }
  }

  FunctionLog(Logger target, String function, String invocationId, @Nullable String instanceId) {
    super(target.getName(), null);
    this.target = target;
    this.function = function;
    this.invocationId = invocationId;
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
      target.log(new Entry(record, this));
    }
  }
}
