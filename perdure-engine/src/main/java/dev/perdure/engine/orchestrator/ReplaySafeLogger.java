package dev.perdure.engine.orchestrator;

import java.util.ResourceBundle;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Passes on to another logger unless code does what it did before, or will do again. */
final class ReplaySafeLogger implements System.Logger {
  private final System.Logger target;
  private final BooleanSupplier silent;

  /**
   * Passes on to another logger.
   *
   * @param silent whether nothing is passed on now
   */
  ReplaySafeLogger(System.Logger target, BooleanSupplier silent) {
    this.target = target;
    this.silent = silent;
  }

  @Override
  public String getName() {
    return target.getName();
  }

  @Override
  public boolean isLoggable(Level level) {
    return !silent.getAsBoolean() && target.isLoggable(level);
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
