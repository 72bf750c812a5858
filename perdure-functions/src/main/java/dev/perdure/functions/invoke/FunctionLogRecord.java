package dev.perdure.functions.invoke;

import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/** Something that a function has logged, with what it belongs to. */
public final class FunctionLogRecord extends LogRecord {
  private static final long serialVersionUID = 1;

  private final String function;
  private final @Nullable String instanceId;

  FunctionLogRecord(LogRecord record, String function, @Nullable String instanceId) {
    super(record.getLevel(), record.getMessage());
    this.function = function;
    this.instanceId = instanceId;
    setParameters(record.getParameters());
    setThrown(record.getThrown());
    setInstant(record.getInstant());
    setResourceBundle(record.getResourceBundle());
    setSourceClassName(function);
    setSourceMethodName(null);
  }

  /** The function. */
  public String function() {
    return function;
  }

  /** The orchestration or entity that it works for; null if it works for none. */
  public @Nullable String instanceId() {
    return instanceId;
  }
}
