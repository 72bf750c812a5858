package dev.perdure.engine;

import dev.perdure.api.EntityId;
import dev.perdure.api.InvalidInstanceIdException;
import org.jspecify.annotations.Nullable;

/** What may be the id of an instance, and where instances live. */
public final class InstanceIds {
  private InstanceIds() {}

  /**
   * Checks the id of an orchestration.
   *
   * @param charsMax the most characters it may have
   * @throws InvalidInstanceIdException if it cannot be one
   */
  public static void check(@Nullable String id, int charsMax) {
    if (id == null) {
      throw new InvalidInstanceIdException("The instance id is null. Give one, or leave it out.");
    }
    if (id.isBlank()) {
      throw new InvalidInstanceIdException("The instance id is empty. Give one, or leave it out.");
    }
    if (id.length() > charsMax) {
      throw new InvalidInstanceIdException(
          "The instance id '%s...' has %d characters; use %d or fewer."
              .formatted(id.substring(0, 32), id.length(), charsMax));
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      if (Character.isISOControl(c)) {
        throw new InvalidInstanceIdException(
            "The instance id holds the control character U+%04X at index %d. Use printable characters."
                .formatted((int) c, i));
      }
      if (Character.isSurrogate(c)
          && !(Character.isHighSurrogate(c)
              && i + 1 < id.length()
              && Character.isLowSurrogate(id.charAt(i + 1)))) {
        throw new InvalidInstanceIdException(
            "The instance id holds half a character (a lone surrogate) at index %d.".formatted(i));
      }
      if (Character.isHighSurrogate(c)) {
        i++;
      }
    }
    if (id.charAt(0) == '@') {
      throw new InvalidInstanceIdException(
          ("The instance id '%s' begins with '@', which is for entities. What an entity is asked for"
                  + " goes through callEntity, signalEntity and getEntity.")
              .formatted(id));
    }
  }

  /**
   * Checks the length of an entity's id; its characters were checked when it was made.
   *
   * @param charsMax the most characters it may have as an instance id
   * @return the entity as an instance id
   * @throws InvalidInstanceIdException if it is too long
   */
  public static String of(EntityId entity, int charsMax) {
    String id = entity.instanceId();
    if (id.length() > charsMax) {
      throw new InvalidInstanceIdException(
          "The id of entity '%s...' has %d characters; use %d or fewer (limits.instanceIdCharsMax)."
              .formatted(id.substring(0, 32), id.length(), charsMax));
    }
    return id;
  }

  /**
   * The partition of an instance. Fixed for ever: it decides where an instance is stored.
   *
   * @param partitions the number of partitions of the hub
   */
  public static int partition(String id, int partitions) {
    int hash = 0x811c9dc5; // FNV-1a over UTF-16 units, then a mix so that low bits depend on all
    for (int i = 0; i < id.length(); i++) {
      hash = (hash ^ id.charAt(i)) * 0x01000193;
    }
    hash ^= hash >>> 16;
    hash *= 0x85ebca6b;
    hash ^= hash >>> 13;
    return Math.floorMod(hash, partitions);
  }
}
