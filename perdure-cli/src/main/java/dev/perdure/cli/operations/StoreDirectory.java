package dev.perdure.cli.operations;

import dev.perdure.store.Store;
import dev.perdure.store.StoreException;
import dev.perdure.store.rocksdb.RocksStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Directories with hubs: that of a hub itself, or one with a hub in each subdirectory. */
public final class StoreDirectory {
  /** The hub of whoever names none. */
  public static final String DEFAULT_HUB = "default";

  /** Where an app keeps its hub and its keys. */
  private static final String OF_APP = ".perdure";

  private static final String IN_USE = "PD-2001";

  private StoreDirectory() {}

  /**
   * The directory of a hub. Nothing is made.
   *
   * @param directory the hub's own, or the store of a server, which has one for each hub, or that
   *     of an app
   * @param hub which of several hubs; null for the default one, or the only one
   * @throws NoSuchFileException if there is no such hub
   */
  public static Path hub(Path directory, @Nullable String hub) throws IOException {
    if (RocksStore.isHub(directory)) {
      if (hub != null && !hub.equalsIgnoreCase(name(directory))) {
        throw new NoSuchFileException(
            directory.toString(),
            null,
            "this is the directory of one hub, so none can be chosen with --hub");
      }
      return directory;
    }
    List<String> hubs = hubsIn(directory);
    if (hubs.isEmpty() && Files.isDirectory(directory.resolve(OF_APP))) {
      return hub(directory.resolve(OF_APP), hub);
    }
    if (hubs.isEmpty()) {
      throw new NoSuchFileException(
          directory.toString(), null, "there is no hub here; name the directory of one");
    }
    if (hub == null && hubs.size() == 1) {
      return directory.resolve(hubs.getFirst());
    }
    String wanted = (hub == null ? DEFAULT_HUB : hub).toLowerCase(Locale.ROOT);
    if (!hubs.contains(wanted)) {
      throw new NoSuchFileException(
          directory.toString(),
          null,
          "there is no hub '%s' here; choose one of %s with --hub, or by its own directory"
              .formatted(
                  wanted, hubs.stream().map(n -> "'" + n + "'").collect(Collectors.joining(", "))));
    }
    return directory.resolve(wanted);
  }

  private static List<String> hubsIn(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.filter(RocksStore::isHub).map(StoreDirectory::name).sorted().toList();
    }
  }

  private static String name(Path directory) {
    return Objects.requireNonNullElse(directory.getFileName(), directory).toString();
  }

  /**
   * Opens the store of a hub that is there.
   *
   * @throws IOException if a program has it open
   * @throws StoreException if it cannot be read
   */
  public static Store open(Path hub) throws IOException {
    try {
      return RocksStore.open(hub);
    } catch (StoreException e) {
      if (e.code().equals(IN_USE)) {
        throw new IOException(
            e.getMessage() + " If it is a server that has it open, ask that one, with --server.",
            e);
      }
      throw e;
    }
  }
}
