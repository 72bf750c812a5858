package dev.perdure.engine.orchestrator;

import java.util.ResourceBundle;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Passes on to another logger unless code is being replayed. */
final class ReplaySafeLogger implements System.Logger {
  private final System.Logger target;
  private final BooleanSupplier replaying;

  ReplaySafeLogger(System.Logger target, BooleanSupplier replaying) {
    this.target = target;
    this.replaying = replaying;
  }

  @Override
  public String getName() {
    return target.getName();
  }

  @Override
  public boolean isLoggable(Level level) {
    return !replaying.getAsBoolean() && target.isLoggable(level);
  }

  @Override
  public void log(
      Level level, @Nullable ResourceBundle bundle, @Nullable String text, @Nullable Throwable e) {
    if (isLoggable(level)) {
      target.log(level, bundle, text, e);
    }
  }

  @Override
  public void log(
      Level level, @Nullable ResourceBundle bundle, @Nullable String format, Object... parameters) {
    if (isLoggable(level)) {
      target.log(level, bundle, format, parameters);
    }
  }
}
