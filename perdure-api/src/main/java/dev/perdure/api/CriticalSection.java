package dev.perdure.api;

import java.util.List;

/**
 * A stretch of an orchestration during which it holds the locks of some entities: nobody else's
 * operations run on them. Ends with {@link #close}, or with the orchestration, however that ends.
 *
 * <pre>{@code
 * try (var section = ctx.lockEntities(from, to).await()) {
 *   ...
 * }
 * }</pre>
 *
 * <p>Within it the orchestration may call the locked entities only, each of them one operation at a
 * time; it may signal only others; and it may neither lock again nor start sub-orchestrations. What
 * breaks these rules throws {@link LockingRulesViolationException}. They are those of Durable
 * Functions, and they keep orchestrations from waiting for each other for ever.
 */
public interface CriticalSection extends AutoCloseable {
  /** The entities that are locked, in the order in which the locks were taken. */
  List<EntityId> entities();

  /** Whether it has not been closed. */
  boolean isOpen();

  /** Releases the locks. Does nothing the second time. */
  @Override
  void close();
}
