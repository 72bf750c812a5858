package dev.perdure.http;

import java.io.IOException;
import java.io.UncheckedIOException;
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
  private final Map<String, String> keys; // guarded by this

  private KeyFile(Path file, Map<String, String> keys) {
    this.file = file;
    this.keys = keys;
  }

  /**
   * Opens a file; it need not be there.
   *
   * @throws IOException if it cannot be read, or holds something else
   */
  public static KeyFile open(Path file) throws IOException {
    Map<String, String> keys = new TreeMap<>();
    try {
      int number = 0;
      for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
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
      protect(file);
    } catch (NoSuchFileException e) {
      // it is made with the first key
    }
    return new KeyFile(file, keys);
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
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "'%s' cannot be the name of a key. Use lower-case letters, digits and -_./ only."
                .formatted(name));
      }
      byte[] bytes = new byte[RANDOM_BYTES];
      random.nextBytes(bytes);
      key = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
      keys.put(name, key);
      try {
        write();
      } catch (IOException e) {
        keys.remove(name);
        throw new UncheckedIOException("The file of keys " + file + " cannot be written", e);
      }
    }
    return key;
  }

  /** The key of a name, if there is one. */
  public synchronized Optional<String> find(String name) {
    return Optional.ofNullable(keys.get(name));
  }

  private void write() throws IOException {
    StringBuilder text =
        new StringBuilder(
            "# Keys for the HTTP API. Whoever has one can use it; keep them secret.\n");
    keys.forEach((name, key) -> text.append(name).append('=').append(key).append('\n'));
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
    } finally {
      Files.deleteIfExists(fresh);
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
