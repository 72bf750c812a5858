package dev.perdure.trigger.storage;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where a blob is in an account. Immutable.
 *
 * @param container the name of the container
 * @param name the name of the blob, which may have slashes
 */
record BlobPath(String container, String name) {
  private static final int NAME_MAX = 1_024;
  private static final Pattern CONTAINER = Pattern.compile("[a-z0-9](?:-?[a-z0-9])+");
  private static final int CONTAINER_MIN = 3;
  private static final int CONTAINER_MAX = 63;
  private static final Set<String> SPECIAL = Set.of("$root", "$web", "$logs");

  /**
   * Reads {@code container/name}.
   *
   * @throws IllegalArgumentException if it is not that, or no blob can have this name
   */
  static BlobPath parse(String text) {
    int slash = text.indexOf('/');
    if (slash <= 0 || slash == text.length() - 1) {
      throw new IllegalArgumentException(
          "'%s' is not the path of a blob; it has to be container/name.".formatted(text));
    }
    String name = text.substring(slash + 1);
    if (name.length() > NAME_MAX) {
      throw new IllegalArgumentException(
          "The name of a blob in the container '%s' has %d characters, and the most is %d."
              .formatted(text.substring(0, slash), name.length(), NAME_MAX));
    }
    return new BlobPath(checkedContainer(text.substring(0, slash)), name);
  }

  /**
   * A name of a container.
   *
   * @throws IllegalArgumentException if no container can have it
   */
  static String checkedContainer(String name) {
    if (!SPECIAL.contains(name) && !isContainer(name)) {
      throw new IllegalArgumentException(
          "'%s' cannot be the name of a container: it has to be 3 to 63 lower-case letters, digits and single hyphens, and begins and ends with a letter or a digit."
              .formatted(name));
    }
    return name;
  }

  private static boolean isContainer(String name) {
    return name.length() >= CONTAINER_MIN
        && name.length() <= CONTAINER_MAX
        && CONTAINER.matcher(name).matches();
  }

  @Override
  public String toString() {
    return container + "/" + name;
  }
}
