package dev.perdure.engine.entity;

import dev.perdure.api.Payload;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What waits in the queue of an entity. */
public sealed interface EntityRequest {
  /** When the entity received it, in milliseconds since 1970. */
  long since();

  /**
   * An operation to run.
   *
   * @param name the operation, as the caller wrote it
   * @param caller the task that waits for the result; null for a signal
   */
  record Operation(long since, String name, @Nullable Payload input, @Nullable TaskAddress caller)
      implements EntityRequest {}

  /**
   * A wish to lock some entities, which goes from one to the next in their order. Whoever meets it
   * at the head of its queue is locked and passes it on; the last one tells the owner.
   *
   * @param owner the task that asked
   * @param lockSet the entities, as instance ids, in order
   * @param position which of them this is
   */
  record LockRequest(long since, TaskAddress owner, List<String> lockSet, int position)
      implements EntityRequest {}
}
