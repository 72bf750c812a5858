package dev.perdure.api;

import java.util.Locale;
import java.util.Objects;

/**
 * The identity of an entity: which sort of entity it is, and which one of them. Written as an
 * instance id it is {@code @name@key}.
 *
 * @param name the entity's name, in lower case: names that differ in case only are the same. 1 to
 *     200 characters, none of them {@code @} or a control character
 * @param key which one; any text without control characters, also an empty one. Case matters
 */
public record EntityId(String name, String key) implements Comparable<EntityId> {
  private static final int NAME_CHARS_MAX = 200;

  /**
   * Checks both parts and folds the name to lower case.
   *
   * @throws InvalidInstanceIdException if they cannot be an entity's
   */
  public EntityId {
    Objects.requireNonNull(name, "The entity's name is null");
    Objects.requireNonNull(key, "The entity's key is null");
    if (name.isBlank()) {
      throw new InvalidInstanceIdException(
          "An entity's name is empty. Name the entity, as in EntityId.of(\"counter\", \"a\").");
    }
    if (name.length() > NAME_CHARS_MAX) {
      throw new InvalidInstanceIdException(
          "An entity's name has %d characters; use %d or fewer."
              .formatted(name.length(), NAME_CHARS_MAX));
    }
    if (name.indexOf('@') >= 0) {
      throw new InvalidInstanceIdException(
          "The entity name '%s' holds '@', which ends a name. To read an id such as @counter@a, use EntityId.parse."
              .formatted(name));
    }
    checkCharacters("name", name);
    checkCharacters("key", key);
    name = name.toLowerCase(Locale.ROOT);
  }

  private static void checkCharacters(String what, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c)) {
        throw new InvalidInstanceIdException(
            "An entity's %s holds the control character U+%04X at index %d. Use printable characters."
                .formatted(what, (int) c, i));
      }
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (Character.isSurrogate(c) && !pair) {
        throw new InvalidInstanceIdException(
            "An entity's %s holds half a character (a lone surrogate) at index %d."
                .formatted(what, i));
      }
      if (pair) {
        i++;
      }
    }
  }

  /** The entity of a name with a key. */
  public static EntityId of(String name, String key) {
    return new EntityId(name, key);
  }

  /**
   * The entity of a class with a key: its name is that of the {@link Entity} annotation, or the
   * simple name of the class.
   */
  public static EntityId of(Class<?> entity, String key) {
    return new EntityId(nameOf(entity), key);
  }

  /** The name under which a class is registered as an entity. */
  public static String nameOf(Class<?> entity) {
    Entity annotation = entity.getAnnotation(Entity.class);
    return annotation == null || annotation.name().isEmpty()
        ? entity.getSimpleName().toLowerCase(Locale.ROOT)
        : annotation.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Reads an id of the form {@code @name@key}. The key is all that follows the second {@code @}.
   *
   * @throws InvalidInstanceIdException if the text has another form
   */
  public static EntityId parse(String instanceId) {
    int second = instanceId.indexOf('@', 1);
    if (!isEntityId(instanceId) || second < 0) {
      throw new InvalidInstanceIdException(
          "'%s' is not the id of an entity. Such ids have the form @name@key."
              .formatted(instanceId));
    }
    return new EntityId(instanceId.substring(1, second), instanceId.substring(second + 1));
  }

  /** Whether an instance id is that of an entity rather than of an orchestration. */
  public static boolean isEntityId(String instanceId) {
    return !instanceId.isEmpty() && instanceId.charAt(0) == '@';
  }

  /** The id as an instance id: {@code @name@key}. */
  public String instanceId() {
    return "@" + name + "@" + key;
  }

  /** By name, then by key: the order in which locks are taken. */
  @Override
  public int compareTo(EntityId other) {
    int byName = name.compareTo(other.name);
    return byName != 0 ? byName : key.compareTo(other.key);
  }

  @Override
  public String toString() {
    return instanceId();
  }
}
