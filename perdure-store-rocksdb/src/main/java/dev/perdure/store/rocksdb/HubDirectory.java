package dev.perdure.store.rocksdb;

import dev.perdure.store.CorruptStoreException;
import dev.perdure.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A hub's directory, locked against other processes and other stores of this one.
 *
 * <pre>
 *   FORMAT    version, number of partitions and number of the hub; written before anything else,
 *             and again when a newer Perdure opens the hub
 *   OPENING   how often the hub has been opened
 *   LOCK      locked while open; holds the process id, for people
 *   log/      see {@link CommitLog}
 *   rows/     see {@link RowTables}
 * </pre>
 */
final class HubDirectory implements AutoCloseable {
  /**
   * 1: orchestrations. 2: entities too. 3: instances leave calls to their history. 4: rewinds say
   * how tasks are counted from then on. 5: they say what the code had told of itself, and calls of
   * activities that they want none of a version. It goes up with the format of anything that is
   * stored: an older version has to refuse what it cannot read. A hub of an older format becomes
   * one of this when it is opened.
   */
  static final int FORMAT_VERSION = 5;

  private static final String FORMAT = "FORMAT";
  private static final String OPENING = "OPENING";
  private static final String LOCK = "LOCK";
  private static final String LOG = "log";
  private static final String ROWS = "rows";
  private static final String UNFINISHED = ".tmp";

  /** What may lie in a directory whose hub was never finished making. */
  private static final Set<String> BEFORE_FORMAT = Set.of(LOCK, FORMAT + UNFINISHED);

  /**
   * Directories open in this process, as system properties: there may be several of this class, of
   * applications with class loaders of their own. Asking the system is not enough: it gives away a
   * process's locks on a file as soon as the process closes any other handle of it, so a second
   * attempt to open a hub would unlock it for everybody.
   */
  private static final String OPEN_HERE = "dev.perdure.hub.open.";

  private final Path path;
  private final Path real;
  private final FileChannel lockChannel;
  private final int partitions;
  private final long hub;
  private final long opening;

  private HubDirectory(
      Path path, Path real, FileChannel lockChannel, int partitions, long hub, long opening) {
    this.path = path;
    this.real = real;
    this.lockChannel = lockChannel;
    this.partitions = partitions;
    this.hub = hub;
    this.opening = opening;
  }

  /** Whether there is a hub in a directory. */
  static boolean isHub(Path path) {
    return Files.isRegularFile(path.resolve(FORMAT));
  }

  /** Opens a directory; makes the hub if there is none. */
  static HubDirectory open(Path path, RocksStoreOptions options) {
    Path real = makeDirectory(path);
    if (System.getProperties().putIfAbsent(OPEN_HERE + real, "true") != null) {
      throw locked(path, "this program has it open already", null);
    }
    FileChannel channel = null;
    try {
      refuseForeignDirectory(path);
      channel = Uninterrupted.run(() -> lock(path));
      refuseIncomplete(path);
      Map<String, String> format = readFormat(path, options);
      int partitions = (int) number(path, FORMAT, format, "partitions");
      Files.createDirectories(path.resolve(LOG));
      Files.createDirectories(path.resolve(ROWS));
      long opening = nextOpening(path); // which makes the names of the directories durable too
      return new HubDirectory(
          path, real, channel, partitions, number(path, FORMAT, format, "hub"), opening);
    } catch (IOException e) {
      abandon(real, channel);
      throw notWritable(path, e);
    } catch (RuntimeException | Error e) {
      abandon(real, channel);
      throw e;
    }
  }

  private static void abandon(Path real, @Nullable FileChannel channel) {
    if (channel != null) {
      closeQuietly(channel);
    }
    System.clearProperty(OPEN_HERE + real);
  }

  private static Path makeDirectory(Path path) {
    try {
      CommitLog.makeDirectories(path);
      return path.toRealPath();
    } catch (IOException e) {
      throw notWritable(path, e);
    }
  }

  private static void refuseForeignDirectory(Path path) throws IOException {
    if (Files.exists(path.resolve(FORMAT))) {
      return;
    }
    List<String> strangers = new ArrayList<>();
    try (DirectoryStream<Path> listing = Files.newDirectoryStream(path)) {
      for (Path file : listing) {
        String name = file.getFileName().toString();
        if (!BEFORE_FORMAT.contains(name)) {
          strangers.add(name);
        }
      }
    }
    if (!strangers.isEmpty()) {
      throw new StoreException(
          "PD-2006",
          "%s is not a Perdure hub and not empty (it has '%s'). Name an empty or new directory; Perdure does not mix its files with others."
              .formatted(path, strangers.getFirst()),
          null);
    }
  }

  /**
   * A hub that was opened before has all its directories; what would be made in the place of one
   * that is away would hide that.
   */
  private static void refuseIncomplete(Path path) {
    for (String part : List.of(LOG, ROWS)) {
      if (Files.exists(path.resolve(OPENING)) && !Files.isDirectory(path.resolve(part))) {
        throw new CorruptStoreException(
            "The hub %s has no directory '%s' any more. Nothing was changed. Put it back; if it is lost, restore the newest backup."
                .formatted(path, part),
            null);
      }
    }
  }

  private static FileChannel lock(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path.resolve(LOCK),
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE);
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw locked(path, "another process has it open" + ownerOf(path), null);
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(Bytes.utf8("pid=" + ProcessHandle.current().pid() + "\n")), 0);
      return channel;
    } catch (IOException | RuntimeException e) {
      closeQuietly(channel); // or nobody in this process could lock it again
      throw e;
    }
  }

  private static String ownerOf(Path path) {
    try {
      String owner = Files.readString(path.resolve(LOCK)).strip();
      return owner.isEmpty() ? "" : " (" + owner + ")";
    } catch (IOException e) {
      return "";
    }
  }

  private static StoreException locked(Path path, String why, @Nullable Throwable cause) {
    return new StoreException(
        "PD-2001",
        "The hub in %s cannot be opened: %s. Close that one first, or open a hub in another directory; a hub belongs to one process at a time."
            .formatted(path, why),
        cause);
  }

  private static StoreException notWritable(Path path, IOException cause) {
    StoreException told = Errors.io("Opening the hub", existing(path), cause);
    if (told.code().equals("PD-2007")) {
      return told;
    }
    return StoreException.notWritable("The directory " + path, cause);
  }

  private static Path existing(Path path) {
    Path at = path.toAbsolutePath();
    while (!Files.exists(at) && at.getParent() != null) {
      at = at.getParent();
    }
    return at;
  }

  // ---- FORMAT -------------------------------------------------------------------------------

  private static Map<String, String> readFormat(Path path, RocksStoreOptions options)
      throws IOException {
    if (!Files.exists(path.resolve(FORMAT))) {
      writeFormat(path, options.partitionsOfNewHub(), new SecureRandom().nextLong());
    }
    Map<String, String> format = read(path, FORMAT);
    long version = number(path, FORMAT, format, "format");
    if (version > FORMAT_VERSION) {
      throw new StoreException(
          "PD-2004",
          "The hub in %s was written by a newer Perdure (format %d, made by %s); this one knows formats up to %d. Use that version or a newer one; nothing was changed."
              .formatted(
                  path, version, format.getOrDefault("created-by", "unknown"), FORMAT_VERSION),
          null);
    }
    int partitions = (int) number(path, FORMAT, format, "partitions");
    if (options.partitions().isPresent() && options.partitions().getAsInt() != partitions) {
      throw StoreException.otherPartitions(
          "The hub in " + path, partitions, options.partitions().getAsInt());
    }
    if (version < FORMAT_VERSION) {
      // Before anything is written that an older Perdure would take for damage.
      writeFormat(path, partitions, number(path, FORMAT, format, "hub"));
    }
    return format;
  }

  private static void writeFormat(Path path, int partitions, long hub) throws IOException {
    String version = HubDirectory.class.getPackage().getImplementationVersion();
    write(
        path,
        FORMAT,
        "format=%d%npartitions=%d%nhub=%d%ncreated-by=perdure %s%n"
            .formatted(FORMAT_VERSION, partitions, hub, version == null ? "unreleased" : version));
  }

  // ---- OPENING ------------------------------------------------------------------------------

  private static long nextOpening(Path path) throws IOException {
    long last =
        Files.exists(path.resolve(OPENING))
            ? number(path, OPENING, read(path, OPENING), "opening")
            : 0;
    writeOpening(path, last + 1);
    return last + 1;
  }

  private static void writeOpening(Path path, long opening) throws IOException {
    write(path, OPENING, "opening=%d%n".formatted(opening));
  }

  // ---- small files --------------------------------------------------------------------------

  /** Writes a file so that a crash leaves the old content or the new. */
  private static void write(Path path, String name, String content) throws IOException {
    Path unfinished = path.resolve(name + UNFINISHED);
    Uninterrupted.run(() -> writeDurably(unfinished, content));
    Files.move(unfinished, path.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    CommitLog.forceDirectory(path);
  }

  private static Path writeDurably(Path file, String content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      channel.write(ByteBuffer.wrap(Bytes.utf8(content)));
      channel.force(true);
    }
    return file;
  }

  private static Map<String, String> read(Path path, String name) throws IOException {
    Map<String, String> values = new HashMap<>();
    for (String line : Files.readAllLines(path.resolve(name))) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        values.put(line.substring(0, equals).strip(), line.substring(equals + 1).strip());
      }
    }
    return values;
  }

  private static long number(Path path, String name, Map<String, String> values, String key) {
    try {
      return Long.parseLong(values.getOrDefault(key, ""));
    } catch (NumberFormatException e) {
      throw Errors.corrupt(
          "The file %s of the hub does not say '%s'.".formatted(path.resolve(name), key), e);
    }
  }

  // ---- the open directory -------------------------------------------------------------------

  Path path() {
    return path;
  }

  Path log() {
    return path.resolve(LOG);
  }

  Path rows() {
    return path.resolve(ROWS);
  }

  int partitions() {
    return partitions;
  }

  /** A random number that tells this hub's blocks from others'. */
  long hub() {
    return hub;
  }

  /** Counts openings from 1. */
  long opening() {
    return opening;
  }

  /** Makes a directory for a copy of this hub, without what makes it one. */
  Path beginCopy(Path target) {
    try {
      refuseWithin(target);
      CommitLog.makeDirectories(target);
      try (DirectoryStream<Path> listing = Files.newDirectoryStream(target)) {
        if (listing.iterator().hasNext()) {
          throw new StoreException(
              "PD-2006",
              "%s is not empty. Name an empty or new directory for the backup.".formatted(target),
              null);
        }
      }
      Files.createDirectory(target.resolve(log().getFileName()));
      return target;
    } catch (IOException e) {
      throw notWritable(target, e);
    }
  }

  private void refuseWithin(Path target) throws IOException {
    Path existing = target.toAbsolutePath().normalize();
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (existing != null && existing.toRealPath().startsWith(real)) {
      throw new StoreException(
          "PD-2006",
          "%s lies within the hub of which it would be a copy. Name a directory outside of it."
              .formatted(target),
          null);
    }
  }

  /** Makes a copy a hub, once all else is there. */
  void finishCopy(Path target) throws IOException {
    writeOpening(target, opening);
    writeFormat(target, partitions, hub);
  }

  /** Does nothing the second time: by then the hub may be open elsewhere. */
  @Override
  public void close() {
    if (lockChannel.isOpen()) {
      abandon(real, lockChannel);
    }
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      System.getLogger(HubDirectory.class.getName())
          .log(System.Logger.Level.DEBUG, "Closing the lock file failed", e);
    }
  }
}
