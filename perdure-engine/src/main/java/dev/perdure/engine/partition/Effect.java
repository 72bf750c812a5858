package dev.perdure.engine.partition;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What the world may notice once the transition that caused it is durable. */
@FunctionalInterface
interface Effect {
  /** The transition is durable. */
  void perform();

  /** The commit failed: it is not known whether the transition is durable. */
  default void abandon(Throwable reason) {}

  /** A refusal to somebody who waits; what it says must be true after a crash, too. */
  record Refusal(CompletableFuture<?> future, Throwable reason) implements Effect {
    @Override
    public void perform() {
      future.completeExceptionally(reason);
    }

    @Override
    public void abandon(Throwable unknown) {
      future.completeExceptionally(unknown);
    }
  }

  /** An answer to somebody who waits. */
  record Reply<T extends @Nullable Object>(CompletableFuture<T> future, T value) implements Effect {
    @Override
    public void perform() {
      future.complete(value);
    }

    @Override
    public void abandon(Throwable reason) {
      future.completeExceptionally(reason);
    }
  }
}
