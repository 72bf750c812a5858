package dev.perdure.bench;

import dev.perdure.bench.harness.Directories;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Directories that must be gone in the end, also when the user has had enough and presses Ctrl-C: a
 * full run leaves gigabytes behind.
 */
final class Cleanup implements AutoCloseable {
  private final Set<Path> directories = ConcurrentHashMap.newKeySet();
  private final @Nullable Path around;
  private final Thread hook = Thread.ofPlatform().unstarted(this::onShutdown);

  /**
   * None yet.
   *
   * @param around what they are in. It goes last, and only if it is empty: another run may be using
   *     it at the same time
   */
  Cleanup(@Nullable Path around) {
    this.around = around;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Remembers a directory. */
  void add(Path directory) {
    directories.add(directory);
  }

  /** Removes a directory now. */
  void delete(Path directory) throws IOException {
    Directories.delete(directory);
    directories.remove(directory);
  }

  private void onShutdown() {
    // Nobody may go on writing what is being removed; only JVMs of this one can be below it.
    List<ProcessHandle> children = ProcessHandle.current().descendants().toList();
    children.forEach(ProcessHandle::destroyForcibly);
    children.forEach(child -> child.onExit().join());
    try {
      deleteAll();
    } catch (IOException e) {
      System.err.println("bench: could not remove its data: " + e);
    }
  }

  private void deleteAll() throws IOException {
    for (Path directory : directories) {
      delete(directory);
    }
    if (around != null) {
      try {
        Files.deleteIfExists(around);
      } catch (DirectoryNotEmptyException e) {
        // whoever put something there removes it
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // shutting down: the hook is at it
    }
    deleteAll();
  }
}
