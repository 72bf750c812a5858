package dev.perdure.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Keys by name, in a file that only its owner can read. A key is made when it is first asked for.
 *
 * <p>Each line has a name and its key, with {@code =} between them. Names are in lower case and may
 * have parts, such as {@code system/durabletask_extension} or {@code function/hello/default}. Safe
 * from any thread; two processes must not use the same file.
 */
public final class KeyFile {
  private static final System.Logger LOG = System.getLogger("dev.perdure.http");
  private static final Pattern NAME = Pattern.compile("[a-z0-9_./-]{1,200}");
  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{16,200}");
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");
  private static final int RANDOM_BYTES = 32;

  private final Path file;
  private final SecureRandom random = new SecureRandom();

  /** Never changed, only replaced, which {@code this} guards. */
  private volatile Map<String, String> keys;

  private KeyFile(Path file, Map<String, String> keys) {
    this.file = file;
    this.keys = Collections.unmodifiableMap(keys);
  }

  /**
   * Opens a file; it need not be there.
   *
   * @throws IOException if it cannot be read, or holds something else
   */
  public static KeyFile open(Path file) throws IOException {
    Map<String, String> keys = new TreeMap<>();
    int number = 0;
    for (String line : lines(file)) {
      number++;
      if (!line.isBlank() && line.charAt(0) != '#') {
        int equals = line.indexOf('=');
        String name = equals < 0 ? "" : line.substring(0, equals).strip();
        String key = line.substring(equals + 1).strip();
        if (!NAME.matcher(name).matches() || !KEY.matcher(key).matches()) {
          throw new IOException(
              "The file of keys %s cannot be understood in line %d. Each line has a name, '=' and a key of 16 characters or more; or remove the file to have new keys made."
                  .formatted(file, number));
        }
        keys.put(name, key);
      }
    }
    return new KeyFile(file, keys);
  }

  private static List<String> lines(Path file) throws IOException {
    try {
      List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
      protect(file);
      return lines;
    } catch (NoSuchFileException e) {
      return List.of(); // it is made with the first key
    } catch (IOException e) {
      throw new IOException(
          "The file of keys %s cannot be read: %s. Check its permissions, and that it is a text; or remove it to have new keys made."
              .formatted(file, reason(e)),
          e);
    }
  }

  /** The message of such an exception is often no more than a path. */
  private static String reason(IOException e) {
    return e.getClass().getSimpleName() + " " + e.getMessage();
  }

  private static boolean hasPermissions() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  }

  private static void protect(Path file) throws IOException {
    if (hasPermissions() && !Files.getPosixFilePermissions(file).equals(OWNER_ONLY)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "The file of keys {0} could be read by others. Now only its owner can; consider new keys",
          file);
      Files.setPosixFilePermissions(file, OWNER_ONLY);
    }
  }

  /**
   * The key of a name; it is made if there is none.
   *
   * @throws IllegalArgumentException if that cannot be a name
   * @throws UncheckedIOException if the key was made and cannot be written
   */
  public synchronized String key(String name) {
    String key = keys.get(name);
    if (key == null) {
      key = fresh();
      set(name, key);
    }
    return key;
  }

  /** The key of a name, if there is one. */
  public Optional<String> find(String name) {
    return Optional.ofNullable(keys.get(name));
  }

  /** The names of all keys, in order. */
  public Set<String> names() {
    return keys.keySet();
  }

  /** All keys by their names; another map after each change. */
  Map<String, String> all() {
    return keys;
  }

  /** A key that nobody can guess. It is not kept. */
  public String fresh() {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /**
   * Gives a name a key, in place of the one it may have. It counts at once.
   *
   * @return whether the name had none
   * @throws IllegalArgumentException if that cannot be a name, or not a key
   * @throws UncheckedIOException if it cannot be written; then nothing has changed
   */
  public synchronized boolean set(String name, String key) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "'%s' cannot be the name of a key. Use lower-case letters, digits and -_./ only."
              .formatted(name));
    }
    if (!KEY.matcher(key).matches()) {
      throw new IllegalArgumentException(
          "This cannot be a key. Use 16 to 200 letters, digits and other printable characters of ASCII, without spaces.");
    }
    Map<String, String> changed = new TreeMap<>(keys);
    boolean isNew = changed.put(name, key) == null;
    replace(changed);
    return isNew;
  }

  /**
   * Removes a key. It does not count any more, at once.
   *
   * @return whether there was one
   * @throws UncheckedIOException if that cannot be written; then nothing has changed
   */
  public synchronized boolean remove(String name) {
    Map<String, String> changed = new TreeMap<>(keys);
    if (changed.remove(name) == null) {
      return false;
    }
    replace(changed);
    return true;
  }

  private void replace(Map<String, String> changed) {
    try {
      write(changed);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The file of keys %s cannot be written: %s. Check that there is room, and the permissions of its directory."
              .formatted(file, reason(e)),
          e);
    }
    keys = Collections.unmodifiableMap(changed);
  }

  private void write(Map<String, String> changed) throws IOException {
    StringBuilder text =
        new StringBuilder(
            "# Keys for the HTTP API. Whoever has one can use it; keep them secret.\n");
    changed.forEach((name, key) -> text.append(name).append('=').append(key).append('\n'));
    Path directory = file.toAbsolutePath().getParent();
    Files.createDirectories(directory);
    Path fresh =
        Files.createTempFile(
            directory,
            ".keys-",
            ".tmp",
            hasPermissions()
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                : new FileAttribute<?>[0]);
    try {
      Files.writeString(fresh, text, StandardOpenOption.SYNC);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      if (directory != null) {
        sync(directory);
      }
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /** Without it a lost power supply may bring back a key that was removed. */
  private static void sync(Path directory) throws IOException {
    if (hasPermissions()) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /** Where it is. */
  public Path file() {
    return file;
  }

  @Override
  public String toString() {
    return "KeyFile[" + file + "]";
  }
}
