package dev.perdure.engine.instance;

import java.util.List;

/**
 * The locks of entities that an orchestration has asked for: one set at a time. They are released
 * when it says so, and when its execution ends.
 *
 * @param taskId the task that asked
 * @param since when, in milliseconds since 1970
 * @param lockSet the entities, as instance ids, in the order in which they are locked
 * @param granted whether all of them are held; if not, the request is on its way from one to the
 *     next
 */
public record EntityLocks(int taskId, long since, List<String> lockSet, boolean granted) {
  EntityLocks asGranted() {
    return new EntityLocks(taskId, since, lockSet, true);
  }
}
