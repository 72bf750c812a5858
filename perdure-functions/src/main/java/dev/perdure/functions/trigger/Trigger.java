package dev.perdure.functions.trigger;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What makes one function run. Made by a {@link TriggerType}. Safe from any thread. */
public interface Trigger extends AutoCloseable {
  /** Begins. Called once, when the whole app is ready; must not block for long. */
  void start();

  /**
   * Completes once it brings whatever happens from then on, or could not yet and tries again later.
   * What has nothing to wait for does so at once.
   */
  default CompletableFuture<@Nullable Void> begun() {
    return CompletableFuture.completedFuture(null);
  }

  /**
   * What the function gets when it is run by hand.
   *
   * @param input the text that was given; empty for none
   */
  Invocation byHand(String input);

  /** Ends, and waits a short time for what is under way. Does nothing if it has not begun. */
  @Override
  void close();
}
