package dev.perdure.functions.durable;

import dev.perdure.engine.orchestrator.CodeLocation;
import java.lang.ref.SoftReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where an orchestrator of the app waits. The durable library leaves it at each wait by throwing,
 * so the line is in the stack of what it threw. That is looked into only if somebody asks, and
 * given up when memory is short. Safe from any thread.
 */
final class BlockedCode implements Supplier<@Nullable String> {
  private static final String LIBRARY = "com.microsoft.durabletask.";

  private final SoftReference<Throwable> thrown;

  private BlockedCode(Throwable thrown) {
    this.thrown = new SoftReference<>(thrown);
  }

  /**
   * Where code waits that was left by throwing.
   *
   * @param thrown what was thrown; null if the code returned, and so does not wait
   */
  static Supplier<@Nullable String> of(@Nullable Throwable thrown) {
    return thrown == null ? () -> null : new BlockedCode(thrown);
  }

  /** The line; null if it is not known any more. */
  @Override
  public @Nullable String get() {
    Throwable known = thrown.get();
    return known == null ? null : CodeLocation.of(known.getStackTrace(), LIBRARY);
  }
}
